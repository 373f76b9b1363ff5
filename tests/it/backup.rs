//! Backup and restore at the shell: one revision while others write, as a new
//! revision of the same chain or where there is no state; and what is refused.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use shell::World;

/// Everything that people see of a state, but for its revisions.
fn whole(world: &World, at: &str) -> Value {
    let mut seen = Vec::new();
    for question in ["user list", "org list", "exception list --all"] {
        seen.push(world.mfactl(&format!("{question} {at} -o json")).exits(0).json());
    }
    json!([seen, world.mfactl("operator list -o json").exits(0).json()])
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[track_caller]
fn is_sound(world: &World) {
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn a_backup_comes_back_as_a_new_revision() {
    let world = World::staffed();
    std::fs::write(world.path("letter"), "letter").unwrap();
    world
        .mfactl("exception grant alice --long --org acme --reason accessibility --evidence letter")
        .exits(0);
    world.mfactl("user opt-out bob --org acme --until +9d").exits(0);
    let made = world.mfactl("state backup b.tar -o json").exits(0).json();
    let rev = world.rev();
    assert_eq!((&made["rev"], &made["secrets"]), (&json!(rev), &json!(false)));
    assert_eq!(mode(&world.path("b.tar")), 0o600);
    let before = whole(&world, "");
    is_sound(&world);

    let none = world.mfactl("state restore b.tar --yes -o json").exits(0).json();
    assert_eq!((&none["changed"], &none["rev"]), (&json!(false), &Value::Null));
    assert_eq!(world.rev(), rev);

    for change in [
        "user remove gus --yes",
        "user rename alice alicia",
        "user opt-in bob --org acme",
        "user add new.one --org acme --email new@acme.example",
        "org edit acme --grace-days 9",
        "org add initech",
        "exception revoke alicia#1",
        "operator add fay --os-user fay --service --role admin:acme",
    ] {
        world.mfactl(change).exits(0);
    }
    let files = world.files();
    let asked = world.mfactl("state restore b.tar").exits(2);
    assert!(asked.stderr.contains("needs a yes"), "{}", asked.stderr);
    assert!(asked.stderr.contains("5 users"), "{}", asked.stderr);
    let dry = world.mfactl("state restore b.tar --dry-run -o json").exits(0).json();
    assert!(world.files() == files, "a dry run writes nothing");
    assert_eq!((&dry["changed"], &dry["rev"]), (&json!(true), &Value::Null));
    let users = &dry["after"]["users"];
    assert_eq!(
        *users,
        json!({"added": 2, "changed": 1, "removed": 2, "first": ["alicia", "bob", "new.one", "alice", "gus"]})
    );
    assert_eq!(dry["after"]["exceptions"], 2);
    assert_eq!(dry["after"]["orgs"]["removed"], 1);
    assert_eq!(dry["after"]["operators"]["removed"], 1);

    let at = world.rev();
    let done = world.mfactl("state restore b.tar --yes -m back -o json").exits(0).json();
    assert_eq!(done["rev"], at + 1);
    assert_eq!(whole(&world, ""), before);
    is_sound(&world);
    let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
    assert_eq!(
        (&record[0]["action"], &record[0]["message"]),
        (&json!("state.restore"), &json!("back"))
    );
    let alicia = world.mfactl(&format!("user show alicia --at {at} -o json")).exits(0).json();
    assert_eq!(alicia["name"], "Alice Jones", "the past is what it was");
    world.mfactl("user show id:u-alice").exits(0);
    world.mfactl("user set-mfa alice off").exits(0);
}

#[test]
fn a_backup_founds_a_state_where_there_is_none() {
    let world = World::staffed();
    world.mfactl("org enforce acme on").exits(0);
    world.mfactl("state backup b.tar").exits(0);
    let (rev, before) = (world.rev(), whole(&world, ""));
    let id = world.mfactl("state info -o json").exits(0).json()["store_id"].clone();
    for command in ["rm -r demo", "rm -r demo && mkdir demo"] {
        world.sh(command).exits(0);
        world.mfactl("state restore b.tar --dry-run").exits(0);
        let denied = world.as_user("ada", "state restore b.tar -o json").exits(5);
        assert_eq!(denied.error()["code"], "not-permitted");
        assert!(!world.path("demo/state.yaml").exists(), "it is not there half");
        let done = world.mfactl("state restore b.tar -o json").exits(0).json();
        assert_eq!(done["rev"], rev + 1);
        assert_eq!(whole(&world, ""), before);
        let info = world.mfactl("state info -o json").exits(0).json();
        assert_eq!(info["store_id"], id);
        is_sound(&world);
        assert_eq!(mode(&world.state()), 0o700);
        let left: Vec<_> = std::fs::read_dir(world.dir()).unwrap().collect();
        assert_eq!(left.len(), 4, "nothing is left beside: {left:?}");
    }
    world.mfactl("user set-mfa alice off").exits(3);
    world.mfactl("user set-mfa gus on").exits(0);
}

#[test]
fn while_eight_writers_work_it_is_one_revision() {
    let world = World::hospital();
    let users =
        world.mfactl("user list --org st-marys --where sign_in=password,active=yes -o json");
    let logins: Vec<String> = users.json().as_array().unwrap()[..8]
        .iter()
        .map(|user| user["login"].as_str().unwrap().to_owned())
        .collect();
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let script: String = logins
                .iter()
                .map(|login| format!("mfactl --lock-timeout 120s -q user opt-out \"{login}\" --org st-marys --until +{}h --replace >/dev/null || exit 1\n", worker + 1))
                .collect();
            world.shell(&script).spawn().unwrap()
        })
        .collect();
    let backups: Vec<Value> = (0..6)
        .map(|number| {
            world
                .mfactl(&format!("--lock-timeout 120s state backup b{number}.tar -o json"))
                .exits(0)
                .json()
        })
        .collect();
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    let last = world.rev();
    let revs: BTreeSet<u64> = backups.iter().map(|made| made["rev"].as_u64().unwrap()).collect();
    assert!(revs.len() > 1, "nobody wrote meanwhile: {revs:?}");
    // What the writers change, which no list shows.
    let accounts = |at: &str| -> Vec<Value> {
        let show = |login: &String| {
            let mut user = world.mfactl(&format!("user show {login} {at} -o json")).exits(0).json();
            user["rev"].take();
            user
        };
        logins.iter().map(show).collect()
    };
    assert_ne!(accounts(""), accounts(&format!("--at {}", revs.first().unwrap())));
    for (number, made) in backups.iter().enumerate() {
        let rev = made["rev"].as_u64().unwrap();
        let then = (whole(&world, &format!("--at {rev}")), accounts(&format!("--at {rev}")));
        let now = world.rev();
        let done = world.mfactl(&format!("state restore b{number}.tar --yes -o json")).exits(0);
        if done.json()["changed"] == true {
            assert_eq!(world.rev(), now + 1);
        }
        assert_eq!((whole(&world, ""), accounts("")), then, "revision {rev}");
        is_sound(&world);
        let elsewhere = format!("mfactl --state other{number} state restore b{number}.tar");
        world.sh(&elsewhere).exits(0);
        world.sh(&format!("mfactl --state other{number} audit verify")).exits(0);
    }
    assert!(last >= backups[5]["rev"].as_u64().unwrap());
}

#[test]
fn who_may_and_where_to() {
    let world = World::staffed();
    for (who, exit) in [("ada", 5), ("hal", 5), ("pol", 5), ("nobody", 5), ("aud", 0)] {
        world.as_user(who, "state backup x.tar --yes").exits(exit);
    }
    world.as_user("aud", "state backup s.tar --with-secrets").exits(5);
    world.mfactl("state backup s.tar --with-secrets").exits(0);
    for who in ["ada", "hal", "aud", "pol"] {
        world.as_user(who, "state restore x.tar --yes").exits(5);
    }
    let there = world.mfactl("state backup x.tar").exits(2);
    assert!(there.stderr.contains("x.tar is there already"), "{}", there.stderr);
    world.sh("ln -s x.tar link && mkfifo pipe && mkdir folder").exits(0);
    for odd in
        ["link", "pipe", "folder", "-", "nowhere/x.tar", "x.tar/x", "demo/x.tar", "demo/users/x"]
    {
        world.mfactl(&format!("state backup {odd} --yes")).exits(2);
    }
    is_sound(&world);
    world.sh("echo >>demo/orgs/acme.yaml").exits(0);
    let damaged = world.mfactl("state backup d.tar -o json").exits(7);
    assert_eq!(damaged.error()["code"], "damaged");
    assert!(!world.path("d.tar").exists());
    let hidden = world.sh("ls -A | grep new-").stdout;
    assert_eq!(hidden, "", "nothing half made is left");
}

/// The entries of a backup: names, kinds, bytes.
fn entries(path: &Path) -> Vec<(tar::Header, Vec<u8>)> {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        (entry.header().clone(), bytes)
    });
    entries.collect()
}

fn pack(path: &Path, entries: &[(tar::Header, Vec<u8>)]) {
    let mut tar = tar::Builder::new(std::fs::File::create(path).unwrap());
    for (header, bytes) in entries {
        let mut header = header.clone();
        header.set_cksum();
        tar.append(&header, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap().flush().unwrap();
}

fn raw_name(header: &mut tar::Header, name: &str) {
    let field = &mut header.as_old_mut().name;
    field.fill(0);
    field[..name.len()].copy_from_slice(name.as_bytes());
}

#[test]
fn hostile_archives_change_nothing() {
    let world = World::small();
    world.mfactl("state backup good.tar").exits(0);
    let good = entries(&world.path("good.tar"));
    let bytes = std::fs::read(world.path("good.tar")).unwrap();
    let path = world.path("bad.tar");
    type Write = Box<dyn Fn(&Path)>;
    let mut bad: Vec<(String, Write)> = Vec::new();
    for cut in [0, 1, 511, 512, 700, 1024, 5_000, bytes.len() / 2, bytes.len() - 1024 - 512] {
        let part = bytes[..cut].to_vec();
        bad.push((format!("cut at {cut}"), Box::new(move |p| std::fs::write(p, &part).unwrap())));
    }
    bad.push(("noise".into(), Box::new(|p| std::fs::write(p, "noise ".repeat(9_000)).unwrap())));
    let last = good.len() - 1;
    type Edit = Box<dyn Fn(&mut Vec<(tar::Header, Vec<u8>)>)>;
    let edits: Vec<(&str, Edit)> = vec![
        ("dots", Box::new(move |e| raw_name(&mut e[last].0, "../evil"))),
        ("dots inside", Box::new(move |e| raw_name(&mut e[last].0, "users/../../evil"))),
        ("absolute", Box::new(move |e| raw_name(&mut e[last].0, "/tmp/evil"))),
        ("sign-in state", Box::new(move |e| raw_name(&mut e[last].0, "signin/000.yaml"))),
        ("secrets", Box::new(move |e| raw_name(&mut e[last].0, "secrets/all.yaml"))),
        ("a shadow", Box::new(move |e| raw_name(&mut e[last].0, "users/.new.3.all.yaml"))),
        ("the lock", Box::new(move |e| raw_name(&mut e[last].0, "lock"))),
        ("a stray", Box::new(move |e| raw_name(&mut e[last].0, "orgs/stray.txt"))),
        ("twice", Box::new(move |e| raw_name(&mut e[last].0, "state.yaml"))),
        (
            "symlink",
            Box::new(move |e| {
                e[last].0.set_entry_type(tar::EntryType::Symlink);
                e[last].0.set_link_name("/etc/passwd").unwrap();
            }),
        ),
        ("hard link", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::Link))),
        ("device", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::Char))),
        ("directory", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::Directory))),
        ("long name", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::GNULongName))),
        ("pax", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::XHeader))),
        ("sparse", Box::new(move |e| e[last].0.set_entry_type(tar::EntryType::GNUSparse))),
        ("huge", Box::new(move |e| e[last].0.set_size(u64::MAX / 2))),
        ("no manifest", Box::new(|e| drop(e.remove(0)))),
        ("one missing", Box::new(|e| drop(e.remove(3)))),
        (
            "user edited",
            Box::new(move |e| {
                let text = String::from_utf8(e[last].1.clone()).unwrap();
                e[last].1 = text.replace("Alice", "Alicf").into_bytes();
            }),
        ),
        (
            "log edited",
            Box::new(|e| {
                let log =
                    e.iter_mut().find(|(h, _)| h.path().unwrap().starts_with("audit")).unwrap();
                log.1 =
                    String::from_utf8(log.1.clone()).unwrap().replace("sam", "sum").into_bytes();
            }),
        ),
        (
            "other head",
            Box::new(|e| {
                let mut manifest: Value = serde_json::from_slice(&e[0].1).unwrap();
                manifest["head"] = json!("0".repeat(64));
                e[0].1 = serde_json::to_vec(&manifest).unwrap();
                let size = e[0].1.len() as u64;
                e[0].0.set_size(size);
            }),
        ),
        (
            "other revision",
            Box::new(|e| {
                let mut manifest: Value = serde_json::from_slice(&e[0].1).unwrap();
                manifest["rev"] = json!(1);
                e[0].1 = serde_json::to_vec(&manifest).unwrap();
                let size = e[0].1.len() as u64;
                e[0].0.set_size(size);
            }),
        ),
        (
            "other form",
            Box::new(|e| {
                e[0].1 = String::from_utf8(e[0].1.clone())
                    .unwrap()
                    .replace("backup\": 1", "backup\": 2")
                    .into();
            }),
        ),
    ];
    for (what, edit) in edits {
        let mut changed = good.clone();
        edit(&mut changed);
        bad.push((what.to_owned(), Box::new(move |p| pack(p, &changed))));
    }
    let files = world.files();
    for (what, write) in bad {
        write(&path);
        for command in ["mfactl", "mfactl --state none"] {
            let run = world.sh(&format!("{command} state restore bad.tar --yes -o json"));
            assert_eq!(run.code, 2, "{what}: {}{}", run.stdout, run.stderr);
            assert_eq!(run.error()["code"], "bad-backup", "{what}");
        }
        assert!(world.files() == files, "{what}");
        assert!(!world.path("none").exists() && !world.path("evil").exists(), "{what}");
    }
    world.sh("ln -s good.tar link; mkfifo pipe").exits(0);
    for odd in ["nowhere", "demo", "link", "pipe", "/dev/zero", "-"] {
        world.mfactl(&format!("state restore {odd} --yes")).exits(2);
    }
}

#[test]
fn a_backup_of_another_chain_is_refused() {
    let world = World::small();
    world.mfactl("state backup early.tar").exits(0);
    world.sh("cp -a demo twin").exits(0);
    world.sh("mfactl --state twin user set-mfa alice off").exits(0);
    world.sh("mfactl --state twin state backup twin.tar").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    let files = world.files();
    let run = world.mfactl("state restore twin.tar --yes -o json").exits(2);
    assert_eq!(run.error()["code"], "other-state");
    world.sh("MFACTL_TEST_SEED=5 mfactl --state strange init").exits(0);
    world.sh("mfactl --state strange state backup strange.tar").exits(0);
    let run = world.mfactl("state restore strange.tar --yes -o json").exits(2);
    assert_eq!(run.error()["code"], "other-state");
    assert!(world.files() == files);
    world.mfactl("state restore early.tar --yes").exits(0);
}
