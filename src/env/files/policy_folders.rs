//! Files in folders that are named on the command line (policies, their tests),
//! found with the person's own rights and bounded: no link leads in circles, and
//! no folder is walked for ever.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, FileType};

use super::input;
use crate::env::Env;

/// How deep a folder is walked.
const DEEPEST: usize = 32;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundFiles {
    /// The files, sorted, each once in whatever ways it was reached.
    pub files: Vec<PathBuf>,
    /// What could not be walked, and why.
    pub problems: Vec<(PathBuf, String)>,
    /// What was passed over although it looks like a file or folder to be read, and why.
    pub passed_over: Vec<(PathBuf, String)>,
}

impl Env {
    /// The files that `named` stand for: a file (`-` for stdin) for itself, a
    /// folder for every file in it, however deep, whose name ends in one of
    /// `extensions`. Hidden entries are left out; linked folders as well, which is told.
    pub fn files_in(
        &self,
        named: &[PathBuf],
        extensions: &'static [&'static str],
        most: usize,
    ) -> FoundFiles {
        let all = named.to_vec();
        let walked = self.person.run(move || Ok(walk(&all, extensions, most)));
        // Nobody may look: whoever reads the files says why.
        walked.unwrap_or_else(|_| FoundFiles { files: named.to_vec(), ..FoundFiles::default() })
    }
}

fn walk(named: &[PathBuf], extensions: &[&str], most: usize) -> FoundFiles {
    let (files, seen) = (BTreeSet::new(), HashSet::new());
    let mut walk =
        FolderWalk { extensions, most, files, seen, found: FoundFiles::default(), full: false };
    for path in named {
        walk.named(path);
    }
    walk.found.files = walk.files.into_iter().collect();
    walk.found
}

struct FolderWalk<'a> {
    extensions: &'a [&'a str],
    most: usize,
    files: BTreeSet<PathBuf>,
    seen: HashSet<PathBuf>,
    found: FoundFiles,
    full: bool,
}

impl FolderWalk<'_> {
    fn named(&mut self, path: &Path) {
        let is_folder = path != Path::new("-") && path.is_dir();
        if !is_folder {
            return self.file(path);
        }
        let before = (self.seen.len(), self.found.problems.len());
        let mut any = false;
        self.folder(path, 0, &mut any);
        if !any && before == (self.seen.len(), self.found.problems.len()) {
            let kinds: Vec<String> = self.extensions.iter().map(|end| format!("*.{end}")).collect();
            self.problem(path, format!("no {} in this folder", kinds.join(" or ")));
        }
    }

    fn problem(&mut self, path: &Path, why: impl Into<String>) {
        self.found.problems.push((path.to_owned(), why.into()));
    }

    fn folder(&mut self, path: &Path, depth: usize, any: &mut bool) {
        if depth > DEEPEST {
            return self.problem(path, "a folder too deep to be walked");
        }
        let entries = match self.entries(path) {
            Ok(entries) => entries,
            Err(error) => return self.problem(path, input::why(&error)),
        };
        for (name, kind) in entries {
            let path = path.join(name);
            match kind {
                FileType::Directory => self.folder(&path, depth + 1, any),
                _ if self.fits(&path) && path.is_file() => {
                    *any = true;
                    self.file(&path);
                }
                _ => {
                    if let Some(why) = self.why_passed_over(&path, kind) {
                        self.found.passed_over.push((path, why));
                    }
                }
            }
        }
    }

    /// Why an entry is passed over that looks like one to be read.
    fn why_passed_over(&self, path: &Path, kind: FileType) -> Option<String> {
        if kind == FileType::Symlink && path.is_dir() {
            return Some("a linked folder is not read".to_owned());
        }
        let end = path.extension()?.to_string_lossy().into_owned();
        let alike = self.extensions.iter().any(|known| known.eq_ignore_ascii_case(&end));
        match kind {
            _ if !alike => None,
            _ if !self.fits(path) => Some(format!(
                "not read: expected a name that ends in .{}",
                end.to_ascii_lowercase()
            )),
            FileType::Symlink => Some("a broken link".to_owned()),
            _ => Some("no regular file".to_owned()),
        }
    }

    /// The entries of a folder that are not hidden, sorted.
    fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, FileType)>> {
        let folder = File::open(path)?;
        let mut entries = Vec::new();
        for entry in Dir::new(folder)? {
            let entry = entry?;
            let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => kind_of(&path.join(&name)),
                kind => kind,
            };
            entries.push((name, kind));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    }

    fn fits(&self, path: &Path) -> bool {
        let end = path.extension().map(|end| end.to_string_lossy());
        end.is_some_and(|end| self.extensions.contains(&&*end))
    }

    fn file(&mut self, path: &Path) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(real) {
            return;
        }
        if self.files.len() < self.most {
            self.files.insert(path.to_owned());
        } else if !std::mem::replace(&mut self.full, true) {
            let most = self.most;
            self.problem(path, format!("more than {most} files in one run"));
        }
    }
}

fn kind_of(path: &Path) -> FileType {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => FileType::Directory,
        _ => FileType::RegularFile,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_are_walked_in_order_and_without_circles() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/.git")).unwrap();
        for name in ["z.yaml", "a.yml", "b/c.yaml", "b/.git/d.yaml", ".hidden.yaml", "notes.txt"] {
            fs::write(root.join(name), "version: 1\n").unwrap();
        }
        symlink(root, root.join("b/loop")).unwrap();
        symlink(root.join("gone"), root.join("gone.yaml")).unwrap();
        symlink(root.join("z.yaml"), root.join("zz.yaml")).unwrap();
        let env = Env::new().unwrap();
        let ends: &'static [&'static str] = &["yaml", "yml"];
        let named = [root.to_owned(), root.join("z.yaml"), "-".into(), root.join("nowhere")];
        let found = env.files_in(&named, ends, 100);
        let mut expected =
            ["a.yml", "b/c.yaml", "nowhere", "z.yaml"].map(|name| root.join(name)).to_vec();
        expected.push("-".into());
        let passed_over =
            [("b/loop", "a linked folder is not read"), ("gone.yaml", "a broken link")];
        let passed_over = passed_over.map(|(name, why)| (root.join(name), why.to_owned())).to_vec();
        assert_eq!(found, FoundFiles { files: expected, problems: Vec::new(), passed_over });

        fs::create_dir(root.join("empty")).unwrap();
        let found = env.files_in(&[root.join("empty")], ends, 100);
        assert_eq!(found.problems[0].1, "no *.yaml or *.yml in this folder");
        let deep = root.join("deep").join(["d"; DEEPEST + 1].join("/"));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("e.yaml"), "version: 1\n").unwrap();
        let found = env.files_in(&[root.join("deep")], ends, 100);
        assert_eq!((found.files.len(), found.problems.len()), (0, 1));
        assert_eq!(found.problems[0].1, "a folder too deep to be walked");
        fs::remove_dir_all(root.join("deep")).unwrap();
        let found = env.files_in(&[root.to_owned()], ends, 2);
        assert_eq!((found.files.len(), found.problems.len()), (2, 1));
    }
}
