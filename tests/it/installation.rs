//! packaging/README.md, typed word by word on a fresh Debian: made with debootstrap below the
//! target directory once, and used through a layer that goes with the test.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

use crate::namespace;
use crate::shell;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use namespace::Namespace;
use shell::{Run, finish, tool};

/// A machine with Debian on it, seen from inside a mount namespace of its own.
struct Debian(Namespace);

const MAKE: &str = r#"mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/up,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mkdir -p "$1/root/src/target/release"
cp -r "$3/packaging" "$1/root/src/"
cp "$4" "$1/root/src/target/release/mfactl"
"#;

impl Debian {
    fn new() -> Debian {
        let (base, program) = (base(), assert_cmd::cargo::cargo_bin!("mfactl"));
        Debian(Namespace::new(MAKE, [&base, Path::new(env!("CARGO_MANIFEST_DIR")), program]))
    }

    /// A line of shell as `user`, in `folder`, without a login uid.
    fn sh(&self, user: &str, folder: &str, line: &str) -> Run {
        const OUTER: &str = r#"echo 4294967295 >/proc/self/loginuid
            exec chroot "$1" sh -c 'cd "$2" && exec runuser -u "$1" -- sh -c "$3"' sh "$2" "$3" "$4""#;
        let root = self.0.dir().join("root");
        let words = [root.as_os_str(), user.as_ref(), folder.as_ref(), line.as_ref()];
        let mut command = self.0.command(OUTER, words);
        command.env("LC_ALL", "C.UTF-8");
        finish(command)
    }

    fn root(&self, line: &str) -> Run {
        self.sh("root", "/src", line)
    }

    fn ann(&self, line: &str) -> Run {
        self.sh("ann", "/home/ann", line)
    }

    fn hal(&self, line: &str) -> Run {
        self.sh("hal", "/home/hal", line)
    }
}

/// The installed system, made once.
fn base() -> PathBuf {
    let release = std::fs::read_to_string("/etc/os-release").unwrap();
    let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let suite = suite.expect("the tests run on Debian").to_owned();
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("debian-{suite}"));
    if base.join("made").exists() {
        return base;
    }
    let _ = std::fs::remove_dir_all(&base);
    let output = Command::new("debootstrap")
        .args(["--variant=minbase", "--include=sudo,systemd,oathtool", &suite])
        .arg(&base)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let last = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "debootstrap: {}", last.lines().last().unwrap_or_default());
    std::fs::write(base.join("made"), "").unwrap();
    base
}

/// The blocks of commands in packaging/README.md.
fn blocks() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let block = |part: &str| part.split("```").next().unwrap().lines().map(str::to_owned).collect();
    text.split("```sh needs=root\n").skip(1).map(block).collect()
}

#[test]
fn the_documented_installation_works_word_by_word() {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can make a machine");
        return;
    }
    if !["debootstrap", "unshare", "nsenter"].into_iter().all(tool) {
        return;
    }
    let debian = Debian::new();
    let [install, set_up, service] = blocks().try_into().expect("three blocks of commands");

    for line in install {
        debian.root(&line).exits(0);
    }
    // An administrator with sudo, as the host has one already; a helpdesk person; a job.
    debian.root("useradd -m ann; useradd -m hal; useradd -m ci; echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann; echo 'Defaults:hal !authenticate' >/etc/sudoers.d/hal").exits(0);
    let staff = "login,name,email,orgs\nann.lee,Ann Lee,,st-marys\nhal.brown,Hal Brown,,st-marys\nalice.jones,Alice Jones,,st-marys\n";
    debian.ann(&format!("printf '{}' >staff.csv", staff.replace('\n', "\\n"))).exits(0);
    for line in set_up {
        // No systemd runs here: units are enabled, and not started.
        let run = debian.ann(&line.replace(" --now", ""));
        assert_eq!(run.code, 0, "{line}: {}{}", run.stdout, run.stderr);
    }
    people_work(&debian);
    jobs_run(&debian, &service);
    let strangers = "find /var/lib/mfactl /etc/mfactl/private ! -user mfactl -o -perm /077";
    assert_eq!(debian.root(strangers).stdout, "");
    what_is_wrong_is_said_and_mended(&debian);
}

fn people_work(debian: &Debian) {
    debian.ann("sudo mfactl org enforce st-marys on").exits(0);
    // hal's first day: alice is enrolled, loses her phone, and gets a new one.
    debian.hal("sudo mfactl operator whoami").exits(0);
    debian.hal("sudo mfactl user enrol alice.jones --out enrolment.txt").exits(0);
    let code = "oathtool --totp --base32 \"$(sed -n 's/^key *//p' enrolment.txt)\" >code";
    debian.hal(code).exits(0);
    debian.hal("sudo mfactl user confirm alice.jones --code-from code --out codes.txt").exits(0);
    let modes = debian.hal("stat -c %U:%a enrolment.txt codes.txt").exits(0);
    assert_eq!(modes.stdout, "hal:600\nhal:600\n");
    debian.hal("sudo mfactl signin check alice.jones --org st-marys").exits(1);
    let first = "grep -oE '[0-9A-Z]{4}(-[0-9A-Z]{4}){2}' codes.txt | head -n 1 >recovery";
    debian.hal(&format!("{first}; test -s recovery")).exits(0);
    debian
        .hal("sudo mfactl signin verify alice.jones --org st-marys --code-from recovery")
        .exits(0);
    debian
        .hal("sudo mfactl signin verify alice.jones --org st-marys --code-from recovery")
        .exits(1);
    debian.hal("sudo mfactl exception grant alice.jones --short --reason phone-misplaced").exits(0);
    debian.hal("sudo mfactl signin check alice.jones --org st-marys").exits(0);
    debian.hal("sudo mfactl user set-mfa alice.jones off").exits(5);
    debian.hal("mfactl user list").exits(4);
    debian.ann("sudo mfactl state backup backup.tar").exits(0);
    debian.ann("sudo mfactl key rotate --yes").exits(0);
}

fn jobs_run(debian: &Debian, service: &[String]) {
    // What the timers run, as the users that the units name.
    let expire = "line=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/mfactl-expire.service)
        user=$(sed -n 's/^User=//p' /usr/lib/systemd/system/mfactl-expire.service)
        runuser -u \"$user\" -- $line";
    debian.root(expire).exits(0);
    let verify = "$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/mfactl-verify.service)";
    debian.root(verify).exits(0);
    debian.root(verify).exits(0);
    for line in service {
        debian.ann(line).exits(0);
    }
    let rule = "echo 'ci ALL=(root) NOPASSWD: /usr/bin/mfactl policy *' >/etc/sudoers.d/ci";
    debian.root(rule).exits(0);
    debian
        .sh("ci", "/home/ci", "printf 'version: 1\\norg: st-marys\\nopt_out: deny\\n' >p.yaml")
        .exits(0);
    debian.sh("ci", "/home/ci", "sudo mfactl policy apply p.yaml").exits(0);
    assert_ne!(debian.sh("ci", "/home/ci", "sudo -n mfactl user list").code, 0);
}

/// Each thing that goes wrong with an installation is named, and what is printed mends it.
fn what_is_wrong_is_said_and_mended(debian: &Debian) {
    for (harm, said) in [
        ("chmod 755 /var/lib/mfactl/users", "does not have the mode"),
        ("chmod 000 /var/lib/mfactl/orgs", "does not have the mode"),
        ("chown root /var/lib/mfactl/lock", "does not belong to mfactl"),
        ("chown -R root: /var/lib/mfactl/orgs", "does not belong to"),
        ("chmod 777 /var/lib", "everybody may write to /var/lib"),
        ("chmod 755 /var/lib/mfactl", "open to others"),
        ("chmod 444 /etc/mfactl/private/key", "open to others"),
        ("chmod 777 /etc/mfactl/private", "everybody may write to /etc/mfactl/private"),
        (
            "sed -i 's/^User=.*/User=games/' /usr/lib/systemd/system/mfactl-expire.service",
            "runs as games",
        ),
    ] {
        debian.root(harm).exits(0);
        let shown = debian.ann("sudo mfactl state check --setup -o json").exits(1).json();
        let problems = shown["problems"].as_array().unwrap();
        assert!(
            problems.iter().any(|it| it["what"].as_str().unwrap().contains(said)),
            "{harm}: {shown}"
        );
        let mends = problems.iter().filter_map(|it| it["mend"].as_str());
        let mends: Vec<_> = mends.filter(|mend| !mend.starts_with("mfactl ")).collect();
        debian.root(&mends.join(" && ")).exits(0);
        // A second look after what hid the rest is mended.
        if debian.ann("sudo mfactl state check --setup").code != 0 {
            let again = debian.ann("sudo mfactl state check --setup -o json").json();
            let mend = again["problems"][0]["mend"].as_str().unwrap().to_owned();
            debian.root(&mend).exits(0);
        }
        let run = debian.ann("sudo mfactl state check --setup");
        assert_eq!(run.code, 0, "{harm}: {}", run.stdout);
    }
    // A configuration that others can write stops everything, and says so itself.
    debian.root("chmod 666 /etc/mfactl/config.toml").exits(0);
    let run = debian.ann("sudo mfactl state check --setup").exits(2);
    assert!(run.stderr.contains("chmod go-w /etc/mfactl/config.toml"), "{}", run.stderr);
    debian.root("chmod go-w /etc/mfactl/config.toml").exits(0);
    debian.ann("sudo mfactl audit verify").exits(0);
}
