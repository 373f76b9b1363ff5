//! Evidence comes out again as it was handed in: `exception evidence`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};
use shell::World;

const GRANT: &str = "exception grant alice --long --org acme --reason accessibility";

/// alice#1 in acme, with the files `folder/letter.pdf` and `letter.pdf` and a URL.
fn world() -> World {
    let world = World::staffed();
    std::fs::create_dir(world.path("folder")).unwrap();
    std::fs::write(world.path("folder/letter.pdf"), "one").unwrap();
    std::fs::write(world.path("letter.pdf"), [0, 255, b'\n']).unwrap();
    let evidence = "--evidence folder/letter.pdf --evidence letter.pdf";
    world.mfactl(&format!("{GRANT} {evidence} --evidence https://x.example/1")).exits(0);
    world
}

fn sha256(world: &World, file: &str) -> String {
    world.sh(&format!("sha256sum {file} | cut -c 1-64")).exits(0).stdout.trim().to_owned()
}

fn mode(world: &World, path: &str) -> u32 {
    std::fs::metadata(world.path(path)).unwrap().permissions().mode() & 0o777
}

#[test]
fn evidence_could_be_handed_in_and_never_be_had_again() {
    let world = world();
    let rows = world.mfactl("exception evidence alice#1 --out got -o json").exits(0);
    assert!(rows.stderr.contains("https://x.example/1 was not written"), "{}", rows.stderr);
    let rows = rows.json();
    let row = |sha: &str| {
        rows.as_array().unwrap().iter().find(|row| row["sha256"] == *sha).unwrap().clone()
    };
    for (file, size) in [("folder/letter.pdf", 3), ("letter.pdf", 3)] {
        let row = row(&sha256(&world, file));
        assert_eq!(row["name"], "letter.pdf", "the name that it had");
        assert_eq!((&row["size"], &row["status"]), (&json!(size), &json!("kept")));
        assert_eq!((&row["handed_in_at"], &row["id"]), (&json!(shell::NOW), &json!("alice#1")));
        let written = row["file"].as_str().unwrap();
        assert!(["got/letter.pdf", "got/letter-2.pdf"].contains(&written), "{written}");
        let same =
            std::fs::read(world.path(written)).unwrap() == std::fs::read(world.path(file)).unwrap();
        assert!(same, "{file}");
        assert_eq!(mode(&world, written), 0o600);
    }
    assert_eq!(mode(&world, "got"), 0o700);
    let url = &rows[2];
    assert_eq!(
        (&url["url"], &url["status"], &url["file"], &url["sha256"]),
        (&json!("https://x.example/1"), &json!("elsewhere"), &Value::Null, &Value::Null)
    );
    for format in ["table", "jsonl", "yaml", "csv"] {
        let run = world.mfactl(&format!("exception evidence alice#1 --wide -o {format}")).exits(0);
        assert!(run.stdout.contains(&sha256(&world, "letter.pdf")), "{}", run.stdout);
        assert!(run.stdout.contains("letter.pdf") && run.stderr.is_empty());
    }
    let past = world.mfactl(&format!("exception evidence alice#1 --at {}", world.rev()));
    assert!(past.exits(0).stdout.contains("letter.pdf"));
}

#[test]
fn nothing_is_written_over_and_no_link_is_followed() {
    let world = world();
    std::fs::create_dir(world.path("got")).unwrap();
    std::fs::write(world.path("victim"), "precious").unwrap();
    for there in ["file", "link", "dangling"] {
        let place = world.path("got/letter-2.pdf");
        match there {
            "file" => std::fs::write(&place, "theirs").unwrap(),
            "link" => symlink(world.path("victim"), &place).unwrap(),
            _ => symlink(world.path("new"), &place).unwrap(),
        }
        let run = world.mfactl("exception evidence alice#1 --out got").exits(2);
        assert!(run.stderr.contains("got/letter-2.pdf"), "{}", run.stderr);
        assert!(!world.path("got/letter.pdf").exists(), "all or none");
        std::fs::remove_file(&place).unwrap();
    }
    assert_eq!(std::fs::read_to_string(world.path("victim")).unwrap(), "precious");
    assert!(!world.path("new").exists());
    symlink("got", world.path("linked")).unwrap();
    for odd in ["linked", "victim", "demo/evidence", "demo/new"] {
        world.mfactl(&format!("exception evidence alice#1 --out {odd}")).exits(2);
    }
    assert!(!world.path("demo/new").exists());
    assert_eq!(std::fs::read_dir(world.path("got")).unwrap().count(), 0);
    world.mfactl("state check").exits(0);
}

#[test]
fn a_hostile_name_of_a_file_stays_in_the_folder_and_is_not_hidden() {
    let world = World::small();
    std::fs::write(world.path("..\n\u{1b}[31m"), "one").unwrap();
    std::fs::write(world.path(".bashrc"), "two").unwrap();
    std::fs::write(world.path("-rf"), "three").unwrap();
    let evidence = "--evidence \"$(printf '..\\n\\033[31m')\" --evidence .bashrc --evidence ./-rf";
    world.mfactl(&format!("{GRANT} {evidence}")).exits(0);
    let rows = world.mfactl("exception evidence alice#1 --out got -o json").exits(0).json();
    let mut names: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["-rf", "..__[31m", ".bashrc"]);
    let written = world.sh("ls -A got").exits(0).stdout;
    assert_eq!(written, "_.__[31m\n_bashrc\n_rf\n");
}

#[test]
fn damaged_evidence_is_not_handed_out() {
    let world = world();
    let file = world.path(&format!("demo/evidence/{}", sha256(&world, "letter.pdf")));
    std::fs::write(&file, "forged").unwrap();
    for out in ["", " --out got"] {
        let run = world.mfactl(&format!("exception evidence alice#1{out} -o json")).exits(7);
        assert!(run.stdout.is_empty() && run.error()["hints"][0] == "mfactl state check");
    }
    assert!(!world.path("got").exists());
    std::fs::remove_file(&file).unwrap();
    let run = world.mfactl("exception evidence alice#1").exits(7);
    assert!(run.stderr.contains("is missing"), "{}", run.stderr);
}

#[test]
fn pruned_evidence_is_said_to_be_pruned_and_not_damaged() {
    let mut world = world();
    world.at("2028-01-01T00:00:00Z");
    world.mfactl("audit prune --before 2027-10-01 --yes").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    let rows = world.mfactl("exception evidence alice#1 --out got -o json").exits(0);
    assert!(rows.stderr.contains("letter.pdf was not written: audit prune"), "{}", rows.stderr);
    let row = &rows.json()[0];
    assert_eq!(
        (&row["name"], &row["size"], &row["status"], &row["file"]),
        (&json!("letter.pdf"), &Value::Null, &json!("pruned"), &Value::Null)
    );
    world.mfactl("state check").exits(0);
}

#[test]
fn evidence_is_in_sight_of_those_who_see_the_exception() {
    let world = world();
    for (who, exit) in [("sam", 0), ("ada", 0), ("hal", 0), ("aud", 0), ("gil", 4), ("eve", 5)] {
        world.as_user(who, "exception evidence alice#1").exits(exit);
    }
    world.mfactl("exception evidence alice#2").exits(4);
    world.mfactl("exception grant bob --short --org acme --reason no-signal").exits(0);
    let none = world.mfactl("exception evidence bob#1 --out got").exits(0);
    assert_eq!(none.stdout, "no evidence was handed in\n");
}

#[test]
fn state_path_said_nothing_of_evidence_secrets_and_sign_ins() {
    let world = world();
    world.mfactl("user add zoe --org acme").exits(0);
    world.mfactl("user enrol zoe --out zoe.txt").exits(0);
    let rows = world.mfactl("state path alice -o json").exits(0).json();
    let letter = format!("evidence/{}", sha256(&world, "letter.pdf"));
    let row = rows["files"].as_array().unwrap().iter().find(|row| row["file"] == *letter);
    assert_eq!(row.unwrap()["what"], "evidence of alice#1: letter.pdf");
    let rows = world.mfactl("state path zoe -o json").exits(0).json();
    for row in rows["files"].as_array().unwrap() {
        assert!(world.state().join(row["file"].as_str().unwrap()).exists(), "{row}");
        assert_ne!(row["what"], "", "{row}");
    }
    assert!(rows["files"].as_array().unwrap().iter().any(|row| row["file"] == "secrets/all.yaml"));
}

#[test]
fn keep_going_kept_the_evidence_of_rows_that_were_refused() {
    let world = World::small();
    std::fs::write(world.path("a"), "of alice").unwrap();
    std::fs::write(world.path("c"), "of carol, who never enrolled").unwrap();
    std::fs::write(world.path("d"), "of bob, for too long").unwrap();
    let list = "login,evidence,for\nalice,a,10d\ncarol,c,10d\nbob,d,999d\nnobody,d,1d\n";
    std::fs::write(world.path("list.csv"), list).unwrap();
    let grant = "exception grant --long --org acme --reason accessibility --from-file list.csv";
    world.mfactl(&format!("{grant} --keep-going")).exits(1);
    let kept = world.sh("cat demo/evidence/*").exits(0).stdout;
    assert_eq!(kept, "of alice");
    world.mfactl("audit verify").exits(0);
}

/// It could not be mended: a restore left it out, and handing it in again made the log say for
/// ever that it had been edited.
#[test]
fn evidence_that_was_lost_could_not_be_brought_back() {
    let sound = |world: &World| {
        world.mfactl("state check").exits(0);
        world.mfactl("audit verify").exits(0);
    };
    let world = world();
    let lost = world.state().join("evidence").join(sha256(&world, "letter.pdf"));
    world.mfactl("state backup b.tar").exits(0);
    std::fs::remove_file(&lost).unwrap();
    world.mfactl("state check").exits(1);
    world.mfactl("state restore b.tar --yes").exits(0);
    assert!(lost.exists());
    sound(&world);
    std::fs::remove_file(&lost).unwrap();
    let again = GRANT.replace("alice", "bob");
    world.mfactl(&format!("{again} --evidence letter.pdf")).exits(0);
    assert!(lost.exists());
    sound(&world);
}

#[test]
fn a_restore_brings_back_no_evidence_that_was_erased() {
    let mut world = world();
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("exception revoke alice#1").exits(0);
    world.at("2027-06-01T09:00:00Z");
    world.mfactl("user edit bob --name Robert").exits(0);
    world.mfactl("audit prune --before 2027-02-01 --yes").exits(0);
    let kept = || std::fs::read_dir(world.state().join("evidence")).unwrap().count();
    assert_eq!(kept(), 0);
    world.mfactl("state restore b.tar --yes").exits(0);
    world.mfactl("audit verify").exits(0);
}
