//! The rooms of src/: imports point downhill only, and no files import one another in a circle.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use syn::visit::{self, Visit};

/// Each room with the rooms that it may import from, itself aside. A room within a room has
/// its own line: what it may import besides the rooms that the outer one may.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("error", &["domain"]),
    ("parallel", &["error"]),
    ("secret", &["domain", "error"]),
    ("convert", &["domain", "error", "secret"]),
    ("policy", &["domain", "parallel"]),
    ("signals", &[]),
    ("waiting", &["signals"]),
    ("store", &["domain", "error", "parallel", "secret", "signals", "waiting"]),
    ("store::options", &[]),
    ("store::format", &["store::disk"]),
    ("store::disk", &["store::format", "store::options"]),
    ("store::log", &["store::disk", "store::format", "store::options"]),
    ("store::signin", &["store::disk", "store::format", "store::options"]),
    (
        "store::read",
        &["store::disk", "store::format", "store::log", "store::options", "store::signin"],
    ),
    (
        "store::write",
        &[
            "store::disk",
            "store::format",
            "store::log",
            "store::options",
            "store::read",
            "store::signin",
        ],
    ),
    (
        "store::maintain",
        &[
            "store::disk",
            "store::format",
            "store::log",
            "store::options",
            "store::read",
            "store::signin",
            "store::write",
        ],
    ),
    (
        "store::handle",
        &[
            "store::disk",
            "store::format",
            "store::log",
            "store::maintain",
            "store::options",
            "store::read",
            "store::signin",
            "store::write",
        ],
    ),
    ("signin", &["domain", "error", "secret", "store"]),
    ("report", &["domain", "error", "policy", "secret", "signin"]),
    ("env", &["domain", "error", "waiting"]),
    ("ui", &["domain", "error", "report", "signals"]),
    ("cli", &["convert", "domain", "error", "report", "secret"]),
    (
        "commands",
        &[
            "cli", "convert", "domain", "env", "error", "parallel", "policy", "report", "secret",
            "signals", "signin", "store", "ui",
        ],
    ),
    ("run", &["cli", "commands", "domain", "env", "error", "report", "signals", "ui"]),
    ("lib", &[]),
    ("main", &["env", "run"]),
];

#[test]
fn imports_point_downhill() {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut climbing = String::new();
    for (from, to) in house.imports() {
        let (here, there) = (room(from), room(to));
        if here != there && !may_import(&here, &there) {
            writeln!(climbing, "{} imports {}", from.join("::"), to.join("::")).unwrap();
        }
    }
    assert!(climbing.is_empty(), "these imports climb:\n{climbing}");
}

#[test]
fn every_room_says_what_it_may_import() {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    // What the fuzzers call is in no build of the program.
    let known =
        |room: &str| room.ends_with("fuzzing") || MAY_IMPORT.iter().any(|(name, _)| *name == room);
    let new: BTreeSet<String> =
        house.files.keys().map(|file| room(file)).filter(|room| !known(room)).collect();
    assert!(new.is_empty(), "say what these rooms may import: {new:?}");
}

#[test]
fn no_files_import_one_another_in_a_circle() {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let circles = house.circles();
    let lines: Vec<String> = circles.iter().map(|circle| circle.join(", ")).collect();
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), lines.join("\n"));
}

#[test]
fn a_climb_and_a_circle_would_be_seen() {
    let house = House::of(&[
        ("store", "pub mod disk; pub mod read; pub use read::View;"),
        ("store::disk", "use crate::store::View; pub struct Disk;"),
        ("store::read", "use super::disk::Disk; pub struct View;"),
        ("domain", "fn f() { crate::store::read::f() } #[cfg(test)] mod tests { use crate::ui; }"),
        ("ui", ""),
    ]);
    let imports: Vec<String> =
        house.imports().map(|(a, b)| format!("{} {}", a.join("::"), b.join("::"))).collect();
    assert_eq!(
        imports,
        ["domain store::read", "store::disk store::read", "store::read store::disk"]
    );
    assert_eq!(house.circles(), [["store::disk", "store::read"]]);
    assert!(!may_import("domain", "store::read") && !may_import("store::disk", "store::read"));
    assert!(may_import("store::read", "store::disk") && may_import("commands", "store::log"));
}

/// The room of a module: of the store, the room within.
fn room(module: &[String]) -> String {
    match module {
        [] => "lib".to_owned(),
        [store, inner, ..] if store == "store" => format!("store::{inner}"),
        [room, ..] => room.clone(),
    }
}

fn may_import(here: &str, there: &str) -> bool {
    let outer = |room: &str| room.split("::").next().unwrap().to_owned();
    let list = |room: &str| {
        let found = MAY_IMPORT.iter().find(|(name, _)| *name == room);
        found.map_or(&[][..], |(_, list)| *list)
    };
    here.ends_with("fuzzing")
        || list(here).contains(&there)
        || (outer(here) != outer(there) && list(&outer(here)).contains(&outer(there).as_str()))
        || (here == "store")
}

/// The files of a crate as modules, and what each of them names of the others.
struct House {
    files: BTreeMap<Vec<String>, File>,
}

#[derive(Default)]
struct File {
    /// Paths that the file names, from the root of the crate.
    named: BTreeSet<Vec<String>>,
    /// What it hands on from other files: the name, and where it is from.
    reexports: BTreeMap<String, Vec<String>>,
}

impl House {
    fn read(source: &Path) -> House {
        let mut texts = Vec::new();
        read_dir(source, source, &mut texts);
        House::of_texts(texts)
    }

    fn of(files: &[(&str, &str)]) -> House {
        let module = |path: &str| path.split("::").map(str::to_owned).collect();
        House::of_texts(files.iter().map(|(path, text)| (module(path), (*text).into())).collect())
    }

    fn of_texts(texts: Vec<(Vec<String>, String)>) -> House {
        let modules: BTreeSet<Vec<String>> =
            texts.iter().map(|(module, _)| module.clone()).collect();
        let files = texts.into_iter().map(|(module, text)| {
            let parsed = syn::parse_file(&text).unwrap();
            let mut reader = Reader {
                modules: &modules,
                module: module.clone(),
                inline: 0,
                file: File::default(),
            };
            reader.visit_file(&parsed);
            (module, reader.file)
        });
        House { files: files.collect() }
    }

    /// Each file with each other file that it names something of.
    fn imports(&self) -> impl Iterator<Item = (&Vec<String>, &Vec<String>)> {
        self.files.iter().flat_map(move |(from, file)| {
            let named: BTreeSet<_> =
                file.named.iter().filter_map(|path| self.file_of(path)).collect();
            named.into_iter().filter(move |to| *to != from).map(move |to| (from, to))
        })
    }

    /// The file that what this path names is written in.
    fn file_of(&self, path: &[String]) -> Option<&Vec<String>> {
        let end = (1..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let (module, file) = self.files.get_key_value(&path[..end]).unwrap();
        let Some(name) = path.get(end) else { return Some(module) };
        match file.reexports.get(name) {
            Some(target) => self.file_of(target),
            None => Some(module),
        }
    }

    /// Files that can be reached from one another.
    fn circles(&self) -> Vec<Vec<String>> {
        let mut next: BTreeMap<&Vec<String>, Vec<&Vec<String>>> = BTreeMap::new();
        // A `mod.rs` is the door of its room: it hands work to the files within, and they may
        // use what it declares.
        for (from, to) in self.imports().filter(|(from, to)| !to.starts_with(from)) {
            next.entry(from).or_default().push(to);
        }
        let reached = |from: &Vec<String>| {
            let mut reached = BTreeSet::new();
            let mut open: Vec<&Vec<String>> = next.get(from).cloned().unwrap_or_default();
            while let Some(file) = open.pop() {
                if reached.insert(file) {
                    open.extend(next.get(file).into_iter().flatten());
                }
            }
            reached
        };
        let reached: BTreeMap<_, _> = self.files.keys().map(|file| (file, reached(file))).collect();
        let circles: BTreeSet<Vec<String>> = reached
            .iter()
            .filter(|(file, reached_from_it)| reached_from_it.contains(*file))
            .map(|(file, reached_from_it)| {
                let back = reached_from_it.iter().filter(|other| reached[**other].contains(*file));
                back.map(|other| other.join("::")).collect()
            })
            .collect();
        circles.into_iter().collect()
    }
}

fn read_dir(source: &Path, dir: &Path, texts: &mut Vec<(Vec<String>, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_dir(source, &path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = path.strip_prefix(source).unwrap().with_extension("");
            let mut module: Vec<String> =
                module.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            module.retain(|part| part != "mod" && part != "lib");
            // Tests may look at everything.
            let is_test = |part: &String| part.ends_with("tests") || part == "test_support";
            if !module.iter().any(is_test) {
                texts.push((module, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
}

/// Collects what one file names of the crate.
struct Reader<'a> {
    modules: &'a BTreeSet<Vec<String>>,
    module: Vec<String>,
    /// How many modules within the file the place is in.
    inline: usize,
    file: File,
}

impl Reader<'_> {
    /// A path as it is written, from the root of the crate; none where it is of another crate
    /// or of something in the same file.
    fn rooted(&self, written: &[String]) -> Option<Vec<String>> {
        let first = written.first()?;
        if first == "crate" || first == "mfactl" {
            return Some(written[1..].to_vec());
        }
        let up = written.iter().take_while(|part| *part == "super").count();
        if up > 0 {
            let up_files = up.checked_sub(self.inline)?;
            let outer = self.module.len().checked_sub(up_files)?;
            return Some([&self.module[..outer], &written[up..]].concat());
        }
        let rest = if first == "self" { &written[1..] } else { written };
        let child = [&self.module[..], rest.get(..1)?].concat();
        self.modules.contains(&child).then(|| [&self.module[..], rest].concat())
    }

    fn used(&mut self, tree: &syn::UseTree, before: &[String], is_public: bool) {
        let mut path = before.to_vec();
        match tree {
            syn::UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.used(&part.tree, &path, is_public);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.used(tree, &path, is_public));
            }
            syn::UseTree::Name(name) => {
                if name.ident != "self" {
                    path.push(name.ident.to_string());
                }
                self.name(&path, path.last().cloned(), is_public);
            }
            syn::UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.name(&path, Some(name.rename.to_string()), is_public);
            }
            syn::UseTree::Glob(_) => self.name(&path, None, false),
        }
    }

    fn name(&mut self, written: &[String], as_name: Option<String>, is_public: bool) {
        let Some(path) = self.rooted(written) else { return };
        match as_name {
            // Handing on what a child has is not an import.
            Some(name) if is_public && self.inline == 0 => {
                self.file.reexports.insert(name, path);
            }
            _ => {
                self.file.named.insert(path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => &Vec::new(),
        };
        let of_tests = |attribute: &syn::Attribute| {
            let is_cfg = attribute.path().is_ident("cfg");
            is_cfg && attribute.parse_args::<syn::Meta>().is_ok_and(|meta| names_test(&meta))
        };
        if !attributes.iter().any(of_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let within = usize::from(item.content.is_some());
        self.inline += within;
        visit::visit_item_mod(self, item);
        self.inline -= within;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.used(&item.tree, &[], is_public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let written: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if written.len() > 1 {
            self.name(&written, None, false);
        }
        visit::visit_path(self, path);
    }
}

/// Whether `cfg` asks for the tests (or the fuzzers), and not for their absence.
fn names_test(meta: &syn::Meta) -> bool {
    match meta {
        syn::Meta::Path(path) => path.is_ident("test") || path.is_ident("fuzzing"),
        syn::Meta::List(list) if list.path.is_ident("any") || list.path.is_ident("all") => {
            let inner = list.parse_args_with(
                syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
            );
            inner.is_ok_and(|inner| inner.iter().any(names_test))
        }
        _ => false,
    }
}
