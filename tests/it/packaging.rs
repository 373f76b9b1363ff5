//! What packaging/ would have a machine run is run here, on a state of our own.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use shell::{Run, World, tool};

fn packaged(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(packaged(name)).unwrap()
}

/// The command of a service.
fn exec_start(service: &str) -> String {
    let text = text(&format!("systemd/{service}"));
    let lines: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("ExecStart=")).collect();
    assert_eq!(lines.len(), 1, "{service}");
    lines[0].to_owned()
}

/// The commands of the cron file, by their user.
fn cron() -> Vec<(String, String)> {
    let text = text("cron.d/mfactl");
    let entries = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let entry = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(words[..5].iter().all(|word| *word == "*" || word.parse::<u8>().is_ok()), "{line}");
        (words[5].to_owned(), words[6..].join(" "))
    };
    entries.map(entry).collect()
}

/// The same command with what lies elsewhere here.
fn here(command: &str) -> String {
    let libexec = packaged("libexec");
    command
        .replace("/usr/bin/mfactl", "mfactl")
        .replace("/usr/libexec/mfactl", libexec.to_str().unwrap())
        .replace("/var/lib/mfactl-verify", "kept")
        .replace("/var/lib/mfactl", "demo")
}

fn run(world: &World, command: &str) -> Run {
    let line = here(command);
    assert!(!line.contains("/usr/") && !line.contains("/var/"), "{line}");
    world.sh(&line)
}

fn actions(world: &World) -> Vec<String> {
    let log = world.mfactl("audit log --limit 3 -o json").exits(0).json();
    let all = log.as_array().unwrap().iter();
    all.map(|record| record["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_hourly_job_records_what_has_ended() {
    let (_, cron_job) = cron().into_iter().find(|(user, _)| user == "mfactl").unwrap();
    for command in [exec_start("mfactl-expire.service"), cron_job] {
        let mut world = World::small();
        world.mfactl("exception grant alice --short --reason no-signal").exits(0);
        let nothing = run(&world, &command).exits(0);
        assert_eq!(nothing.stderr, "", "{command}: nothing to mail");
        world.at("2026-11-22T10:00:00Z");
        // It needs no operator.
        world.user("nobody-in-particular");
        run(&world, &command).exits(0);
        world.user("sam");
        assert_eq!(actions(&world)[0], "exception.expire", "{command}");
        let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
        assert_eq!(record[0]["operator"], "system");
        let rev = world.rev();
        run(&world, &command).exits(0);
        assert_eq!(world.rev(), rev, "{command}: the second time there is nothing to do");
    }
}

#[test]
fn the_daily_job_finds_an_audit_that_was_cut_off_or_made_again() {
    let (_, cron_job) = cron().into_iter().find(|(user, _)| user == "root").unwrap();
    for command in [exec_start("mfactl-verify.service"), cron_job] {
        let world = World::small();
        let kept = || std::fs::read_to_string(world.path("kept/head")).unwrap();
        run(&world, &command).exits(0);
        let first = kept();
        assert_eq!(first.trim().len(), 64, "{first}");
        world.mfactl("user set-mfa bob on").exits(0);
        world.sh("cp -a demo older").exits(0);
        world.mfactl("user set-mfa bob off").exits(0);
        let quiet = run(&world, &command).exits(0);
        assert_eq!(quiet.stderr, "", "{command}: nothing to mail");
        let newest = kept();
        assert_ne!(newest, first);
        // An older state is whole in itself: only the head that was kept tells.
        world.sh("mv demo newer && mv older demo").exits(0);
        world.mfactl("audit verify").exits(0);
        let told = run(&world, &command).exits(1);
        assert!(told.stderr.contains("does not verify"), "{}", told.stderr);
        assert_eq!(kept(), newest, "what was kept stays");
        world.sh("rm -r demo && mv newer demo").exits(0);
        run(&world, &command).exits(0);
        world.sh("rm -r demo").exits(0);
        run(&world, &command).exits(4);
        assert_eq!(kept(), newest);
    }
}

#[test]
fn every_timer_has_its_service_and_systemd_understands_them() {
    let folder = packaged("systemd");
    let names = || std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name());
    for name in names().filter_map(|name| name.into_string().ok()) {
        let service = name.replace(".timer", ".service");
        assert!(folder.join(&service).exists(), "{name}");
        // A page that is named is one of ours.
        for line in text(&format!("systemd/{name}")).lines() {
            if let Some(page) = line.strip_prefix("Documentation=man:") {
                let page = page.replace("(1)", ".1");
                assert!(packaged("../man").join(&page).exists(), "{name}: {page}");
            }
        }
    }
    let script = packaged("libexec/mfactl-verify");
    assert_eq!(std::fs::metadata(&script).unwrap().permissions().mode() & 0o111, 0o111);
    if !tool("systemd-analyze") {
        return;
    }
    // It wants the commands to be there.
    let world = World::new();
    let binary = assert_cmd::cargo::cargo_bin!("mfactl");
    for name in names() {
        let unit = std::fs::read_to_string(folder.join(&name)).unwrap();
        let unit = unit
            .replace("/usr/bin/mfactl", binary.to_str().unwrap())
            .replace("/usr/libexec/mfactl/mfactl-verify", script.to_str().unwrap());
        std::fs::write(world.path(name.to_str().unwrap()), unit).unwrap();
    }
    let units = names().map(|name| world.path(name.to_str().unwrap()));
    let verified =
        Command::new("systemd-analyze").args(["verify", "--man=no"]).args(units).output().unwrap();
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && told.is_empty(), "{told}");
}
