//! A path looked up name by name, so that it can be said who could make it lead elsewhere:
//! sshd's StrictModes for the state, the key and the configuration.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// As many links as the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;
/// A path is no deeper than this (`PATH_MAX`, two bytes a name).
const DEEPEST: usize = 2048;
const LOOK: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A path that was looked up, up to its last name.
#[derive(Debug)]
pub(in crate::env) struct Looked {
    /// The directory that the last name is in; `None` where one above it does not exist.
    pub(in crate::env) parent: Option<OwnedFd>,
    /// The last name. It is not a link, or does not exist.
    pub(in crate::env) name: OsString,
    /// The path without any link in it.
    pub(in crate::env) real: PathBuf,
    /// Whether its last name was a link.
    pub(in crate::env) is_link: bool,
    steps: Vec<PathStep>,
}

/// A name that was looked up in a directory.
#[derive(Debug)]
struct PathStep {
    dir: PathBuf,
    uid: u32,
    gid: u32,
    mode: u32,
    /// The owner of what has the name; `None` where nothing has it.
    entry: Option<u32>,
}

/// Why a path is not trusted, and the command that mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::env) struct Untrusted {
    pub(in crate::env) why: String,
    pub(in crate::env) mend: Option<String>,
}

/// Looks a path up. Links are followed, each in a step of its own.
///
/// # Errors
/// What the system says; a directory that does not exist is not an error.
pub(in crate::env) fn look_up(path: &Path) -> io::Result<Looked> {
    let mut walk = PathWalk::begin(path)?;
    while let Some(component) = walk.left.pop_front() {
        match component {
            PathPart::Root => walk.go_to_root()?,
            PathPart::Parent => walk.up()?,
            PathPart::Name(name) => {
                if walk.left.is_empty() && !walk.is_link(&name)? {
                    return walk.ends_with(name);
                }
                if !walk.down(&name)? {
                    return Ok(walk.breaks_off(name));
                }
            }
        }
    }
    walk.ends_here()
}

/// Opens what has this name in a directory, for reading; `None` where nothing has it. A link
/// is not followed, also where it came there a moment ago, and a pipe is not waited for.
pub(in crate::env) fn open_entry(
    dir: impl AsFd,
    name: &OsStr,
) -> rustix::io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::openat(dir, name, flags, Mode::empty()) {
        Ok(fd) => Ok(Some(fd)),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(e),
    }
}

enum PathPart {
    Root,
    Parent,
    Name(OsString),
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = PathPart> + '_ {
    path.components().filter_map(|component| match component {
        Component::RootDir | Component::Prefix(_) => Some(PathPart::Root),
        Component::CurDir => None,
        Component::ParentDir => Some(PathPart::Parent),
        Component::Normal(name) => Some(PathPart::Name(name.to_owned())),
    })
}

struct PathWalk {
    here: OwnedFd,
    real: PathBuf,
    left: VecDeque<PathPart>,
    links: usize,
    /// Whether the last name of the path that was asked for was a link.
    is_link: bool,
    steps: Vec<PathStep>,
}

impl PathWalk {
    fn begin(path: &Path) -> io::Result<PathWalk> {
        let left: VecDeque<PathPart> = parts(path).collect();
        if path.is_absolute() {
            let here = rustix::fs::openat(CWD, "/", LOOK, Mode::empty())?;
            return Ok(PathWalk {
                here,
                real: "/".into(),
                left,
                links: 0,
                is_link: false,
                steps: Vec::new(),
            });
        }
        let here = rustix::fs::openat(CWD, ".", LOOK, Mode::empty())?;
        let real = std::env::current_dir()?;
        let steps = above(&here, &real)?;
        Ok(PathWalk { here, real, left, links: 0, is_link: false, steps })
    }

    fn go_to_root(&mut self) -> io::Result<()> {
        self.here = rustix::fs::openat(CWD, "/", LOOK, Mode::empty())?;
        self.real = "/".into();
        Ok(())
    }

    fn up(&mut self) -> io::Result<()> {
        self.here = rustix::fs::openat(&self.here, "..", LOOK, Mode::empty())?;
        self.real.pop();
        Ok(())
    }

    fn stat(&self, name: &OsStr) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.here, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    fn is_link(&self, name: &OsStr) -> io::Result<bool> {
        Ok(self.stat(name)?.is_some_and(|stat| is_link(&stat)))
    }

    fn step(&mut self, entry: Option<&Stat>) -> io::Result<()> {
        let stat = rustix::fs::fstat(&self.here)?;
        self.steps.push(step(self.real.clone(), &stat, entry.map(|stat| stat.st_uid)));
        Ok(())
    }

    /// Into the directory of this name, or to where the link of this name leads; `false`
    /// where nothing has the name.
    fn down(&mut self, name: &OsStr) -> io::Result<bool> {
        let found = self.stat(name)?;
        self.step(found.as_ref())?;
        let Some(stat) = found else { return Ok(false) };
        if is_link(&stat) {
            self.links += 1;
            self.is_link |= self.left.is_empty();
            if self.links > MOST_LINKS {
                return Err(Errno::LOOP.into());
            }
            let to = rustix::fs::readlinkat(&self.here, name, Vec::new())?;
            let to = PathBuf::from(OsString::from_vec(to.into_bytes()));
            parts(&to).rev().for_each(|part| self.left.push_front(part));
            return Ok(true);
        }
        self.enter(name)?;
        Ok(true)
    }

    /// Into the directory of this name. What was looked at may have been replaced since: no
    /// link is followed here.
    fn enter(&mut self, name: &OsStr) -> io::Result<()> {
        self.here = rustix::fs::openat(&self.here, name, LOOK, Mode::empty())?;
        self.real.push(name);
        Ok(())
    }

    fn ends_with(mut self, name: OsString) -> io::Result<Looked> {
        let found = self.stat(&name)?;
        self.step(found.as_ref())?;
        let real = self.real.join(&name);
        let (is_link, steps) = (self.is_link, self.steps);
        Ok(Looked { parent: Some(self.here), name, real, is_link, steps })
    }

    fn breaks_off(self, name: OsString) -> Looked {
        let rest = self.left.iter().map(|part| match part {
            PathPart::Name(name) => name.as_os_str(),
            PathPart::Parent => OsStr::new(".."),
            PathPart::Root => OsStr::new("/"),
        });
        let real: PathBuf = self.real.join(&name).join(rest.collect::<PathBuf>());
        let name = real.file_name().map_or(name, OsStr::to_owned);
        Looked { parent: None, name, real, is_link: self.is_link, steps: self.steps }
    }

    /// The path ends in a directory that has no name in it: `.`, `..` or `/`.
    fn ends_here(mut self) -> io::Result<Looked> {
        let name = self.real.file_name().map(OsStr::to_owned);
        let name = name.ok_or(io::ErrorKind::InvalidInput)?;
        self.up()?;
        self.ends_with(name)
    }
}

fn is_link(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Symlink
}

fn step(dir: PathBuf, stat: &Stat, entry: Option<u32>) -> PathStep {
    PathStep { dir, uid: stat.st_uid, gid: stat.st_gid, mode: stat.st_mode, entry }
}

/// The directories above one that is open.
fn above(dir: &OwnedFd, real: &Path) -> io::Result<Vec<PathStep>> {
    let mut steps = Vec::new();
    let mut real = real.to_owned();
    let mut here = rustix::fs::openat(dir, ".", LOOK, Mode::empty())?;
    for _ in 0..DEEPEST {
        let stat = rustix::fs::fstat(&here)?;
        let next = rustix::fs::openat(here.as_fd(), "..", LOOK, Mode::empty())?;
        let parent = rustix::fs::fstat(&next)?;
        if (parent.st_dev, parent.st_ino) == (stat.st_dev, stat.st_ino) {
            break;
        }
        real.pop();
        steps.push(step(real.clone(), &parent, Some(stat.st_uid)));
        here = next;
    }
    Ok(steps)
}

impl Looked {
    /// Whether nobody but root and `owner` can make the path lead elsewhere. In a directory
    /// like /tmp, where anybody makes files and nobody removes another's, that holds for
    /// what belongs to root or to `me`, the user that the process was started as.
    pub(in crate::env) fn trusted(&self, owner: u32, me: u32) -> Result<(), Untrusted> {
        self.steps.iter().try_for_each(|step| step.trusted(owner, me))
    }
}

impl PathStep {
    /// Whether that the group may write says nothing that the owner may not: a directory of a
    /// user who is alone in the group, and no access control list, whose mask shows as the
    /// group's rights. Never of root's, whose group may be anybody's first.
    fn is_private(&self) -> bool {
        let mut value = [0; 256];
        let list = rustix::fs::getxattr(&self.dir, "system.posix_acl_access", &mut value);
        let plain = matches!(list, Err(Errno::NODATA | Errno::OPNOTSUPP));
        self.uid != 0 && plain && is_private_group(self.gid, self.uid)
    }

    fn trusted(&self, owner: u32, me: u32) -> Result<(), Untrusted> {
        let shown = self.dir.display();
        let mend = |command: &str| Some(format!("{command} {}", quoted(&self.dir)));
        if self.uid != 0 && self.uid != owner {
            let why = format!("{shown} belongs to {}, who could replace it", user(self.uid));
            return Err(Untrusted { why, mend: mend("chown root") });
        }
        let others = self.mode & 0o002 != 0;
        let group = self.mode & 0o020 != 0 && !self.is_private();
        if !others && !group {
            return Ok(());
        }
        const STICKY: u32 = 0o1000;
        match self.entry {
            // What is made there later is one's own, or found to be another's.
            None if self.mode & STICKY != 0 => Ok(()),
            Some(entry) if self.mode & STICKY != 0 && (entry == 0 || entry == me) => Ok(()),
            Some(entry) if self.mode & STICKY != 0 => {
                let why = format!("{} put it into {shown}, where everybody may", user(entry));
                Err(Untrusted { why, mend: None })
            }
            _ => {
                let who = if others { "everybody" } else { "its group" };
                let mode = self.mode & 0o7777;
                let why = format!("{who} may write to {shown} (mode {mode:04o})");
                Err(Untrusted { why, mend: mend("chmod go-w") })
            }
        }
    }
}

/// Whether the group is the one that a user alone is in, as user-private groups are: then
/// that the group may write says nothing that the owner may not. Where the user database
/// cannot be read it is not.
fn is_private_group(gid: u32, owner: u32) -> bool {
    let group = Group::from_gid(Gid::from_raw(gid)).ok().flatten();
    let user = User::from_uid(Uid::from_raw(owner)).ok().flatten();
    matches!((&group, &user), (Some(group), Some(user)) if is_alone_in(user, group))
}

fn is_alone_in(user: &User, group: &Group) -> bool {
    user.gid == group.gid
        && group.name == user.name
        && group.mem.iter().all(|member| *member == user.name)
}

/// A user by name, or by number where the system does not know it.
pub(in crate::env) fn user(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| format!("the user id {uid}"), |user| user.name)
}

/// A path as a word of the shell.
pub(in crate::env) fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@,:".contains(c);
    if !shown.is_empty() && shown.chars().all(plain) {
        return shown;
    }
    format!("'{}'", shown.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn own() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn trusted(path: &Path) -> Result<(), Untrusted> {
        look_up(path).unwrap().trusted(own(), own())
    }

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_path_is_what_it_really_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        symlink("a/b", root.join("relative")).unwrap();
        symlink(root.join("a"), root.join("absolute")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let real = |name: &str| look_up(&root.join(name)).map(|looked| looked.real);
        for (name, expected) in [
            ("a", "a"),
            ("a/b/", "a/b"),
            ("a/b/.", "a/b"),
            ("a/b/..", "a"),
            ("relative", "a/b"),
            ("relative/../x", "a/x"),
            ("absolute/b/new", "a/b/new"),
            ("nowhere/x/y", "nowhere/x/y"),
        ] {
            assert_eq!(real(name).unwrap(), root.join(expected), "{name}");
        }
        assert!(real("loop").is_err() && real("loop/x").is_err());
        assert!(look_up(&root.join("nowhere/x")).unwrap().parent.is_none());
        std::fs::write(root.join("file"), "").unwrap();
        assert!(real("file/x").is_err() && real("file").is_ok());
        assert!(look_up(Path::new("/")).is_err());
        assert_eq!(look_up(Path::new(".")).unwrap().real, std::env::current_dir().unwrap());
    }

    #[test]
    fn whoever_could_replace_a_part_of_the_path_makes_it_untrusted() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("safe/state")).unwrap();
        std::fs::create_dir(root.join("open")).unwrap();
        symlink(root.join("safe"), root.join("open/link")).unwrap();
        mode(&root.join("open"), 0o777);
        assert_eq!(trusted(&root.join("safe/state")), Ok(()));
        // A link in a directory that is open leads wherever anybody wants.
        for path in ["open/state", "open/link/state", "open/../safe/../open/x"] {
            let untrusted = trusted(&root.join(path)).unwrap_err();
            assert!(untrusted.why.contains("everybody may write to"), "{}", untrusted.why);
            let mend = format!("chmod go-w {}", root.join("open").display());
            assert_eq!(untrusted.mend, Some(mend));
        }
        // As in /tmp: what is there is root's or one's own, and stays there.
        mode(&root.join("open"), 0o1777);
        assert_eq!(trusted(&root.join("open/link/state")), Ok(()));
        let another = look_up(&root.join("open/link/state")).unwrap();
        assert_eq!(another.trusted(own(), own() + 1).is_err(), own() != 0);
        let another = look_up(&root.join("safe/state")).unwrap();
        assert_eq!(another.trusted(own() + 1, own()).is_err(), own() != 0);
    }

    #[test]
    fn a_link_or_a_pipe_in_the_place_of_a_file_is_not_followed_or_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        let dir = rustix::fs::openat(CWD, folder.path(), LOOK, Mode::empty()).unwrap();
        rustix::fs::mkfifoat(&dir, "pipe", Mode::RUSR | Mode::WUSR).unwrap();
        let opened = |name: &str| Ok(open_entry(&dir, OsStr::new(name))?.is_some());
        assert_eq!(opened("file"), Ok(true));
        assert_eq!(opened("nothing"), Ok(false));
        assert_eq!(opened("link"), Err(Errno::LOOP));
        assert_eq!(opened("pipe"), Ok(true));
    }

    #[test]
    fn a_directory_that_became_a_link_is_not_entered() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("real")).unwrap();
        symlink("real", folder.path().join("link")).unwrap();
        let mut walk = PathWalk::begin(Path::new("/")).unwrap();
        walk.here = rustix::fs::openat(CWD, folder.path(), LOOK, Mode::empty()).unwrap();
        assert!(walk.enter(OsStr::new("link")).is_err());
        assert!(walk.enter(OsStr::new("real")).is_ok());
    }

    #[test]
    fn a_directory_is_trusted_by_its_owner_its_mode_and_whose_the_entry_is() {
        // A group that does not exist is nobody's own.
        let step =
            |uid, mode, entry| PathStep { dir: "/d".into(), uid, gid: 4_000_000, mode, entry };
        let (owner, me, other) = (4_000_001, 4_000_002, 4_000_003);
        for (uid, mode, entry, wrong) in [
            (0, 0o755, Some(other), None),
            (owner, 0o755, Some(other), None),
            (other, 0o755, Some(0), Some("who could replace it")),
            (me, 0o755, Some(0), Some("who could replace it")),
            (other, 0o1777, Some(0), Some("who could replace it")),
            (0, 0o757, Some(0), Some("everybody may write")),
            (owner, 0o702, None, Some("everybody may write")),
            (0, 0o775, Some(0), Some("its group may write")),
            (owner, 0o720, None, Some("its group may write")),
            (0, 0o1777, Some(0), None),
            (0, 0o1777, Some(me), None),
            (0, 0o1777, None, None),
            (0, 0o1777, Some(owner), Some("put it into /d")),
            (0, 0o1777, Some(other), Some("put it into /d")),
            (owner, 0o1770, Some(other), Some("put it into /d")),
        ] {
            let why = step(uid, mode, entry).trusted(owner, me).err().map(|it| it.why);
            let found = why.as_ref().is_none_or(|why| wrong.is_some_and(|it| why.contains(it)));
            assert!(found && why.is_some() == wrong.is_some(), "{uid} {mode:o} {entry:?}: {why:?}");
        }
    }

    /// Its mask shows as the rights of the group, so that a private group hides others' rights.
    #[test]
    fn a_list_of_others_who_may_write_passed_as_a_private_group() {
        let users = ["daemon", "bin", "sys", "mail"].map(|name| User::from_name(name).unwrap());
        let alone = |user: &User| is_private_group(user.gid.as_raw(), user.uid.as_raw());
        let user = users.into_iter().flatten().find(alone);
        let (Some(user), 0) = (user, own()) else {
            return; // Only root gives directories away.
        };
        let folder = tempfile::tempdir().unwrap();
        let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
        std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).unwrap();
        mode(folder.path(), 0o775);
        let path = folder.path().join("state");
        let trusted = || look_up(&path).unwrap().trusted(uid, uid);
        assert_eq!(trusted(), Ok(()));
        // Version 2; entries of tag, rights and id (acl(5)): another user may write.
        let entry = |tag: u16, rights: u16, id: u32| {
            [&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat()
        };
        let none = u32::MAX;
        let list = [(1, 7, none), (2, 7, uid + 1), (4, 0, none), (16, 7, none), (32, 5, none)];
        let list: Vec<u8> = list.into_iter().flat_map(|(t, r, id)| entry(t, r, id)).collect();
        let value = [&2_u32.to_le_bytes()[..], &list].concat();
        let name = "system.posix_acl_access";
        match rustix::fs::setxattr(folder.path(), name, &value, rustix::fs::XattrFlags::empty()) {
            Err(Errno::OPNOTSUPP) => {}
            set => {
                set.unwrap();
                assert!(trusted().unwrap_err().why.contains("its group may write"));
            }
        }
    }

    #[test]
    fn a_group_is_private_where_its_only_user_has_its_name() {
        let user = User::from_uid(Uid::from_raw(0)).unwrap().unwrap();
        let group = Group::from_gid(Gid::from_raw(0)).unwrap().unwrap();
        let (ann, own) = ("ann".to_owned(), Gid::from_raw(7));
        let user = User { name: ann.clone(), gid: own, ..user };
        let group = Group { name: ann.clone(), gid: own, mem: Vec::new(), ..group };
        assert!(is_alone_in(&user, &group));
        assert!(is_alone_in(&user, &Group { mem: vec![ann.clone()], ..group.clone() }));
        let others = vec![ann, "eve".to_owned()];
        assert!(!is_alone_in(&user, &Group { mem: others, ..group.clone() }));
        assert!(!is_alone_in(&user, &Group { name: "staff".to_owned(), ..group.clone() }));
        assert!(!is_alone_in(&User { gid: Gid::from_raw(8), ..user }, &group));
        assert!(!is_private_group(4_000_000, 0) && !is_private_group(0, 4_000_000), "unknown");
    }

    #[test]
    fn a_group_that_may_write_is_trusted_where_its_owner_is_alone_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("shared")).unwrap();
        mode(&root.join("shared"), 0o775);
        let user = User::from_uid(Uid::from_raw(own())).unwrap().unwrap();
        let group = Group::from_gid(user.gid).unwrap().unwrap();
        let alone = own() != 0 && group.name == user.name && group.mem.is_empty();
        assert_eq!(trusted(&root.join("shared/state")).is_ok(), alone);
        if own() == 0 {
            // The group "users" or any other that is nobody's own.
            std::os::unix::fs::chown(root.join("shared"), None, Some(100)).unwrap();
            assert!(trusted(&root.join("shared/state")).is_err());
        }
    }

    #[test]
    fn a_word_of_the_shell_is_quoted_where_it_needs_it() {
        for (path, expected) in
            [("/var/lib/x", "/var/lib/x"), ("/a b", "'/a b'"), ("/it's", "'/it'\\''s'"), ("", "''")]
        {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
