//! `state repair` at the shell: what is damaged is made again, what was edited
//! by hand is accepted, and what cannot be is refused.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shell::World;

fn world() -> World {
    let world = World::staffed();
    std::fs::write(world.path("letter"), "letter").unwrap();
    for command in [
        "exception grant alice --long --org acme --reason accessibility --evidence letter",
        "user opt-out bob --org acme --until +9d",
        "user rename gus gustav",
        "org edit acme --grace-days 9",
        "user leave alice --org globex",
        "user remove erin --yes",
    ] {
        world.mfactl(command).exits(0);
    }
    world
}

fn read(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.state().join(path)).unwrap()
}

fn body(world: &World, path: &str) -> String {
    read(world, path).split_once('\n').unwrap().1.to_owned()
}

fn write(world: &World, path: &str, text: &str) {
    std::fs::write(world.state().join(path), text).unwrap();
}

#[track_caller]
fn is_sound(world: &World) {
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn what_the_log_tells_is_made_again() {
    let world = world();
    let files = [
        "operators.yaml",
        "orgs/acme.yaml",
        "orgs/globex.yaml",
        "users/all.yaml",
        "index/all.yaml",
        "due/2026-11-30.yaml",
        "due/2027-05-20.yaml",
    ];
    let none = world.mfactl("state repair -o json").exits(0).json();
    assert_eq!((&none["changed"], &none["rev"]), (&json!(false), &Value::Null));
    let damage: [fn(&World, &str); 5] = [
        |world, path| write(world, path, &format!("{}# by hand\n", read(world, path))),
        |world, path| write(world, path, &read(world, path)[..90]),
        |world, path| write(world, path, "\u{0}\n"),
        |world, path| std::fs::remove_file(world.state().join(path)).unwrap(),
        |world, path| {
            // A hash that was made to fit.
            let body = body(world, path).replace('e', "f");
            let hash: String = Sha256::digest(&body).iter().map(|b| format!("{b:02x}")).collect();
            let first = read(world, path).lines().next().unwrap()[..].to_owned();
            write(world, path, &format!("{}{hash}\n{body}", &first[..first.len() - 64]));
        },
    ];
    for path in files {
        let right = body(&world, path);
        for damage in damage {
            damage(&world, path);
            let damaged = world.mfactl("audit verify");
            // Without operators.yaml it cannot be known who asks.
            assert!([1, 7].contains(&damaged.code), "{path}: {}", damaged.stdout);
            let before = world.files();
            let dry = world.mfactl("state repair --dry-run -o json").exits(0).json();
            assert_eq!(dry["after"]["files"], json!([path]));
            assert!(world.files() == before);
            let done = world.mfactl("state repair -m sector -o json").exits(0).json();
            assert_eq!((&done["action"], &done["changed"]), (&json!("state.repair"), &json!(true)));
            assert_eq!(body(&world, path), right, "{path}");
            is_sound(&world);
        }
    }
    for path in files {
        write(&world, path, "gone");
    }
    write(&world, "orgs/acme.yaml", "");
    world.mfactl("state repair").exits(0);
    is_sound(&world);
    let gus = world.mfactl("user show gus --at 14 -o json").exits(0).json();
    assert_eq!(gus["id"], "u-gus", "the past is what it was");
    world.mfactl("user add erin --org acme").exits(0);
    is_sound(&world);
}

#[test]
fn shards_are_made_again_after_they_grew() {
    let world = World::hospital();
    let mut csv = "login,email,orgs\n".to_owned();
    for number in 0..100 {
        csv.push_str(&format!("new{number},new{number}@st-marys.example,st-marys\n"));
    }
    std::fs::write(world.path("more.csv"), csv).unwrap();
    world.mfactl("user import more.csv").exits(0);
    let users = world.mfactl("user list -o json").exits(0).stdout;
    assert!(world.path("demo/users/a.yaml").exists(), "it has grown");
    for path in ["users/a.yaml", "users/0.yaml", "index/3.yaml"] {
        std::fs::remove_file(world.state().join(path)).unwrap();
    }
    world.mfactl("user list").exits(7);
    world.mfactl("state repair").exits(0);
    assert_eq!(world.mfactl("user list -o json").exits(0).stdout, users);
    is_sound(&world);
}

#[test]
fn an_edit_by_hand_is_accepted_in_any_yaml() {
    let world = world();
    let org = "---\n'grace_days': 30  # longer\nname: Acme\nenforcement: {state: \"off\"}\nopt_out: deny\n";
    write(&world, "orgs/acme.yaml", org);
    let done = world.mfactl("state repair --accept orgs/acme.yaml -o json").exits(0).json();
    assert_eq!(done["after"]["accepted"], "orgs/acme.yaml");
    is_sound(&world);
    assert!(body(&world, "orgs/acme.yaml").contains("grace_days: 30\n"));
    let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
    let details = record[0]["details"].as_array().unwrap();
    let acme = details.iter().find(|detail| detail["subject"] == "acme").unwrap();
    assert_eq!(acme["before"]["grace_days"], 9);
    assert_eq!(acme["after"]["grace_days"], 30);
    let past = format!("org show acme --at {} -o json", world.rev() - 1);
    assert_eq!(world.mfactl(&past).exits(0).json()["grace_days"], 9);

    let users = read(&world, "users/all.yaml");
    let edited: String = users
        .lines()
        .filter(|line| !line.starts_with("\"dave\""))
        .map(|line| format!("{}\n", line.replace("alice@acme.example", "a.jones@acme.example")))
        .collect();
    let block = "zoe:\n  id: u-zoe\n  sign_in: password\n  active: true\n  mfa: off\n  memberships:\n    acme:\n      role: member\n      joined_at: 2026-11-21T00:00:00Z\n";
    write(&world, "users/all.yaml", &format!("{edited}{block}"));
    let path = world.state().join("users/all.yaml");
    let done = world.mfactl(&format!(
        "--state {0} state repair --accept {1}",
        world.state().display(),
        path.display()
    ));
    done.exits(0);
    is_sound(&world);
    world.mfactl("user show zoe").exits(0);
    world.mfactl("user show dave").exits(4);
    world.mfactl("user show mail:a.jones@acme.example").exits(0);
    world.mfactl("user show mail:alice@acme.example").exits(4);

    let operators = read(&world, "operators.yaml").replace("helpdesk:acme", "helpdesk:globex");
    write(&world, "operators.yaml", &operators);
    world.mfactl("state repair --accept operators.yaml").exits(0);
    is_sound(&world);
    let again = world.mfactl("state repair --accept operators.yaml -o json").exits(0).json();
    assert_eq!(again["changed"], false);
    // Nothing but another way to write it: in canonical form again.
    let text = read(&world, "users/all.yaml").replacen("{\"id\"", "{ \"id\"", 1);
    write(&world, "users/all.yaml", &text);
    world.mfactl("state repair --accept users/all.yaml").exits(0);
    assert!(!read(&world, "users/all.yaml").contains("{ "));
    is_sound(&world);
}

#[test]
fn what_cannot_be_accepted_is_refused() {
    let world = world();
    let users = read(&world, "users/all.yaml");
    let operators = read(&world, "operators.yaml");
    let zoe = "{\"id\":\"u-zoe\",\"sign_in\":\"password\",\"active\":true,\"mfa\":\"off\",\"memberships\":{}}";
    let deep = "[".repeat(100_000);
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n";
    let long = format!("# {}\n", "x".repeat(5 << 20));
    for (path, text, exit) in [
        ("users/all.yaml", format!("{users}\"alice\": {zoe}\n"), 2),
        ("users/all.yaml", format!("{users}\"Zoe\": {zoe}\n"), 2),
        ("users/all.yaml", format!("{users}\"zoe zoe\": {zoe}\n"), 2),
        (
            "users/all.yaml",
            format!("{users}\"zoe\": {}\n", zoe.replace("u-zoe\"", "u-zoe\",\"x\":1,\"x\":\"")),
            2,
        ),
        (
            "users/all.yaml",
            format!("{users}\"zoe\": {}\n", zoe.replace("u-zoe\"", "u-zoe\",\"id\":\"u-zo\"")),
            2,
        ),
        ("users/all.yaml", format!("{users}zoe: {}\n", zoe.replace("\"off\"", "\"odd\"")), 2),
        ("users/all.yaml", format!("{users}zoe: {}\n", zoe.replace("u-zoe", "u-bob")), 3),
        (
            "users/all.yaml",
            format!(
                "{users}zoe: {}\n",
                zoe.replace(
                    "{}",
                    "{\"nowhere\":{\"role\":\"member\",\"joined_at\":\"2026-01-01T00:00:00Z\"}}"
                )
            ),
            3,
        ),
        ("users/all.yaml", users.replace("u-root", "u-toor"), 5),
        (
            "users/all.yaml",
            users.lines().filter(|l| !l.contains("hal.person")).map(|l| format!("{l}\n")).collect(),
            3,
        ),
        ("users/all.yaml", "[1, 2]".to_owned(), 2),
        ("users/all.yaml", bomb.to_owned(), 2),
        ("users/all.yaml", deep.clone(), 2),
        ("users/all.yaml", long, 2),
        ("users/all.yaml", "a: b: c".to_owned(), 2),
        ("users/all.yaml", "{}\n---\n{}\n".to_owned(), 2),
        ("orgs/acme.yaml", "name: x\n".to_owned(), 2),
        ("orgs/acme.yaml", String::new(), 2),
        ("operators.yaml", operators.replace("site-admin", "auditor"), 3),
        ("operators.yaml", operators.replace("\"sam\"", "\"sim\""), 5),
        ("operators.yaml", operators.replace("hal.person", "x"), 0),
    ] {
        let right = read(&world, path);
        write(&world, path, &text);
        let files = world.files();
        if exit != 0 {
            let run = world.mfactl(&format!("state repair --accept {path} -o json"));
            let shown: String =
                text.chars().rev().take(120).collect::<String>().chars().rev().collect();
            assert_eq!(run.code, exit, "{path} {shown}: {}{}", run.stdout, run.stderr);
            assert!(world.files() == files);
        }
        write(&world, path, &right);
    }
    is_sound(&world);
    for odd in ["due/x.yaml", "nowhere", "../x", "/etc/passwd", "lock", "orgs/none.yaml", "."] {
        world.mfactl(&format!("state repair --accept {odd}")).exits(2);
    }
    for odd in ["state.yaml", "index/all.yaml"] {
        let right = read(&world, odd);
        write(&world, odd, &format!("{right}# x\n"));
        let run = world.mfactl(&format!("state repair --accept {odd} -o json"));
        assert!(run.code == 2 || run.code == 7, "{odd}: {}", run.stderr);
        write(&world, odd, &right);
    }
    is_sound(&world);
}

#[test]
fn what_cannot_be_made_again_names_restore() {
    let world = world();
    let evidence = std::fs::read_dir(world.path("demo/evidence")).unwrap().next().unwrap().unwrap();
    let evidence = format!("evidence/{}", evidence.file_name().to_str().unwrap());
    for (path, from, to) in [
        ("state.yaml", "fan_out: 0", "fan_out: 1"),
        (evidence.as_str(), "letter", "better"),
        ("audit/000001.jsonl", "\"operator\":\"sam\"", "\"operator\":\"sim\""),
    ] {
        let right = read(&world, path);
        write(&world, path, &right.replacen(from, to, 1));
        let files = world.files();
        let run = world.mfactl("state repair -o json").exits(7);
        assert!(run.error()["hints"].to_string().contains("restore"), "{path}: {}", run.stderr);
        assert!(world.files() == files, "{path}");
        write(&world, path, &right);
    }
    write(&world, "orgs/stray.txt", "x");
    world.sh("chmod 600 demo/orgs/stray.txt").exits(0);
    let run = world.mfactl("state repair -o json").exits(7);
    assert!(run.error()["message"].as_str().unwrap().contains("does not belong"), "{}", run.stderr);
    std::fs::remove_file(world.path("demo/orgs/stray.txt")).unwrap();
    write(&world, "orgs/acme.yaml", "x");
    for who in ["ada", "hal", "aud", "pol", "nobody"] {
        world.as_user(who, "state repair").exits(5);
    }
    world.mfactl("state repair").exits(0);
    is_sound(&world);
}
