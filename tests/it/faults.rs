//! Faults from outside, each named after what went wrong: a disk that cannot be read, a
//! process that is stopped, a lock that somebody holds. Real system calls, through strace.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::{Run, World};

/// A command under strace with one fault injected.
fn injected(world: &World, inject: &str, arguments: &str) -> Run {
    let calls = inject.split(':').next().unwrap();
    world.sh(&format!(
        "exec strace -f -qq -o /dev/null -e trace={calls} -e inject={inject} mfactl {arguments}"
    ))
}

const RENAME: &str = "rename,renameat,renameat2";

/// A state whose last writer committed and was killed before it renamed anything.
fn committed_and_killed(world: &World, change: &str) {
    let killed = injected(world, &format!("{RENAME}:signal=KILL:when=1"), change);
    assert_ne!(killed.code, 0);
}

fn shadows(world: &World) -> usize {
    let files = world.files();
    let names = files.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy());
    names.filter(|name| name.starts_with(".new.")).count()
}

#[test]
fn a_read_error_while_finishing_does_not_undo_what_was_acknowledged() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    committed_and_killed(&world, "user set-mfa bob on");
    let rev = world.rev();
    assert!(shadows(&world) > 0);
    let mut failed = 0;
    for when in 1.. {
        let world = world.copy();
        let next = injected(&world, &format!("pread64:error=EIO:when={when}"), "org add next");
        if next.code == 0 {
            break; // There is no such read any more.
        }
        if next.code == 127 {
            continue; // It was the linker that read.
        }
        next.exits(8);
        failed += 1;
        let bob = world.mfactl("user show bob -o json").exits(0).json();
        assert_eq!(bob["mfa"], "on", "read {when}: the change is gone");
        world.mfactl("user set-mfa alice off").exits(0);
        assert!(world.rev() > rev);
        world.mfactl("audit verify").exits(0);
    }
    assert!(failed > 3, "reads that fail were seen: {failed}");
}

#[test]
fn an_init_killed_or_failed_in_an_empty_directory_does_not_bar_the_next() {
    if !shell::tool("strace") {
        return;
    }
    let mut left = 0;
    for call in ["flock", "mkdirat", "fsync,fdatasync", "pwrite64", RENAME, "unlink,unlinkat"] {
        for fault in ["signal=KILL", "error=EIO"] {
            for when in 1.. {
                let world = World::new();
                std::fs::create_dir(world.state()).unwrap();
                let first = injected(&world, &format!("{call}:{fault}:when={when}"), "init");
                if first.code == 0 {
                    break; // There is no such call any more.
                }
                left += usize::from(std::fs::read_dir(world.state()).unwrap().next().is_some());
                let what = format!("{call} {fault} {when}");
                // What is not done yet is not a state for anybody.
                if world.state().join(".founding").exists() {
                    world.mfactl("user list").exits(4);
                }
                // Either it was founded by then, or the next one founds it.
                if world.mfactl("state check").code != 0 {
                    let next = world.sh("MFACTL_TEST_SEED=2 mfactl init");
                    assert_eq!(next.code, 0, "{what}: {}", next.stderr);
                }
                world.mfactl("org add acme").exits(0);
                world.mfactl("audit verify").exits(0);
            }
        }
    }
    assert!(left > 10, "foundings that left something were seen: {left}");
}

#[test]
fn two_inits_worked_in_one_directory() {
    let world = World::new();
    let run = world.sh("mkdir -m 700 demo; flock -x demo mfactl init").exits(6);
    assert!(run.stderr.contains("another mfactl makes a state"), "{}", run.stderr);
    assert_eq!(world.sh("ls -A demo").stdout, "");
}

/// What was made for a dry run goes again, also where the directory was there.
#[test]
fn a_dry_run_of_init_left_something() {
    let world = World::new();
    let names = |line: &str| world.sh(line).exits(0).stdout;
    let before = names("ls -A");
    for prepared in ["true", "mkdir -m 700 demo"] {
        world.sh(prepared).exits(0);
        world.mfactl("init --dry-run").exits(0);
        assert_eq!(names("ls -A demo 2>/dev/null; true"), "");
    }
    world.sh("rmdir demo").exits(0);
    assert_eq!(names("ls -A"), before);
}

#[test]
fn what_others_left_in_a_directory_is_not_taken_for_an_init_that_was_killed() {
    let world = World::new();
    for (name, file) in [("a", "notes.txt"), ("b", "audit/notes.txt"), ("c", "due/due.yaml")] {
        let path = world.path(name).join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "mine").unwrap();
        world.sh(&format!("chmod -R go-rwx {name}")).exits(0);
        world.sh(&format!("mfactl --state {name} init")).exits(3);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}

#[test]
fn the_root_of_a_volume_bars_no_init_and_does_not_fail_verify_for_ever() {
    let world = World::new();
    world.sh("mkdir -p vol/lost+found && chmod 700 vol vol/lost+found").exits(0);
    world.mfactl("--state vol init").exits(0);
    world.mfactl("--state vol audit verify").exits(0);
    world.sh("mkdir -m 700 full && touch full/a full/b full/c full/d").exits(0);
    let refused = world.mfactl("--state full init").exits(3);
    assert!(refused.stderr.contains("it contains a, b, c and 1 more"), "{}", refused.stderr);

    world.sh("mkdir -m 700 vol2 && mfactl --state vol2 init").exits(0);
    world.sh("mkdir -m 700 vol2/lost+found vol2/.git && touch vol2/.git/config").exits(0);
    for command in ["state check", "audit verify"] {
        let run = world.mfactl(&format!("--state vol2 {command}")).exits(0);
        for name in ["lost+found", ".git"] {
            assert_eq!(run.stderr.matches(name).count(), 1, "{command}: {}", run.stderr);
        }
    }
    // Anywhere else it is none of theirs.
    world.sh("mkdir -m 700 vol2/orgs/.git").exits(0);
    world.mfactl("--state vol2 audit verify").exits(1);
}

/// The ids of the live exceptions that are listed.
fn live(world: &World) -> Vec<String> {
    let rows = world.mfactl("exception list --live -o json").exits(0).json();
    let ids = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[test]
fn an_accepted_clock_brings_live_exceptions_back_into_the_calendar() {
    let mut world = World::small();
    world.mfactl("user opt-out carol --org acme --until +30d").exits(0);
    world.mfactl("exception grant alice --short --org acme --reason no-signal").exits(0);
    world.mfactl("exception grant bob --short --org acme --reason no-signal --until +2h").exits(0);
    // The clock is a year ahead, and cron records what has ended by then.
    world.at("2027-11-21T09:00:00Z").mfactl("exception expire").exits(0);
    // It is put right; what bob had has ended by now.
    world.at("2026-11-21T12:00:00Z");
    world.mfactl("state accept-clock -m 'the battery was flat'").exits(0);
    assert_eq!(live(&world), ["alice#1"]);
    world.mfactl("state check").exits(0);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state repair").exits(0);
    // Each ends once more, when it does.
    let ended = world.at("2026-12-30T09:00:00Z").mfactl("exception expire -o json").exits(0).json();
    let what: Vec<_> =
        ended["expired"].as_array().unwrap().iter().map(|row| row["login"].clone()).collect();
    assert_eq!(what, ["alice", "carol"], "{ended}");
    world.mfactl("state check").exits(0);
    // A page that is lost is made again without what was recorded, and with what was not.
    let mut world = world.copy();
    world.at("2026-12-30T10:00:00Z");
    world.mfactl("exception grant gus --short --org globex --reason no-signal").exits(0);
    world.sh("rm demo/due/*").exits(0);
    world.mfactl("state repair").exits(0);
    assert_eq!(live(&world), ["gus#1"]);
    world.mfactl("state check").exits(0);
}

#[test]
fn one_bad_shard_is_named_once_and_nothing_that_follows_from_it() {
    let world = World::eventful();
    let path = world.state().join("users/all.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    for damage in [text.replacen("Alice", "Malice", 1), "# mfactl 1\n".to_owned()] {
        std::fs::write(&path, damage).unwrap();
        let check = world.mfactl("state check -o json").exits(1).json();
        let bad = check["files_bad"].as_array().unwrap();
        assert_eq!(bad.len(), 1, "{check}");
        assert_eq!(bad[0]["file"], "users/all.yaml");
    }
}

type Damage<'a> = &'a dyn Fn(&str) -> String;

#[test]
fn verify_and_check_answer_no_whichever_file_is_damaged() {
    let world = World::eventful();
    let log = "audit/000001.jsonl";
    let damages: [(&str, Damage<'_>); 6] = [
        ("operators.yaml", &|text| text.replacen("sam", "max", 1)),
        ("operators.yaml", &|_| String::new()),
        ("state.yaml", &|text| text.replacen("format", "fromat", 1)),
        ("state.yaml", &|_| "x".to_owned()),
        (log, &|text| text.replacen("acme", "emca", 1)),
        (log, &|text| text[..text.len() - 200].to_owned()),
    ];
    for (file, damage) in damages {
        let world = world.copy();
        let path = world.state().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, damage(&text)).unwrap();
        for command in ["state check", "audit verify"] {
            let run = world.mfactl(&format!("{command} -o json")).exits(1);
            assert!(!run.stderr.contains("hint"), "{file}: {}", run.stderr);
            let answer = run.json();
            let first = answer["files_bad"][0].to_string();
            // Of a log that was cut its end is whole: the files tell that something is missing.
            let told = first.contains(file)
                || first.contains("but the log is whole only to")
                || answer["first_bad"]["rev"].is_u64()
                || (file == log && first.contains("\"audit\""));
            assert!(told, "{command}, {file}: {answer}");
        }
    }
    // Damage opens nothing to others: who may not read everything still may not.
    world.as_user("ada", "state check").exits(5);
    let state = world.state();
    let text = std::fs::read_to_string(state.join("state.yaml")).unwrap();
    std::fs::write(state.join("state.yaml"), text.replace("mfactl 1", "mfactl 9")).unwrap();
    world.mfactl("state check").exits(7);
}

#[test]
fn one_thread_is_enough_where_no_other_can_be_made() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::hospital();
    std::fs::write(world.path("more.csv"), {
        let rows = (0..600).map(|n| format!("more-{n},st-marys\n")).collect::<String>();
        format!("login,orgs\n{rows}")
    })
    .unwrap();
    for fault in ["clone,clone3:error=EAGAIN:when=1+", "clone,clone3:error=EAGAIN:when=2+"] {
        let world = world.copy();
        for command in [
            "state check",
            "audit verify",
            "state info",
            "user list -o json",
            "exception list",
            "report coverage",
            "user set-mfa --where org=st-marys,sign_in=password on --yes",
            "user import more.csv",
            "user set-mfa --where org=st-marys,sign_in=password off --yes",
            "policy export --out policies",
            "user enrol alice.jones --unverified --out secret",
            "user codes alice.jones --out codes",
            "convert export otpauth otpauth",
            "exception expire",
            "key rotate --yes",
            "audit prune --before 2020-01-01 --yes",
            "state repair",
            "state backup b.tar --with-secrets",
            "--state elsewhere state restore b.tar --yes",
            "--state another init",
        ] {
            let run = injected(&world, fault, command);
            assert_eq!(run.code, 0, "{fault}, {command}: {}", run.stderr);
        }
        world.mfactl("audit verify").exits(0);
    }
}

#[test]
fn a_state_without_its_log_or_its_state_yaml_was_called_no_state() {
    for (harm, damaged) in [
        ("rm demo/state.yaml", "state.yaml"),
        ("rm demo/audit/000001.jsonl", "log"),
        (": >demo/audit/000001.jsonl", "log"),
    ] {
        let world = World::small();
        world.sh(harm).exits(0);
        for command in ["state check", "audit verify"] {
            let run = world.mfactl(command).exits(1);
            assert!(run.stdout.contains(damaged), "{harm}: {command}: {}", run.stdout);
        }
        for command in ["user list", "user set-mfa bob on"] {
            let run = world.mfactl(command).exits(7);
            assert!(run.stderr.contains("restore"), "{harm}: {command}: {}", run.stderr);
            assert!(!run.stderr.contains("init"), "{harm}: {command}: {}", run.stderr);
        }
        assert_ne!(world.mfactl("init").code, 0);
    }
}

#[test]
fn a_system_without_random_numbers_was_a_crash() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::hospital();
    // By the system's numbers, not the test's.
    let without = |inject: &str, command: &str| {
        world.sh(&format!(
            "unset MFACTL_TEST_SEED; exec strace -f -qq -o /dev/null -e trace=getrandom \
             -e inject=getrandom:error=EIO:{inject} mfactl {command}"
        ))
    };
    let before = world.files();
    for command in ["user list", "user reset alice.jones", "--state new init", "state backup b.tar"]
    {
        let run = without("when=1+", command).exits(8);
        assert!(run.stderr.contains("random numbers"), "{command}: {}", run.stderr);
    }
    assert!(world.files() == before && !world.path("b.tar").exists());
    // Once it gave some, nothing that comes after can fail in the middle of a change.
    without("when=4+", "user enrol alice.jones --out secret.txt").exits(0);
    without("when=4+", "user import --update small.csv").exits(2);
    without("when=4+", "state backup b.tar").exits(0);
    world.mfactl("audit verify").exits(0);
}

#[test]
fn a_directory_that_cannot_be_closed_was_a_crash() {
    if !shell::tool("strace") {
        return;
    }
    for when in 1.. {
        let world = World::new();
        // What an earlier one left is removed.
        world.sh("mkdir -p .demo.new-0123456789abcdef/users").exits(0);
        let run = injected(&world, &format!("close:error=EIO:when={when}"), "init");
        assert!([0, 2, 8, 127].contains(&run.code), "close {when}: {}: {}", run.code, run.stderr);
        if run.code == 0 && when > 30 {
            break;
        }
    }
}

#[test]
fn what_killed_runs_left_was_neither_told_nor_removed() {
    let world = World::small();
    world.mfactl("user enrol alice --unverified --out secret.txt").exits(0);
    world.sh("mkdir -m 700 .demo.new-0123456789abcdef .demo.new-0123456789abcdee").exits(0);
    world.sh("mkdir .demo.new-0123456789abcdef/users; mkdir -m 700 .other.new-1").exits(0);
    world.sh("cp demo.key .demo.key.mfactl-new").exits(0);
    world.sh("shard=$(ls demo/signin/*.yaml); cp $shard demo/signin/.new.0.${shard##*/}").exits(0);
    let told = world.mfactl("state check").exits(0).stderr;
    for left in [
        ".demo.new-0123456789abcdef",
        ".demo.new-0123456789abcdee",
        ".demo.key.mfactl-new",
        "signin/.new.0.",
    ] {
        assert_eq!(told.matches(left).count(), 1, "{told}");
    }
    // A directory that a process holds is not a left-over.
    let held = "exec 9<.demo.new-0123456789abcdef; flock -n 9; mfactl state check";
    let told = world.sh(held).exits(0).stderr;
    assert!(!told.contains("demo.new-0123456789abcdef was"), "{told}");
    assert!(told.contains("demo.new-0123456789abcdee was"), "{told}");
    world.mfactl("state repair").exits(0);
    world.mfactl("key rotate --yes").exits(0);
    world.sh("mv demo moved; mv demo.key moved.key; mfactl init").exits(0);
    let told = world.mfactl("state check").exits(0).stderr;
    assert_eq!(told, "");
    world
        .sh("test -d .other.new-1 && ! ls -d .demo.new-* .demo.key.mfactl-new moved/signin/.new.*")
        .exits(0);
}

#[test]
fn a_founding_that_failed_did_not_say_that_its_key_is_there() {
    if !shell::tool("strace") {
        return;
    }
    for inject in ["syncfs:error=EIO:when=1", "fsync:error=EIO:when=2"] {
        let world = World::new();
        let failed = injected(&world, inject, "init").exits(8);
        assert!(!world.state().exists() && world.path("demo.key").exists(), "{inject}");
        let said = "demo.key is there: the next attempt uses it";
        assert!(failed.stderr.contains(said), "{inject}: {}", failed.stderr);
        world.mfactl("init").exits(0);
        world.mfactl("state check").exits(0);
    }
}

#[test]
fn a_limit_of_files_that_cannot_be_asked_for_was_a_crash() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::hospital();
    for command in ["user list", "state backup b.tar", "report coverage"] {
        for when in 1..8 {
            let inject = format!("prlimit64,getrlimit:error=EPERM:when={when}");
            injected(&world, &inject, &format!("{command} --yes")).exits(0);
        }
    }
}

#[test]
fn a_sign_in_line_that_could_not_be_written_left_a_file() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    let enrol = "user enrol alice --unverified --out secret";
    for calls in ["pwrite64", "fdatasync", RENAME] {
        let mut failed = 0;
        for when in 1..4 {
            let world = world.copy();
            let run = injected(&world, &format!("{calls}:error=EIO:when={when}"), enrol);
            let signin = world.sh("ls -A demo/signin").exits(0).stdout;
            assert!(!signin.contains(".new."), "{calls} {when}: {signin}");
            failed += usize::from(run.code == 8);
        }
        assert!(failed > 0, "{calls}");
    }
}

#[test]
fn a_key_file_that_cannot_be_read_was_called_damaged() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    world.mfactl("user enrol alice --unverified --out secret").exits(0);
    for call in ["openat", "read", "fstat,newfstatat,statx"] {
        for command in ["user enrol bob --out other", "key info", "key rotate --yes"] {
            let run = world.sh(&format!(
                "exec strace -f -qq -o trace -P \"$PWD/demo.key\" -P demo.key -e trace={call} \
                 -e inject={call}:error=EIO mfactl {command}"
            ));
            let trace = std::fs::read_to_string(world.path("trace")).unwrap();
            if trace.contains("INJECTED") {
                assert_eq!(run.code, 8, "{call}, {command}: {}", run.stderr);
            }
            assert!(call != "openat" || trace.contains("INJECTED"), "{command}: {trace}");
        }
    }
}
