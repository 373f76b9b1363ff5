//! The sealing key through the binary: whatever is killed, refused or shared, what is
//! sealed opens with a key in the file, and no key lies beside it.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use person::{App, enrol, verify};
use serde_json::Value;
use shell::{NOW, Run, World};

const LATER: &str = "2026-11-21T09:00:30Z";
const ROTATE: &str = "key rotate --yes -o json";

fn info(world: &World) -> Value {
    world.mfactl("key info -o json").exits(0).json()
}

fn keys_of(world: &World) -> Vec<Value> {
    info(world)["keys"].as_array().unwrap().clone()
}

/// Everything that is sealed opens with a key in the file.
#[track_caller]
fn everything_opens(world: &World) {
    let info = info(world);
    assert_eq!((&info["fits"], &info["unreadable"]), (&true.into(), &0.into()), "{info}");
}

/// The names of what lies beside the key file under a name that begins with its own.
fn beside(world: &World) -> Vec<String> {
    let names = std::fs::read_dir(world.dir()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("demo.key.") || name.ends_with(".mfactl-new")).collect()
}

fn key_file(world: &World) -> Vec<u8> {
    std::fs::read(world.path("demo.key")).unwrap()
}

/// A state in which alice is enrolled and bob has a secret handed out.
fn sealed() -> (World, App) {
    let world = World::small();
    let (alice, _) = enrol(&world, "alice", NOW);
    world.mfactl("user enrol bob --reveal").exits(0);
    (world, alice)
}

/// A change under strace with this injected; the exit code is 137 where it was killed.
fn injected(world: &World, inject: &str, arguments: &str) -> Run {
    let call = inject.split(':').next().unwrap();
    world.sh(&format!(
        "strace -f -qq -o /dev/null -e trace={call} -e inject={inject} mfactl {arguments}"
    ))
}

#[test]
fn a_rotation_killed_anywhere_loses_no_key_and_the_next_one_cleans_up() {
    if !shell::tool("strace") {
        return;
    }
    let (world, alice) = sealed();
    let (mut grown, mut left) = (0, 0);
    for call in ["write", "fsync", "fdatasync", "rename,renameat,renameat2", "unlink,unlinkat"] {
        for when in 1.. {
            let mut world = world.copy();
            let run = injected(&world, &format!("{call}:signal=KILL:when={when}"), ROTATE);
            if run.code == 0 {
                break; // There is no such call any more.
            }
            everything_opens(&world);
            grown += usize::from(keys_of(&world).len() == 2);
            left += usize::from(!beside(&world).is_empty());
            world.at(LATER);
            verify(&world, "alice", &alice.code(LATER)).exits(0);
            world.mfactl(ROTATE).exits(0);
            everything_opens(&world);
            assert_eq!(beside(&world), Vec::<String>::new(), "{call} {when}");
            assert!(when < 200, "{call} has no end");
        }
    }
    // Only a rename over the old file needs a name of its own.
    assert!(grown > 3 && left > 0, "kills around the writing were seen: {grown}, {left}");
}

#[test]
fn a_forgetting_rotation_killed_anywhere_loses_no_key_in_use() {
    if !shell::tool("strace") {
        return;
    }
    let (world, _) = sealed();
    world.mfactl(ROTATE).exits(0);
    for call in ["write", "fsync", "rename,renameat,renameat2"] {
        for when in 1.. {
            let world = world.copy();
            let forget = format!("{ROTATE} --forget-old");
            let run = injected(&world, &format!("{call}:signal=KILL:when={when}"), &forget);
            everything_opens(&world);
            if run.code == 0 {
                break;
            }
            world.mfactl(&forget).exits(0);
            everything_opens(&world);
            assert_eq!((keys_of(&world).len(), beside(&world)), (1, Vec::new()), "{call} {when}");
        }
    }
}

#[test]
fn a_name_beside_the_key_file_that_is_taken_is_no_success() {
    let (world, _) = sealed();
    std::fs::create_dir(world.path(".a.mfactl-new")).unwrap();
    std::fs::write(world.path(".demo.key.mfactl-new"), "a key").unwrap();
    std::os::unix::fs::symlink("small.csv", world.path(".b.mfactl-new")).unwrap();
    let before = keys_of(&world);
    let has_namespaces = world.sh("unshare -pf true").code == 0;
    let in_namespace = if has_namespaces { "unshare -pf " } else { "" };
    world.sh(&format!("{in_namespace}mfactl {ROTATE}")).exits(0);
    assert_ne!(keys_of(&world).last(), before.last());
    everything_opens(&world);
    let mut stay = beside(&world);
    stay.sort();
    assert_eq!(stay, [".a.mfactl-new", ".b.mfactl-new"], "what is no file of ours stays");
    assert!(world.path("small.csv").exists());
}

#[test]
fn a_key_file_that_cannot_be_replaced_is_no_success() {
    if !shell::tool("strace") {
        return;
    }
    let (world, _) = sealed();
    let (files, key) = (world.files(), key_file(&world));
    for error in ["EEXIST", "EIO"] {
        let call = "rename,renameat,renameat2";
        injected(&world, &format!("{call}:error={error}:when=1"), ROTATE).exits(8);
        assert!(world.files() == files && key_file(&world) == key, "{error}");
        assert!(beside(&world).is_empty());
    }
}

/// Brings two secrets each into the other's place, with a hash that fits.
fn swap_secrets(world: &World) {
    let path = world.state().join("secrets/all.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (first, body) = text.split_once('\n').unwrap();
    let sealed: Vec<&str> = body.split('"').filter(|word| word.starts_with("v1:")).collect();
    let body = body.replace(sealed[0], "@").replace(sealed[1], sealed[0]).replace('@', sealed[1]);
    let hash = <sha2::Sha256 as sha2::Digest>::digest(body.as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = first.rsplit_once(' ').unwrap().0;
    std::fs::write(&path, format!("{kept} {hash}\n{body}")).unwrap();
}

#[test]
fn a_rotation_that_is_refused_leaves_the_key_file_alone() {
    let (world, _) = sealed();
    let key = key_file(&world);
    // The newest record must not name the file, or it would be known as edited.
    world.mfactl("user set-mfa carol on").exits(0);
    swap_secrets(&world);
    for _ in 0..17 {
        let error = world.mfactl(ROTATE).exits(7).error();
        assert_eq!((&error["code"], &error["subject"]), (&"seal-broken".into(), &"alice".into()));
        assert!(error["hints"].to_string().contains("user reset alice"), "{error}");
    }
    assert!(key_file(&world) == key);
    world.mfactl("user reset alice").exits(0);
    world.mfactl("user reset bob").exits(0);
    world.mfactl(ROTATE).exits(0);
}

#[test]
fn a_rotation_whose_commit_fails_leaves_the_key_file_alone() {
    if !shell::tool("strace") {
        return;
    }
    let (mut world, alice) = sealed();
    let (files, key) = (world.files(), key_file(&world));
    for _ in 0..17 {
        injected(&world, "fdatasync:error=ENOSPC:when=1", ROTATE).exits(8);
        assert!(world.files() == files && key_file(&world) == key);
    }
    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    world.mfactl(ROTATE).exits(0);
    everything_opens(&world);
}

#[test]
fn a_full_key_file_is_told_before_anything_is_written() {
    let (world, _) = sealed();
    for count in 2..=16 {
        world.mfactl(ROTATE).exits(0);
        assert_eq!(keys_of(&world).len(), count);
    }
    let (files, key) = (world.files(), key_file(&world));
    let error = world.mfactl(ROTATE).exits(3).error();
    assert_eq!(error["code"], "key-file-full");
    assert!(error["hints"].to_string().contains("key rotate --forget-old"), "{error}");
    assert!(world.files() == files && key_file(&world) == key);
    world.mfactl("user enrol carol --reveal").exits(0);
    world.mfactl(&format!("{ROTATE} --forget-old")).exits(0);
    assert_eq!(keys_of(&world).len(), 1);
    everything_opens(&world);
}

#[test]
fn two_states_with_one_key_file_outlive_each_other_s_rotations() {
    let (mut world, alice) = sealed();
    std::fs::write(
        world.path("c.toml"),
        format!("key_file = \"{}\"", world.path("demo.key").display()),
    )
    .unwrap();
    let other = |world: &World, arguments: &str| {
        world.mfactl(&format!("--state other --config c.toml {arguments}"))
    };
    let report = other(&world, "init -o json").exits(0);
    assert!(report.stderr.contains("was there already"), "{}", report.stderr);
    assert_eq!(report.json()["warnings"].as_array().unwrap().len(), 1);
    other(&world, ROTATE).exits(0);
    everything_opens(&world);
    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    // The first takes over the key of the second, and both go on.
    world.mfactl(ROTATE).exits(0);
    assert_eq!(keys_of(&world).len(), 2);
    other(&world, ROTATE).exits(0);
    assert_eq!(keys_of(&world).len(), 3);
    everything_opens(&world);
}

#[test]
fn a_new_state_at_the_place_of_one_that_was_moved_away_takes_no_key_from_it() {
    let (mut world, alice) = sealed();
    world.sh("mv demo demo.old").exits(0);
    let run = world.mfactl("init").exits(0);
    assert!(run.stderr.contains("demo.key was there already"), "{}", run.stderr);
    world.mfactl(ROTATE).exits(0);
    world.sh("rm -r demo && mv demo.old demo").exits(0);
    everything_opens(&world);
    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
}

#[test]
fn a_first_key_that_a_killed_init_left_is_taken() {
    let world = World::new();
    world.mfactl("init").exits(0);
    let key = key_file(&world);
    world.sh("rm -r demo").exits(0);
    world.mfactl("init --dry-run").exits(0);
    world.mfactl("init").exits(0);
    assert!(key_file(&world) == key);
    everything_opens(&world);
}

#[test]
fn a_key_that_is_lost_is_replaced_once_nothing_is_sealed_with_it() {
    let (world, _) = sealed();
    std::fs::remove_file(world.path("demo.key")).unwrap();
    let error = world.mfactl(ROTATE).exits(7).error();
    assert!(error["hints"].to_string().contains("key rotate"), "{error}");
    world.mfactl("user reset alice").exits(0);
    world.mfactl(ROTATE).exits(7);
    world.mfactl("user reset bob").exits(0);
    world.mfactl(ROTATE).exits(0);
    enrol(&world, "alice", NOW);
    everything_opens(&world);
}

#[test]
fn a_backup_from_before_a_rotation_comes_back_and_opens() {
    let (mut world, alice) = sealed();
    world.mfactl("state backup b.tar --with-secrets").exits(0);
    world.mfactl(ROTATE).exits(0);
    world.mfactl("user reset alice").exits(0);
    world.mfactl("state restore b.tar --yes").exits(0);
    everything_opens(&world);
    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    world.mfactl(ROTATE).exits(0);
    everything_opens(&world);
}

#[test]
fn a_secret_whose_key_was_forgotten_does_not_come_back() {
    let (world, _) = sealed();
    world.mfactl("state backup b.tar --with-secrets").exits(0);
    world.mfactl(&format!("{ROTATE} --forget-old")).exits(0);
    world.mfactl("user reset alice").exits(0);
    let report = world.mfactl("state restore b.tar --yes -o json").exits(0).json();
    assert!(report["warnings"].to_string().contains("alice"), "{report}");
    everything_opens(&world);
    world.mfactl(ROTATE).exits(0);
    enrol(&world, "alice", NOW);
}

#[test]
fn a_restore_where_no_state_is_says_what_the_key_file_does_not_open() {
    let (world, _) = sealed();
    world.mfactl("state backup b.tar --with-secrets").exits(0);
    let restore = |state: &str| {
        let run = world.mfactl(&format!("--state {state} state restore b.tar --yes -o json"));
        let report = run.exits(0).json();
        report["warnings"].as_array().unwrap().iter().map(Value::to_string).collect::<String>()
    };
    let warning = restore("no-key");
    assert!(warning.contains("no-key.key is not there"), "{warning}");
    world.mfactl("--state other init").exits(0);
    world.sh("rm -r other").exits(0);
    let warning = restore("other");
    assert!(warning.contains("cannot be opened here yet"), "{warning}");
    world.sh("cp -p demo.key right.key && cp -p demo.key stale.key").exits(0);
    let warning = restore("right");
    assert!(warning.starts_with("\"the recovery codes of 1 account"), "{warning}");
    assert!(!warning.contains("opened"), "{warning}");
    // The key file has a newer key, of another state; a copy from before does not.
    rotated_by_another_state(&world);
    world.mfactl("user enrol carol --reveal").exits(0);
    world.sh("rm b.tar && mfactl state backup b.tar --with-secrets").exits(0);
    let warning = restore("stale");
    assert!(warning.contains("the secrets of 1, carol among them"), "{warning}");
}

/// Another state takes the key file for its own, and makes a new key.
fn rotated_by_another_state(world: &World) {
    let config = format!("key_file = \"{}\"", world.path("demo.key").display());
    std::fs::write(world.path("c.toml"), config).unwrap();
    for arguments in ["init", ROTATE] {
        world.mfactl(&format!("--state sharing --config c.toml {arguments}")).exits(0);
    }
}

#[test]
fn old_keys_are_forgotten_only_when_asked_for() {
    let (world, _) = sealed();
    world.mfactl(ROTATE).exits(0);
    world.mfactl(ROTATE).exits(0);
    assert_eq!(keys_of(&world).len(), 3);
    world.mfactl("key rotate --forget-old").exits(2);
    world.mfactl(&format!("{ROTATE} --forget-old --dry-run")).exits(0);
    let old = keys_of(&world);
    assert_eq!(old.len(), 3);
    world.mfactl(&format!("{ROTATE} --forget-old")).exits(0);
    let new = keys_of(&world);
    assert!(new.len() == 1 && !old.contains(&new[0]), "{old:?} {new:?}");
    everything_opens(&world);
}

#[test]
fn a_symbolic_link_is_no_key_file_and_is_told_as_such() {
    let (world, _) = sealed();
    world.sh("mv demo.key kept && ln -s kept demo.key").exits(0);
    for arguments in [ROTATE, "key info -o json", "user enrol carol --reveal -o json"] {
        let error = world.mfactl(arguments).exits(7).error();
        assert_eq!(error["code"], "key-file", "{arguments}");
        assert!(error["message"].as_str().unwrap().contains("symbolic link"), "{error}");
        assert!(error["hints"].to_string().contains("key_file"), "{error}");
    }
}

#[test]
fn a_rotation_waits_for_nobody_s_but_its_own_lock_and_says_so() {
    let (world, _) = sealed();
    if !shell::tool("flock") {
        return;
    }
    let error =
        world.sh(&format!("flock demo.key mfactl --lock-timeout 0s {ROTATE}")).exits(6).error();
    assert_eq!(error["code"], "busy");
    assert!(error["message"].as_str().unwrap().contains("demo.key"), "{error}");
    world.sh("flock demo.key mfactl key info").exits(0);
}

#[test]
fn root_s_own_credential_is_no_key_of_somebody_else_s_state() {
    let (world, _) = sealed();
    world.mfactl("--state mine init").exits(0);
    world.sh("mkdir credentials && cp mine.key credentials/mfactl-key").exits(0);
    std::fs::set_permissions(world.dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
    if world.sh("chown -R 65534 demo demo.key").code != 0 {
        eprintln!("skipped: only root gives files away");
        return;
    }
    let info = "CREDENTIALS_DIRECTORY=$PWD/credentials mfactl key info -o json";
    let theirs = world.sh(info).exits(0).json();
    assert_eq!((&theirs["credential"], &theirs["fits"]), (&false.into(), &true.into()));
    let own = world.sh(&format!("{info} --state mine")).exits(0).json();
    assert_eq!((&own["credential"], &own["fits"]), (&true.into(), &true.into()));
}

#[test]
fn nobody_but_root_looks_into_a_process_that_holds_secrets() {
    let (world, _) = sealed();
    let is_root = world.sh("id -u").stdout.trim() == "0";
    if is_root && !shell::tool("setpriv") {
        return;
    }
    // As root everything would be root's: as somebody who may not even read the program's folder.
    world.sh("cp $(command -v mfactl) . && chmod 755 . mfactl && chown -R 1 demo demo.key; true");
    let lower = if is_root { "setpriv --reuid 1 --clear-groups " } else { "" };
    let line = format!("exec {lower}./mfactl user confirm bob --code-from - --reveal");
    let mut process = world.shell(&line).stdin(Stdio::piped()).spawn().unwrap();
    let memory = PathBuf::from(format!("/proc/{}/environ", process.id()));
    let is_ours = || {
        let shown = std::fs::read_link(memory.with_file_name("exe"));
        let owner = std::fs::metadata(&memory).unwrap().uid();
        shown.is_ok_and(|exe| !exe.ends_with("mfactl"))
            || owner == if is_root { 1 } else { id(&world) }
    };
    let begun = Instant::now();
    while is_ours() && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let still_ours = is_ours();
    // Nor is there a core file, should it crash.
    let limits = std::fs::read_to_string(memory.with_file_name("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let core: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(core, ["0", "0"]);
    let is_running = process.try_wait().unwrap().is_none();
    drop(process.stdin.take());
    process.wait().unwrap();
    assert!(is_running && !still_ours, "running {is_running}, open to its user {still_ours}");
}

fn id(world: &World) -> u32 {
    world.sh("id -u").stdout.trim().parse().unwrap()
}

#[test]
fn what_a_killed_init_left_goes_with_the_next_and_no_other() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::new();
    let left = || {
        let names = std::fs::read_dir(world.dir()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".demo.new-")).collect::<Vec<_>>()
    };
    let killed = injected(&world, "syncfs:signal=KILL:when=1", "init");
    assert_ne!(killed.code, 0);
    let abandoned = left();
    assert_eq!(abandoned.len(), 1);
    // One that another process holds stays. An empty one goes too: a process that made it a
    // moment ago and has not locked it yet notices.
    let (live, empty) = (".demo.new-0123456789abcdef", ".demo.new-fedcba9876543210");
    let make =
        format!("mkdir {live} {empty} .demo.new-x; touch {live}/lock .demo.new-1 .demo.new-x/a");
    world.sh(&make).exits(0);
    // Nor is another user's ours to remove.
    let theirs = ".demo.new-aaaaaaaaaaaaaaaa";
    let given_away =
        format!("mkdir {theirs}; touch {theirs}/a; chown -R 1 {theirs} || rm -r {theirs}");
    world.sh(&given_away).exits(0);
    let mut expected = vec![live, ".demo.new-1", ".demo.new-x"];
    expected.extend(world.path(theirs).exists().then_some(theirs));
    expected.sort_unstable();
    world.sh(&format!("flock {live} mfactl init")).exits(0);
    let mut stays = left();
    stays.sort();
    assert_eq!(stays, expected);
    world.mfactl("audit verify").exits(0);
}

#[test]
fn what_another_init_works_on_is_no_leftover() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::new();
    let slow = "exec strace -f -qq -o /dev/null -e trace=syncfs \
                -e inject=syncfs:delay_enter=2000000:when=1 mfactl init";
    let mut first = world.shell(slow).spawn().unwrap();
    let is_at_work = || world.sh("ls -d .demo.new-*/audit").code == 0;
    let begun = Instant::now();
    while !is_at_work() && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
    }
    world.sh("MFACTL_TEST_SEED=2 mfactl init").exits(0);
    assert!(is_at_work(), "the first is at work still");
    assert_eq!(first.wait().unwrap().code(), Some(3), "somebody was faster: not a system error");
}
