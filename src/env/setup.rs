//! What of an installation is not as it should be, as far as files say it: owners, modes and
//! the users that jobs run as. Each with the command that mends it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Dir;

use super::Env;
use super::privilege::AtPlace;
use super::privilege::path::{quoted, user};
use crate::error::{Error, Result};

/// Where systemd looks for units, and cron for jobs.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];
const CRON: &str = "/etc/cron.d/mfactl";

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupProblem {
    /// The file or directory.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
    /// The command that mends it, where there is one.
    pub mend: Option<String>,
}

impl Env {
    /// Looks at the owners and modes of everything in the state, and at the users that timers
    /// and cron jobs run as.
    ///
    /// # Errors
    /// System (8) where it cannot be looked at.
    pub fn setup_problems(&self) -> Result<Vec<SetupProblem>> {
        let mut found = Vec::new();
        if let AtPlace::Dir { owner, .. } = &self.place.found {
            let state = &self.place.real;
            found.extend(owners_and_modes(state, *owner)?);
            found.extend(jobs(&UNITS.map(Path::new), Path::new(CRON), state, owner.0)?);
        }
        Ok(found)
    }
}

/// Everything in a state is its owner's, and for nobody else.
fn owners_and_modes(state: &Path, owner: (u32, u32)) -> Result<Vec<SetupProblem>> {
    let (mut strangers, mut modes) = (Vec::new(), Vec::new());
    let mut left = vec![state.to_owned()];
    while let Some(path) = left.pop() {
        let failed = |e: &io::Error| Error::system("look at", path.display(), e);
        let found = match std::fs::symlink_metadata(&path) {
            Ok(found) => found,
            // It went meanwhile.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(failed(&e)),
        };
        let mode = found.permissions().mode() & 0o7777;
        if found.uid() != owner.0 {
            strangers.push(path.clone());
            continue;
        }
        if mode != if found.is_dir() { 0o700 } else { 0o600 } {
            modes.push(path.clone());
            if mode & 0o500 != 0o500 {
                continue;
            }
        }
        if found.is_dir() {
            let names = names(&path).map_err(|e| failed(&e))?;
            left.extend(names.into_iter().map(|name| path.join(name)));
        }
    }
    let name = user(owner.0);
    let shown = quoted(state);
    let problem = |paths: Vec<PathBuf>, what: String, mend: String| {
        let first = paths.iter().min()?.display().to_string();
        let more = match paths.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Some(SetupProblem { path: first, what: format!("{what}{more}"), mend: Some(mend) })
    };
    let strangers = problem(
        strangers,
        format!("does not belong to {name}, the owner of the state"),
        format!("chown -R {} {shown}", quoted(Path::new(&name))),
    );
    let modes = problem(
        modes,
        "does not have the mode 0700 (directories) or 0600 (files)".to_owned(),
        format!("chmod -R u=rwX,go= {shown}"),
    );
    Ok(strangers.into_iter().chain(modes).collect())
}

/// Timers and cron jobs that run mfactl as a user who may not.
fn jobs(units: &[&Path], cron: &Path, state: &Path, owner: u32) -> Result<Vec<SetupProblem>> {
    let owner = user(owner);
    let may = |name: &str| name == "root" || name == owner;
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for folder in units {
        for path in entries(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_ours = name.starts_with("mfactl-") && name.ends_with(".service");
            // The first one counts, as systemd has it.
            if !is_ours || !seen.insert(name) {
                continue;
            }
            let text = text(&path)?;
            // Blanks around the sign say nothing, and the last one counts.
            let user_of = |line: &str| {
                let (key, value) = line.split_once('=')?;
                (key.trim() == "User").then(|| value.trim().to_owned())
            };
            if let Some(name) = text.lines().rev().find_map(user_of).filter(|name| !may(name)) {
                found.push(SetupProblem {
                    path: path.display().to_string(),
                    what: format!("runs as {name}, but {} belongs to {owner}", state.display()),
                    mend: Some(format!("sed -i 's/^ *User *=.*/User={owner}/' {}", quoted(&path))),
                });
            }
        }
    }
    for line in text(cron)?.lines() {
        let mut words = line.split_whitespace();
        // A job: five fields of time and a user.
        let is_job = line.starts_with(|c: char| c.is_ascii_digit() || "*@".contains(c));
        let at = if line.starts_with('@') { 1 } else { 5 };
        let Some(name) = words.nth(at).filter(|_| is_job) else { continue };
        if !may(name) {
            found.push(SetupProblem {
                path: cron.display().to_string(),
                what: format!("runs as {name}, but {} belongs to {owner}", state.display()),
                mend: None,
            });
        }
    }
    Ok(found)
}

/// What is in a folder. The standard library panics where its reading cannot be ended.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::new(std::fs::File::open(folder)?)? {
        let entry = entry?;
        match entry.file_name().to_bytes() {
            b"." | b".." => {}
            name => names.push(OsStr::from_bytes(name).to_owned()),
        }
    }
    Ok(names)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: io::Error| Error::system("list", folder.display(), &e);
    let mut names = match names(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        names => names.map_err(failed)?,
    };
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// What a file holds; nothing where it does not exist or nobody may read it.
fn text(path: &Path) -> Result<String> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            Ok(String::new())
        }
        Err(e) => Err(Error::system("read", path.display(), &e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_another_user_than_the_owner_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (own, lib, cron) = (path("own"), path("lib"), path("cron"));
        for (file, text) in [
            ("own/mfactl-expire.service", "[Service]\nUser=games\nUser=daemon\n"),
            ("own/other.service", "User=games\n"),
            ("lib/mfactl-expire.service", "User=games\n"),
            ("lib/mfactl-verify.service", "ExecStart=/usr/bin/mfactl audit verify\nUser = games\n"),
            ("lib/mfactl-backup.service", "[Service]\nUser=games\n"),
            ("lib/mfactl-backup.timer", "User=games\n"),
        ] {
            std::fs::create_dir_all(path(file).parent().unwrap()).unwrap();
            std::fs::write(path(file), text).unwrap();
        }
        let lines = "# games\nMAILTO=games\n*/5 * * * * games mfactl exception expire\n\
                     @daily daemon mfactl audit verify\n0 1 * * * root mfactl state backup b\n";
        std::fs::write(&cron, lines).unwrap();
        let owner = nix::unistd::User::from_name("daemon").unwrap().unwrap().uid.as_raw();
        let units = [own.as_path(), lib.as_path(), Path::new("/nowhere")];
        let found = jobs(&units, &cron, Path::new("/s"), owner).unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.path.as_str(), it.what.as_str())).collect();
        let what = "runs as games, but /s belongs to daemon";
        let shown = |name: &str| path(name).display().to_string();
        let backup = shown("lib/mfactl-backup.service");
        let verify = shown("lib/mfactl-verify.service");
        assert_eq!(found, [(&*backup, what), (&*verify, what), (&*shown("cron"), what)]);
    }

    #[test]
    fn what_is_not_the_owner_s_alone_is_told_once_with_what_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mode = |name: &str, mode| {
            std::fs::set_permissions(root.join(name), PermissionsExt::from_mode(mode)).unwrap();
        };
        std::fs::create_dir(root.join("users")).unwrap();
        mode("", 0o700);
        mode("users", 0o700);
        for name in ["a", "users/b", "users/c"] {
            std::fs::write(root.join(name), "").unwrap();
            mode(name, 0o600);
        }
        let own = std::fs::metadata(root).unwrap();
        let problems = || owners_and_modes(root, (own.uid(), own.gid())).unwrap();
        assert_eq!(problems(), []);
        mode("users/b", 0o640);
        mode("users/c", 0o400);
        let found = problems();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, root.join("users/b").display().to_string());
        assert!(found[0].what.ends_with(", and 1 more"), "{found:?}");
        mode("users", 0o000);
        assert_eq!(problems()[0].path, root.join("users").display().to_string());
        mode("users", 0o700);
        let others = owners_and_modes(root, (own.uid() + 1, own.gid())).unwrap();
        assert!(others[0].mend.as_ref().unwrap().starts_with("chown -R"), "{others:?}");
    }
}
