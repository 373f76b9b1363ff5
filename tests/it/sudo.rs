//! Under real sudo, on the installation that is documented: nobody gains a right by it, and
//! everything that is to work works. Each test of an attack is named after what it once gave.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

use crate::machine;
use crate::shell;

use std::path::Path;

use machine::{Machine, STATE, able};
use serde_json::{Value, json};
use shell::tool;

/// How often a race is tried. Before the state was opened once, most were won within fifty.
const TRIES: usize = 150;

fn last_record(machine: &Machine) -> Value {
    let log = machine.root("audit log --limit 1 -o json").exits(0).json();
    let field = |name: &str| log[0][name].clone();
    json!([field("action"), field("operator"), field("os_user"), field("identity_from")])
}

/// A loop in `home` that gives the name `link` to the targets in turn, for as long as `work` takes.
fn while_swapped(link: &str, targets: [&str; 2], work: &str) -> String {
    let [one, other] = targets;
    format!(
        "(while :; do ln -sfn '{one}' {link}.t && mv -T {link}.t {link}
          ln -sfn '{other}' {link}.t && mv -T {link}.t {link}; done) 2>/dev/null & swapper=$!
         n=0; while [ $n -lt {TRIES} ]; do n=$((n+1)); {work}; done
         kill $swapper; wait $swapper 2>/dev/null; true"
    )
}

#[test]
fn a_person_who_becomes_root_stays_that_person() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let who = machine.sudo("hal", "operator whoami -o json").exits(0).json();
    assert_eq!((&who["operator"], &who["identity_from"]), (&json!("hal"), &json!("sudo")));
    assert_eq!(who["os_user"], json!("hal"));
    machine.sudo("hal", "exception grant alice --short --reason no-signal").exits(0);
    assert_eq!(last_record(&machine), json!(["exception.grant", "hal", "hal", "sudo"]));
    // What a helpdesk may not, root's rights do not give.
    machine.sudo("hal", "user set-mfa alice on").exits(5);
    machine.sudo("hal", "audit log").exits(5);
    for line in [
        "sudo -n mfactl --as ann user set-mfa alice on",
        "SUDO_USER=ann USER=ann LOGNAME=root sudo -n mfactl user set-mfa alice on",
        "sudo -n SUDO_USER=ann mfactl user set-mfa alice on",
    ] {
        assert_ne!(machine.sh("hal", line).code, 0, "{line}");
    }
    let without = machine.sh("hal", "mfactl --state /var/lib/mfactl user show alice").exits(8);
    assert!(without.stderr.contains("belongs to mfactl"), "{}", without.stderr);
    assert!(without.stderr.contains("with sudo"), "{}", without.stderr);
    machine.sudo("eve", "user show alice").exits(5);
    machine.all_is_the_owners();
    // Where nobody logged in, anybody may set the login uid, once, to any user.
    for login in ["root", "ann", "hal", "mfactl"] {
        for line in [
            "sudo -n mfactl operator whoami",
            "sudo -n mfactl policy export --out /etc/pwned",
            "sudo -n mfactl --state /etc/evil init",
            "sudo -n -u mfactl mfactl user import /etc/mfactl/private/key",
        ] {
            let run = machine.sh_from("eve", login, line).exits(5);
            assert!(run.stderr.contains("it is not clear who you are"), "{line}: {}", run.stderr);
        }
    }
    assert_ne!(machine.sh("root", "ls -d /etc/pwned /etc/evil").code, 0);

    let machine = machine.logged_in();
    let who = machine.sudo("hal", "operator whoami -o json").exits(0).json();
    assert_eq!((&who["operator"], &who["identity_from"]), (&json!("hal"), &json!("loginuid")));
    // sudo in sudo, su and the like change nothing about who logged in.
    let twice = machine.sh("ann", "sudo -n sudo -n mfactl operator whoami -o json").exits(0);
    assert_eq!(twice.json()["operator"], "ann");
    let became = machine.sh("ann", "sudo -n runuser -u mfactl -- mfactl operator whoami -o json");
    assert_eq!(became.exits(0).json()["operator"], "ann");
}

#[test]
fn anybody_with_a_sudo_rule_read_whose_exceptions_ended() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sudo("hal", "exception grant alice --short --reason no-signal --for 1s").exits(0);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let run = machine.sudo("eve", "exception expire --dry-run -o json").exits(0);
    assert_eq!(run.json()["expired"], json!([]));
    assert!(run.stderr.contains("1 of what ended"), "{}", run.stderr);
    assert!(!run.stderr.contains("alice"), "{}", run.stderr);
    for run in [
        machine.sudo("hal", "exception expire --dry-run"),
        machine.root("exception expire --dry-run"),
        machine.sh("root", "runuser -u mfactl -- mfactl exception expire --dry-run"),
    ] {
        assert!(run.stdout.contains("alice#1"), "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_link_that_is_swapped_under_state_made_anybody_site_admin() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let head = || machine.root("audit head -o json").exits(0).json()["hash"].clone();
    let before = head();
    let add = "sudo -n mfactl --state L --as ann operator add eve --os-user eve --user alice --role site-admin \
               >>out 2>>err && echo won >>won";
    machine.sh("eve", &format!("touch file; {}", while_swapped("L", [STATE, "file"], add)));
    assert_eq!(machine.sh("eve", "cat won").stdout, "");
    assert_eq!(head(), before);
    machine.root("audit verify").exits(0);
    machine.all_is_the_owners();
}

#[test]
fn a_link_that_is_swapped_under_state_gave_another_state_away() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    // A state of root's, with a name in it that eve must not see, and one of eve's own.
    machine.root("--state /var/lib/other init").exits(0);
    machine.root("--state /var/lib/other org add topsecret").exits(0);
    machine.sh("eve", "mfactl --state mine init && mfactl --state mine org add own").exits(0);
    let reads = [
        "org list",
        "org list --at 2",
        "org list --at -1s",
        "state info",
        "state check",
        "audit verify",
        "audit log",
        "policy export --org topsecret",
        "state backup b.tar --yes",
    ];
    let work: Vec<String> =
        reads.iter().map(|read| format!("sudo -n mfactl --state L {read} >>out 2>>err")).collect();
    let line = while_swapped("L", ["/var/lib/other", "mine"], &work.join("; "));
    machine.sh("eve", &line.replace(&TRIES.to_string(), &(TRIES / 5).to_string()));
    let out = machine.sh("eve", "cat out; cat b.tar 2>/dev/null").stdout;
    assert!(!out.contains("topsecret"), "{out}");
    assert!(out.contains("own"), "her own state is read: {out}");
    assert!(machine.sh("eve", "cat err").stdout.contains("does not count here"));
}

#[test]
fn a_folder_that_is_swapped_put_files_into_one_of_root_s() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("root", "mkdir /var/lib/precious; touch /var/lib/precious/file").exits(0);
    let before =
        machine.sh("root", "ls -lan --time-style=full-iso /var/lib/precious /etc/mfactl").stdout;
    let work = "rm -rf own/n own/n.key; \
                sudo -n mfactl --state p/n user import --init --create-orgs x.csv >>out 2>>err; \
                sudo -n mfactl --state p/m init >>out 2>>err; rm -rf own/m own/m.key; \
                sudo -n mfactl man p >>out 2>>err; \
                sudo -n mfactl policy export --out p >>out 2>>err </dev/null";
    let line = while_swapped("p", ["/var/lib/precious", "own"], work);
    let line = line.replace(&TRIES.to_string(), &(TRIES / 3).to_string());
    machine.sh("eve", &format!("mkdir own; printf 'login,orgs\\neve,acme\\n' >x.csv; {line}"));
    let after =
        machine.sh("root", "ls -lan --time-style=full-iso /var/lib/precious /etc/mfactl").stdout;
    assert_eq!(before, after);
    // She made states of her own, as herself.
    let made = machine.sh("eve", "sudo -n mfactl --state own/z init && stat -c %U own/z own/z.key");
    assert!(made.exits(0).stdout.ends_with("eve\neve\n"));
}

#[test]
fn a_configuration_of_the_person_counted_for_another_s_state() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.write("/etc/mfactl/config.toml", "[guard]\nmax_weaken = 0\n", "root", 0o644);
    machine.sudo("ann", "org enforce acme on").exits(0);
    machine.write(
        "/home/ann/weaken.yaml",
        "version: 1\norg: acme\nenforcement: {state: off}\n",
        "ann",
        0o644,
    );
    machine.write("/home/ann/loose.toml", "[guard]\nmax_weaken = 100\n", "ann", 0o644);
    machine.sh("ann", "mkdir -p .config/mfactl x/mfactl; cp loose.toml .config/mfactl/config.toml; cp loose.toml x/mfactl/config.toml").exits(0);
    let stopped = |line: &str| {
        let run = machine.sh("ann", line).exits(3);
        assert!(
            run.stderr.contains("max_weaken") || run.stdout.contains("max_weaken"),
            "{line}: {}",
            run.stderr
        );
        run
    };
    stopped("sudo -n mfactl policy apply weaken.yaml");
    stopped("XDG_CONFIG_HOME=/home/ann/x sudo -n mfactl policy apply weaken.yaml");
    let run = stopped("MFACTL_CONFIG=/home/ann/loose.toml sudo -n mfactl policy apply weaken.yaml");
    assert!(
        run.stderr.contains("MFACTL_CONFIG=/home/ann/loose.toml does not count"),
        "{}",
        run.stderr
    );
    let run = stopped("MFACTL_STATE=/home/ann/x sudo -n mfactl policy apply weaken.yaml");
    assert!(run.stderr.contains("MFACTL_STATE=/home/ann/x does not count"), "{}", run.stderr);
    for option in
        ["--config loose.toml", "--allow-nfs", "--config loose.toml --state /var/lib/mfactl"]
    {
        let run = machine.sudo("ann", &format!("{option} policy apply weaken.yaml")).exits(2);
        assert!(run.stderr.contains("does not count under sudo"), "{}", run.stderr);
        assert!(run.stderr.contains("/etc/mfactl/config.toml"), "{}", run.stderr);
    }
    // The place itself may be named, as people paste it.
    stopped("sudo -n mfactl --state /var/lib/mfactl policy apply weaken.yaml");
    // A configuration in /etc that somebody else can write does not count for anybody.
    for harm in ["chown ann", "chown mfactl", "chmod g+w"] {
        machine.sh("root", &format!("{harm} /etc/mfactl/config.toml")).exits(0);
        for run in [machine.sudo("ann", "user list"), machine.owner("user list")] {
            let run = run.exits(2);
            assert!(run.stderr.contains("not safe to use"), "{harm}: {}", run.stderr);
        }
        machine
            .sh("root", "chown root /etc/mfactl/config.toml; chmod 644 /etc/mfactl/config.toml")
            .exits(0);
    }
    // Nor does the home of somebody else, which su and runuser leave behind, or a relative path.
    for line in
        ["HOME=/home/ann mfactl org list", "cd /home/ann; XDG_CONFIG_HOME=x mfactl org list"]
    {
        machine.sh("root", line).exits(0);
    }
    let run = machine.sh("root", "XDG_CONFIG_HOME=/home/ann/x mfactl org list").exits(2);
    assert!(run.stderr.contains("not safe to use"), "{}", run.stderr);
    // Nor is one that cannot be looked at absent: guards may be in it.
    machine.sh("root", "chmod 600 /etc/mfactl/config.toml").exits(0);
    machine.owner("user list").exits(2);
    machine.sh("root", "rm -r /etc/mfactl/config.toml; mkdir /etc/mfactl/config.toml").exits(0);
    machine.sudo("ann", "policy apply weaken.yaml").exits(2);
}

#[test]
fn an_option_given_twice_went_round_a_rule_of_sudoers() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("eve", "mfactl --state mine init").exits(0);
    let run = machine.sudo("eve", "--state /var/lib/mfactl org list --state mine").exits(2);
    assert!(run.stderr.contains("cannot be used multiple times"), "{}", run.stderr);
}

#[test]
fn a_large_import_left_hundreds_of_root_s_files_in_the_owner_s_state() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let make = "(echo login,orgs; seq -f 'u%06.0f,acme' 30000) >many.csv; chmod 600 many.csv";
    machine.sh("ann", make).exits(0);
    machine.sudo("ann", "user import many.csv").exits(0);
    machine.all_is_the_owners();
    machine.root("audit verify").exits(0);
    machine.owner("signin check u000017 --org acme").exits(0);
}

#[test]
fn an_inherited_umask_locked_everybody_out_or_let_them_in() {
    if !able() {
        return;
    }
    let machine = Machine::bare();
    machine
        .sh("root", "echo 'Defaults umask_override, umask=0777' >>/etc/sudoers.d/mfactl")
        .exits(0);
    machine.sudo("ann", "init").exits(0);
    for umask in ["0777", "0000"] {
        let rule = format!("sed -i 's/umask=[0-9]*/umask={umask}/' /etc/sudoers.d/mfactl");
        machine.sh("root", &rule).exits(0);
        let org = format!("o{umask}");
        machine.sudo("ann", &format!("org add {org}")).exits(0);
        machine.sudo("ann", &format!("user add p{umask} --org {org}")).exits(0);
        machine.sudo("ann", &format!("user enrol p{umask} --unverified --out s{umask}")).exits(0);
        machine.owner(&format!("signin check p{umask} --org {org}")).exits(0);
        machine.sudo("ann", &format!("state backup b{umask}")).exits(0);
        machine.sudo("ann", &format!("policy export --out p{umask}")).exits(0);
        let modes = format!("stat -c %U:%a s{umask} b{umask}; stat -c %U p{umask}");
        assert_eq!(machine.sh("ann", &modes).stdout, "ann:600\nann:600\nann\n");
        machine.all_is_the_owners();
    }
    // Root's own runs too: by hand, and without any umask of sudo's.
    machine.sh("root", "umask 0777; mfactl org add later").exits(0);
    machine.sh("root", "umask 0; mfactl --state /var/lib/second init").exits(0);
    let modes =
        machine.sh("root", "find /var/lib/second -perm /077; stat -c %a /var/lib/second.key");
    assert_eq!(modes.stdout, "400\n");
    machine.all_is_the_owners();
}

#[test]
fn manual_pages_were_written_through_links_as_root() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.write("/etc/precious", "precious\n", "root", 0o644);
    machine.sh("eve", "mkdir m; ln -s /etc/precious m/mfactl.1").exits(0);
    let run = machine.sudo("eve", "man m").exits(5);
    assert!(run.stderr.contains("mfactl man DIR"), "{}", run.stderr);
    // As herself she may, and even then no link is followed.
    machine.sh("eve", "mfactl man m").exits(2);
    machine.sh("eve", "mfactl man m2 && test -s m2/mfactl.1").exits(0);
    assert_eq!(machine.sh("root", "cat /etc/precious").stdout, "precious\n");
}

#[test]
fn anybody_made_states_anywhere_as_root() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    for (line, code) in [
        ("--state /var/lib/new init", 8),
        ("--state /etc/new user import --init x.csv", 8),
        ("--state /var/lib/new policy apply --init --create-orgs p.yaml", 8),
        ("--state /var/lib/new state restore b.tar --yes", 8),
        ("--state /home org list", 2),
        ("init", 3),
    ] {
        machine
            .sh("eve", "printf 'login\\na\\n' >x.csv; printf 'version: 1\\norg: a\\n' >p.yaml")
            .exits(0);
        machine.sudo("ann", "state backup b.tar --yes; true");
        machine
            .sh("root", "cp /home/ann/b.tar /home/eve/b.tar; chown eve /home/eve/b.tar")
            .exits(0);
        let run = machine.sudo("eve", line);
        assert_eq!(run.code, code, "{line}: {}", run.stderr);
    }
    let left =
        machine.sh("root", "ls -A /var/lib | grep -v '^mfactl$'; ls -A /etc | grep new; true");
    assert_eq!(left.stdout, "");
    // A directory of somebody else's is not founded in either.
    machine.sh("root", "mkdir -m 0755 /var/lib/empty").exits(0);
    let run = machine.sh("eve", "mfactl --state /var/lib/empty init").exits(8);
    assert!(run.stderr.contains("belongs to the user id 0, not to you"), "{}", run.stderr);
    machine.sh("root", "rmdir /var/lib/empty").exits(0);
    // Where no state is, --init makes none in privileged mode: that is for init.
    machine
        .sh("root", "rm -r /var/lib/mfactl; mkdir /var/lib/mfactl; chown mfactl: /var/lib/mfactl")
        .exits(0);
    let run = machine.sudo("eve", "user import --init x.csv").exits(5);
    assert!(run.stderr.contains("sudo mfactl init"), "{}", run.stderr);
    machine.sudo("eve", "policy apply --init --create-orgs p.yaml").exits(5);
}

#[test]
fn as_the_owner_of_the_state_all_files_of_the_owner_were_open() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("root", "install -d -m 0700 -o mfactl /var/lib/mfactl-closed && echo alice >/var/lib/mfactl-closed/list && chmod 644 /var/lib/mfactl-closed/list").exits(0);
    machine.write("/home/hal/list", "alice\n", "hal", 0o644);
    machine.sh("hal", "chmod 755 /home/hal").exits(0);
    for logged_in in [false, true] {
        let login = if logged_in { "hal" } else { "" };
        for file in ["/var/lib/mfactl-closed/list", "/etc/mfactl/private/key", "/home/hal/list"] {
            for command in [
                format!("user reset --from-file {file}"),
                format!("exception grant alice --long --reason accessibility --evidence {file}"),
                format!("user import {file}"),
                format!("policy check {file}"),
                format!("convert import otpauth {file}"),
                format!("signin verify alice --org acme --code-from {file}"),
            ] {
                let line = format!("sudo -n -u mfactl mfactl {command}");
                let run = machine.sh_from("hal", login, &line);
                assert!([2, 5].contains(&run.code), "{line}: {} {}", run.code, run.stderr);
                assert!(
                    !run.stderr.contains("AAAA") && !run.stderr.contains("mfactl-key"),
                    "{}",
                    run.stderr
                );
                if run.code == 2 {
                    let said = format!("{}{}", run.stdout, run.stderr)
                        .split_whitespace()
                        .collect::<Vec<_>>()
                        .join(" ");
                    assert!(said.contains("cannot open files with your rights"), "{line}: {said}");
                }
            }
        }
        for out in [
            "state backup /var/lib/mfactl.b --yes",
            "policy export --out /tmp/mfactl-x",
            "user enrol alice --unverified --out /tmp/mfactl-y",
        ] {
            let run = machine.sh_from("hal", login, &format!("sudo -n -u mfactl mfactl {out}"));
            assert_ne!(run.code, 0, "{out}");
        }
        // Another state than the configured one is not opened with the owner's rights either.
        let run = machine.sh_from(
            "hal",
            login,
            "sudo -n -u mfactl mfactl --state /var/lib/mfactl-closed org list",
        );
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
    // With a login uid the operator is the person, and what the shell opened can be handed over.
    let machine = machine.logged_in();
    let who = machine.sh("hal", "sudo -n -u mfactl mfactl operator whoami -o json").exits(0).json();
    assert_eq!((&who["operator"], &who["identity_from"]), (&json!("hal"), &json!("loginuid")));
    machine.sh("hal", "sudo -n -u mfactl mfactl user reset --from-file - <list").exits(0);
    machine.all_is_the_owners();
    machine.sh("root", "rm -r /var/lib/mfactl-closed").exits(0);
}

#[test]
fn files_that_a_person_names_are_opened_with_the_person_s_rights() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let hers = machine.write("/home/ann/secret", "alice\n", "ann", 0o600);
    let roots = machine.write("/etc/secret", "alice\n", "root", 0o600);
    let owners = machine.write("/var/lib/mfactl.list", "alice\n", "mfactl", 0o600);
    let his = machine.write("/home/hal/letter", "alice\n", "hal", 0o600);
    // Root's groups are not the person's either.
    let grouped = machine.write("/etc/grouped", "alice\n", "root", 0o640);
    let request = "exception request alice --long --org acme --reason accessibility --replace";
    for closed in [&hers, &roots, &owners, &grouped] {
        for command in [
            format!("{request} --evidence {closed}"),
            format!("user reset --from-file {closed}"),
            format!("user membership alice --org acme --from-file {closed}"),
            format!("user import {closed}"),
            format!("policy check {closed}"),
        ] {
            let run = machine.sudo("hal", &command).exits(2);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("you may not read it"), "{command}: {said}");
        }
    }
    machine.sudo("hal", &format!("{request} --evidence {his}")).exits(0);
    let shown = machine.sudo("hal", "exception list --requested -o json").exits(0).json();
    let id = shown[0]["id"].as_str().unwrap().to_owned();
    for closed in ["/home/ann/got", "/etc/got", "/var/lib/got", "/var/lib/mfactl/got"] {
        machine.sudo("hal", &format!("exception evidence {id} --out {closed}")).exits(2);
    }
    machine.sudo("hal", &format!("exception evidence {id} --out got")).exits(0);
    let got = machine.sh("hal", "stat -c '%U %a' got got/letter && cat got/letter").exits(0);
    assert_eq!(got.stdout, "hal 700\nhal 600\nalice\n");
    machine.sudo("hal", &format!("user reset --from-file {his}")).exits(0);
    // Written with them, too: where the person may, and nowhere else.
    for (line, code) in [
        ("policy export --out exported", 0),
        ("policy plan exported --out plan.json", 0),
        ("policy export --out /etc/exported", 2),
        ("policy plan exported --out /var/lib/plan.json", 2),
        ("state backup backup.tar --yes", 0),
        ("state backup /var/lib/backup.tar --yes", 2),
        ("state backup /var/lib/mfactl/backup.tar --yes", 2),
        ("user enrol alice --unverified --out alice.txt", 0),
        ("user enrol alice --unverified --png /etc/alice.png", 2),
        ("convert export otpauth tokens", 0),
        ("convert export users-oath /etc/users.oath", 2),
    ] {
        let run = machine.sudo("ann", line);
        assert_eq!(run.code, code, "{line}: {}", run.stderr);
    }
    let owners = "stat -c %U:%a exported/acme.yaml plan.json backup.tar alice.txt tokens";
    assert_eq!(machine.sh("ann", owners).stdout, "ann:644\nann:644\nann:600\nann:600\nann:600\n");
    machine.all_is_the_owners();
}

/// While a code is waited for, the directory of `--out` is put in another's place: what
/// is taken away again is the file that was made, not root's of the same name.
#[test]
fn a_file_goes_from_where_it_was_made() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("root", "mkdir /var/lib/victim; echo precious >/var/lib/victim/passwd").exits(0);
    let script = "mkdir d; mkfifo ff
         sudo -n mfactl user enrol alice --verify-code - --out d/passwd <ff & exec 9>ff
         n=0; until [ -s d/passwd ] || [ $n = 200 ]; do sleep .05; n=$((n+1)); done
         mv d d2; ln -s /var/lib/victim d; ls d2 >was
         echo 000000 >&9; exec 9>&-; wait; ls d2 >is";
    machine.sh("ann", script);
    assert_eq!(machine.sh("ann", "cat was; echo; cat is").stdout, "passwd\n\n");
    assert_eq!(machine.sh("root", "cat /var/lib/victim/passwd").stdout, "precious\n");
    machine.all_is_the_owners();
}

#[test]
fn whoever_could_replace_the_state_was_believed_by_root() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("root", "mkdir -m 0777 /var/lib/open; mkdir -m 1777 /var/lib/sticky").exits(0);
    let plant = "mfactl --state mine init && mfactl --state mine org add acme && mfactl --state mine user add root --org acme
        cp -r mine mine.key /var/lib/open/; cp -r mine mine.key /var/lib/sticky/";
    machine.sh("eve", plant).exits(0);
    for place in ["/var/lib/open/mine", "/var/lib/sticky/mine"] {
        let run = machine.root(&format!("--state {place} signin check root --org acme"));
        assert_eq!(run.code, 7, "{}", run.stderr);
        assert!(run.stderr.contains("is not safe to use"), "{}", run.stderr);
    }
    // Nor where the working directory is below such a one.
    let line = "mkdir /var/lib/open/sub; cp -r /home/eve/mine /home/eve/mine.key /var/lib/open/sub/
        cd /var/lib/open/sub; mfactl --state mine signin check root --org acme";
    let run = machine.sh("root", line).exits(7);
    assert!(run.stderr.contains("everybody may write to /var/lib/open "), "{}", run.stderr);
    // That the group of root may write is not passed over: it may be anybody's.
    let group =
        "mkdir -m 0775 /var/lib/group; cp -a /home/eve/mine /home/eve/mine.key /var/lib/group/";
    machine.sh("root", group).exits(0);
    machine.root("--state /var/lib/group/mine signin check root --org acme").exits(7);
    // The state of the machine, too, once a directory above it is open; the hint mends it.
    machine.sh("root", "chmod go+w /var/lib").exits(0);
    let run = machine.owner("signin check alice --org acme").exits(7);
    assert!(run.stderr.contains("chmod go-w /var/lib"), "{}", run.stderr);
    machine.sh("root", "chmod go-w /var/lib").exits(0);
    machine.owner("signin check alice --org acme").exits(0);
    // And the folder of the key.
    machine.sh("root", "chmod 0777 /etc/mfactl").exits(0);
    let run = machine.sudo("ann", "user enrol alice --unverified --out q").exits(7);
    assert!(run.stderr.contains("not safe to use"), "{}", run.stderr);
}

#[test]
fn root_itself_needs_no_operator_and_becomes_the_owner_first() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.root("user add bob --org acme").exits(0);
    assert_eq!(last_record(&machine), json!(["user.add", "root", "root", "euid"]));
    // What root alone may read or write stays root's to read and write.
    machine.write("/etc/list", "bob\n", "root", 0o600);
    machine.root("user set-mfa on --from-file /etc/list").exits(0);
    machine.write("/etc/csv", "login,orgs\ncarl,acme\n", "root", 0o600);
    machine.root("--as ann user import /etc/csv").exits(0);
    assert_eq!(last_record(&machine), json!(["user.import", "ann", "root", "euid"]));
    machine.sh("root", "mkdir -m 0700 /etc/rootonly").exits(0);
    machine.root("user enrol nobody.here --out /etc/rootonly/none").exits(4);
    assert_eq!(machine.sh("root", "ls /etc/rootonly").stdout, "");
    machine.root("user enrol alice --unverified --out /etc/rootonly/alice").exits(0);
    machine.root("convert export users-oath /etc/rootonly/oath").exits(0);
    machine.root("convert export users-oath /etc/rootonly/oath").exits(0);
    let found = machine.sh("root", "stat -c %U:%a /etc/rootonly/oath /etc/rootonly/alice");
    assert_eq!(found.stdout, "root:600\nroot:600\n");
    // What belongs to somebody stays theirs.
    machine.sh("root", "chown ann: /etc/rootonly/oath").exits(0);
    machine.root("convert export users-oath /etc/rootonly/oath").exits(0);
    let found = machine.sh("root", "stat -c %U:%G:%a /etc/rootonly/oath");
    assert_eq!(found.stdout, "ann:ann:600\n");
    machine.root("exception expire").exits(0);
    machine.root("key rotate --yes").exits(0);
    machine.all_is_the_owners();
    if !tool("strace") {
        return;
    }
    // No file below the state is opened, and no thread started, with root's rights.
    let line = "strace -f -e trace=setresuid,openat,clone3,clone -o trace mfactl user list >/dev/null; cat trace; id -u mfactl";
    let trace = machine.sh("root", line).exits(0).stdout;
    let uid = trace.lines().last().unwrap();
    let at = |what: &str| trace.find(what).unwrap_or_else(|| panic!("no {what} in\n{trace}"));
    let became = at(&format!("setresuid({uid}, {uid}, {uid})"));
    assert!(became < at("\"state.yaml\""), "{trace}");
    assert!(at("\"/\"") < became, "the place was opened before: {trace}");
}

#[test]
fn what_a_person_looks_for_is_found_and_not_made_a_second_time() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    for command in ["user list", "signin check alice --org acme", "state info"] {
        let run = machine.sh("hal", &format!("mfactl {command}")).exits(4);
        assert!(
            run.stderr.contains("/var/lib/mfactl belongs to mfactl: use sudo"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("mfactl init"), "{}", run.stderr);
    }
    let run = machine.sh("hal", "mfactl init").exits(3);
    assert!(
        run.stderr.contains("mfactl --state /home/hal/.local/state/mfactl init"),
        "{}",
        run.stderr
    );
    machine.sh("hal", "test ! -e .local").exits(0);
    machine.sh("hal", "mfactl --state /home/hal/.local/state/mfactl init").exits(0);
    // A relative variable means another place in every folder.
    machine.sh("eve", "MFACTL_STATE=demo mfactl init; mkdir d").exits(0);
    let run = machine.sh("eve", "cd d; MFACTL_STATE=demo mfactl user list").exits(4);
    assert!(
        run.stderr.contains("MFACTL_STATE is a relative path, and means /home/eve/d/demo here"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("mfactl init"), "{}", run.stderr);
}

#[test]
fn an_instance_is_a_second_state_of_the_machine() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let config =
        "state_dir = \"/var/lib/mfactl-lab\"\nkey_file = \"/etc/mfactl/private/lab.key\"\n";
    machine.write("/etc/mfactl/lab.toml", config, "root", 0o644);
    // Whoever makes it is its first site-admin: root says who.
    for who in ["ann", "eve"] {
        let run = machine.sudo(who, "--instance lab init").exits(5);
        assert!(run.stderr.contains("founder"), "{}", run.stderr);
    }
    machine.sh("root", "echo 'founder = \"ann\"' >>/etc/mfactl/lab.toml").exits(0);
    machine.sudo("eve", "--instance lab init").exits(5);
    assert_eq!(machine.sh("root", "ls /var/lib").stdout, "mfactl\n");
    machine.sudo("ann", "--instance lab init").exits(0);
    machine.sudo("ann", "--instance lab org add lab").exits(0);
    machine.sudo("ann", "org list -o csv").exits(0);
    assert!(machine.sudo("ann", "org list -o csv").stdout.contains("acme"));
    assert!(machine.sudo("ann", "--instance lab org list -o csv").stdout.contains("lab"));
    machine.is_private(Path::new("/var/lib/mfactl-lab"));
    machine.all_is_the_owners();
    let run = machine.sudo("ann", "--instance none org list").exits(2);
    assert!(run.stderr.contains("/etc/mfactl/none.toml does not exist"), "{}", run.stderr);
    machine.sudo("ann", "--instance lab --state /var/lib/mfactl org list").exits(2);
}

#[test]
fn the_documented_installation_ended_with_permission_denied() {
    if !able() {
        return;
    }
    // With the directory made as documented, made by init, and with a mount's own folder in it.
    for prepared in [
        "install -d -o mfactl -g mfactl -m 0700 /var/lib/mfactl",
        "true",
        "install -d -o mfactl -g mfactl -m 0755 /var/lib/mfactl; mkdir -m 700 /var/lib/mfactl/lost+found",
    ] {
        let machine = Machine::bare();
        machine.sh("root", prepared).exits(0);
        machine.sudo("ann", "init --dry-run").exits(0);
        let run = machine.sudo("ann", "init").exits(0);
        assert!(run.stdout.contains("ann"), "{}", run.stdout);
        machine.sudo("ann", "init").exits(3);
        machine.sudo("ann", "org add acme").exits(0);
        machine.sudo("ann", "user add alice --org acme").exits(0);
        machine.sudo("ann", "user enrol alice --unverified --out q").exits(0);
        machine.sudo("ann", "key rotate --yes").exits(0);
        machine.owner("signin check alice --org acme").exits(0);
        machine.sh("root", "rm -rf /var/lib/mfactl/lost+found").exits(0);
        machine.all_is_the_owners();
    }
    // Without the service user nothing is made, and it is said how to make it.
    let machine = Machine::bare();
    machine.sh("root", "userdel -f mfactl").exits(0);
    let run = machine.sudo("ann", "init").exits(4);
    assert!(run.stderr.contains("systemd-sysusers"), "{}", run.stderr);
    assert_eq!(machine.sh("root", "ls -A /var/lib; ls /etc/mfactl 2>/dev/null").stdout, "");
}

#[test]
fn a_backup_is_restored_where_no_state_is() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sudo("ann", "state backup --with-secrets b.tar --yes").exits(0);
    machine.sudo("ann", "user add late --org acme").exits(0);
    machine.sudo("ann", "state restore b.tar --yes").exits(0);
    machine.sudo("ann", "user show late").exits(4);
    // Where the state is gone nobody makes themselves its site-admin: root says who may.
    machine.sh("root", "mv /var/lib/mfactl /var/lib/away").exits(0);
    for line in ["init", "state restore b.tar --yes"] {
        machine.sh("root", "cp /home/ann/b.tar /home/eve/; chown eve /home/eve/b.tar").exits(0);
        let run = machine.sudo("eve", line).exits(5);
        assert!(run.stderr.contains("is the volume of the state mounted"), "{}", run.stderr);
    }
    machine.sh("root", "mv /var/lib/away /var/lib/mfactl").exits(0);
    machine.write("/etc/mfactl/config.toml", "founder = \"ann\"\n", "root", 0o644);
    // A new host: with the directory, and without it.
    for prepared in ["mkdir /var/lib/mfactl; chown mfactl: /var/lib/mfactl", "true"] {
        machine.sh("root", &format!("rm -r /var/lib/mfactl; {prepared}")).exits(0);
        machine.sudo("ann", "state restore b.tar --yes --dry-run").exits(0);
        let restored = machine.sudo("ann", "state restore b.tar --yes").exits(0);
        assert!(
            restored.stdout.contains("restore") || restored.stdout.contains("revision"),
            "{}",
            restored.stdout
        );
        machine.sudo("ann", "user show alice").exits(0);
        machine.sudo("ann", "audit verify").exits(0);
        machine.all_is_the_owners();
    }
}

#[test]
fn nobody_signals_a_process_that_works_for_them_under_sudo() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let script = "mkfifo ff; sudo -n mfactl --lock-timeout 77s user reset --from-file - <ff >/dev/null 2>&1 & exec 9>ff
        n=0; until pid=$(pgrep -u mfactl -f 'lock-timeout 77s') && [ \"$(ls /proc/$pid/task | wc -l)\" = 2 ] || [ $n = 100 ]; do sleep .05; n=$((n+1)); done
        ls /proc/$pid/task | wc -l
        for task in $(ls /proc/$pid/task); do kill -STOP $task 2>&1 && echo stopped $task && kill -CONT $task; done
        stat -c %U /proc/$pid/environ; exec 9>&-; wait";
    let run = machine.sh("hal", script);
    assert!(run.stdout.starts_with("2\n"), "{} {}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("stopped"), "{}", run.stdout);
    assert!(run.stdout.ends_with("root\n"), "nobody looks into its memory: {}", run.stdout);
}

/// Whoever guesses codes chose how long a file may be: the attempts were counted and answered,
/// and not in the log.
#[test]
fn a_limit_of_the_person_kept_wrong_codes_out_of_the_log_of_sign_ins() {
    if !able() || !tool("prlimit") {
        return;
    }
    let machine = Machine::new();
    machine.sudo("ann", "org enforce acme on").exits(0);
    machine.sudo("ann", "user add tess --org acme").exits(0);
    machine.sudo("ann", "user enrol tess --unverified --out secret").exits(0);
    let verify = "mfactl signin verify tess --org acme --code-from -";
    let limits = ["fsize=400", "nofile=24", "cpu=1", "as=400000000", "nproc=1"];
    // Two that are logged as ever, so that the file is longer than the limit.
    let mut answered = 0;
    let sudos = ["sudo -n", "sudo -n -u mfactl"];
    let limited = limits.into_iter().flat_map(|limit| sudos.map(|sudo| (limit, sudo)));
    for (limit, sudo) in [("core=0", sudos[0]); 2].into_iter().chain(limited) {
        machine.sudo("ann", "user unlock tess");
        let line = format!("echo 000000 | prlimit --{limit} {sudo} {verify}");
        let run = machine.sh("eve", &line);
        if run.stdout.contains("code-wrong") {
            answered += 1;
            continue;
        }
        // The owner may not lift it, nor may root of a container; sudo may not even start.
        let refused = run.code == 8 && run.stderr.contains("too low to work under sudo");
        assert!(refused || run.stderr.starts_with("sudo"), "{limit}: {}", run.stderr);
    }
    assert!(answered > 2);
    let logged = machine.sh("root", "cat /var/lib/mfactl/signin/log/* | grep -c code-wrong");
    assert_eq!(logged.stdout, format!("{answered}\n"));
    // Who works on a state of their own keeps the limits that they set.
    let own = "mfactl --state own init; prlimit --fsize=0 sudo -n mfactl --state own org add a";
    machine.sh("eve", own).exits(8);
}

/// A directory that is open to everybody, in one that is closed: the process held it open,
/// and its thread with the person's rights found it in /proc/self/fd.
#[test]
fn a_descriptor_of_the_process_led_past_a_closed_directory() {
    if !able() {
        return;
    }
    let machine = Machine::bare();
    let make = "mkdir -p /var/lib/closed/open/state && chown -R mfactl: /var/lib/closed
        chown root /var/lib/closed /var/lib/closed/open; chmod 0750 /var/lib/closed
        chmod 0700 /var/lib/closed/open/state
        echo mine-alone >/var/lib/closed/open/list && chmod 644 /var/lib/closed/open/list";
    machine.sh("root", make).exits(0);
    machine.sh("root", "mkdir /etc/mfactl").exits(0);
    let config =
        "state_dir = \"/var/lib/closed/open/state\"\nkey_file = \"/etc/mfactl/private/key\"\n";
    machine.write("/etc/mfactl/config.toml", config, "root", 0o644);
    machine.sudo("ann", "init").exits(0);
    for command in ["policy check", "user reset --from-file", "user import"] {
        let line = format!(
            "for n in $(seq 0 24); do for up in '' ../ ../../; do
                sudo -n mfactl {command} /proc/self/fd/$n/${{up}}list 2>&1
            done; done"
        );
        let said = machine.sh("ann", &line).stdout;
        assert!(said.contains("/proc/self/fd/3/list"), "{said}");
        assert!(!said.contains("mine-alone"), "{command}: {said}");
    }
}

/// Whoever may run mfactl under sudo and is not an operator had files of any size read, parsed
/// and copied by the owner's process, and was refused afterwards.
#[test]
fn a_stranger_s_files_were_read_before_the_stranger_was_refused() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("eve", "mkfifo pipe; head -c 4096 /dev/zero >zeroes").exits(0);
    for verb in [
        // Nobody writes to the pipe: opening it would wait.
        "user import pipe",
        "user reset --from-file pipe",
        "user membership alice --org acme --from-file pipe",
        "policy plan pipe",
        "policy apply pipe",
        "policy apply --plan pipe",
        "convert import otpauth pipe",
        "user enrol alice --verify-code - --reveal <pipe",
        "state restore zeroes --yes",
        "exception request alice --long --reason accessibility --evidence zeroes",
        "state backup /nowhere/b.tar",
        "--as ann user import pipe",
    ] {
        let line = format!("exec 8<>pipe; timeout 10 sudo -n mfactl {verb}");
        let run = machine.sh("eve", &line).exits(5);
        assert!(run.stderr.contains("operator"), "{verb}: {}", run.stderr);
    }
    machine.sh("eve", "sudo -n mfactl policy schema >schema").exits(0);
    machine.sudo("eve", "exception expire").exits(0);
    machine.sudo("eve", "signin check alice --org acme").exits(0);
}

/// Where the operators could not be read, nobody was asked who they are: anybody under sudo read
/// what is wrong with which file.
#[test]
fn damage_to_the_operators_let_strangers_look_for_more() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    let files = "/var/lib/mfactl/operators.yaml /var/lib/mfactl/orgs/acme.yaml";
    for damage in ["sed -i '$d'", "sed -i '1d'"] {
        machine.sh("root", &format!("{damage} {files}")).exits(0);
        for command in ["state check", "audit verify"] {
            for (user, words) in [("eve", "not an operator|no operator"), ("hal", "may not read")] {
                let run = machine.sudo(user, command).exits(5);
                let said = format!("{}{}", run.stdout, run.stderr);
                assert!(words.split('|').any(|words| said.contains(words)), "{said}");
                assert!(!said.contains("acme"), "{said}");
            }
            for run in [machine.sudo("ann", command), machine.root(command)] {
                let run = run.exits(1);
                assert!(run.stdout.contains("orgs/acme.yaml"), "{}", run.stdout);
            }
        }
        machine.sudo("ann", "state repair --yes").exits(0);
    }
    // Where the log does not tell either, the cause alone is said.
    machine.sh("root", "mv /var/lib/mfactl/audit /var/lib/audit").exits(0);
    for user in ["eve", "ann"] {
        let run = machine.sudo(user, "state check").exits(7);
        assert!(run.stderr.contains("no audit log"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    machine.root("state check").exits(1);
}

/// A user that the system does not know has no group: not root's, which the process had.
#[test]
fn somebody_whose_account_is_gone_had_the_group_of_root() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.write("/etc/grouped", "alice\n", "root", 0o640);
    let line = "echo 4000000 >/proc/self/loginuid; mfactl policy check /etc/grouped";
    let run = machine.sh("root", line).exits(2);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("you may not read it"), "{said}");
}

/// Where nothing is there to become the owner of, root's rights were still there.
#[test]
fn without_a_state_files_were_opened_with_root_s_rights() {
    if !able() {
        return;
    }
    let machine = Machine::bare();
    machine.write("/etc/secret", "version: 1\norg: topsecret\n", "root", 0o600);
    machine.write("/var/lib/secret", "version: 1\norg: topsecret\n", "mfactl", 0o600);
    for (sudo, why) in [
        ("sudo -n", "you may not read it"),
        ("sudo -n -u mfactl", "cannot open files with your rights"),
    ] {
        for file in ["/etc/secret", "/var/lib/secret"] {
            for command in ["policy check", "convert import otpauth", "user import"] {
                let run = machine.sh("hal", &format!("{sudo} mfactl {command} {file}"));
                let said = format!("{}{}", run.stdout, run.stderr);
                assert!([2, 4].contains(&run.code), "{sudo} {command} {file}: {said}");
                assert!(!said.contains("topsecret"), "{sudo} {command} {file}: {said}");
                if command == "policy check" {
                    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert!(said.contains(why), "{sudo} {file}: {said}");
                }
            }
        }
    }
}

/// A backup is read in a state's place as any of its operators: not with root's rights.
#[test]
fn a_backup_in_the_place_of_the_state_was_read_by_anybody() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sudo("ann", "state backup b.tar --yes").exits(0);
    let swap =
        "mv /home/ann/b.tar /var/lib/; rm -r /var/lib/mfactl; mv /var/lib/b.tar /var/lib/mfactl
        chown root: /var/lib/mfactl; chmod 600 /var/lib/mfactl";
    machine.sh("root", swap).exits(0);
    for sudo in ["sudo -n", "sudo -n -u mfactl"] {
        for command in ["--as ann user list", "user show alice", "signin check alice --org acme"] {
            let run = machine.sh("eve", &format!("{sudo} mfactl {command}"));
            assert!([2, 8].contains(&run.code), "{sudo} {command}: {} {}", run.code, run.stderr);
            assert!(!run.stdout.contains("alice"), "{sudo} {command}: {}", run.stdout);
        }
    }
}

/// Whoever makes a state is its first site-admin, however they came to the owner's rights.
#[test]
fn with_the_owner_s_rights_anybody_made_the_state_of_an_instance() {
    if !able() {
        return;
    }
    let machine = Machine::new();
    machine.sh("root", "install -d -m 0700 -o mfactl -g mfactl /var/lib/states").exits(0);
    let config = "state_dir = \"/var/lib/states/lab\"\nfounder = \"ann\"\n";
    machine.write("/etc/mfactl/lab.toml", config, "root", 0o644);
    // Where nothing is, in an empty directory, and in one that a killed run began to fill.
    for prepared in [
        "true",
        "install -d -m 0700 -o mfactl -g mfactl /var/lib/states/lab",
        "install -m 0600 -o mfactl -g mfactl /dev/null /var/lib/states/lab/.founding",
    ] {
        machine.sh("root", prepared).exits(0);
        for sudo in ["sudo -n", "sudo -n -u mfactl"] {
            let run = machine.sh("eve", &format!("{sudo} mfactl --instance lab init")).exits(5);
            assert!(run.stderr.contains("only ann may make a state"), "{}", run.stderr);
        }
        let left = machine.sh("root", "find /var/lib/states -type f ! -name .founding");
        assert_eq!(left.stdout, "", "{prepared}");
    }
    machine.sudo("ann", "--instance lab init").exits(0);
    machine.is_private(Path::new("/var/lib/states"));
}

/// What root makes for a state is made only where nobody can put something else in its place.
#[test]
fn a_state_was_made_where_anybody_could_replace_it() {
    if !able() {
        return;
    }
    let machine = Machine::bare();
    machine.sh("root", "mkdir -m 0777 /var/lib/open").exits(0);
    let run = machine.root("--state /var/lib/open/new init").exits(7);
    assert!(run.stderr.contains("is not safe to use"), "{}", run.stderr);
    let config = |text: &str| machine.write("/etc/mfactl/config.toml", text, "root", 0o644);
    machine.sh("root", "install -d -m 0755 /etc/mfactl").exits(0);
    // Also where its key would be safe.
    config("key_file = \"/etc/mfactl/key\"\n");
    machine.root("--state /var/lib/open/new init").exits(7);
    machine.sh("root", "test ! -e /var/lib/open/new && test ! -e /etc/mfactl/key").exits(0);
    for text in [
        "state_dir = \"/var/lib/open/state\"\n",
        "key_file = \"/var/lib/open/keys/key\"\n",
        "key_file = \"/var/lib/open/more/keys/key\"\n",
    ] {
        config(text);
        for run in [machine.sudo("ann", "init"), machine.root("init")] {
            let run = run.exits(7);
            assert!(run.stderr.contains("chmod go-w /var/lib/open"), "{text}: {}", run.stderr);
        }
        let left = machine.sh("root", "find /var/lib/open -mindepth 1");
        assert_eq!(left.stdout, "", "{text}");
        machine.sh("root", "rm -rf /var/lib/mfactl").exits(0);
    }
}
