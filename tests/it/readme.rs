//! The documents are true: every command in a `console` block of README.md, docs/ and the pages
//! beside them runs, in the order in which it stands there, and prints what is shown below it.
//!
//! In a block, `# 2026-11-21T09:00:00Z` moves the clock, `# as hal` changes who types, and a line
//! that begins with `> ` continues the command above it. A block that cannot run names what it
//! needs after the language (`console needs=root`) and is listed in [`NOT_RUN`].
//!
//! `MFACTL_UPDATE=1 cargo test --test it readme` writes the outputs anew.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mfactl::domain::time::Time;
use shell::{NOW, World};

/// What runs the program before it is on the reader's PATH.
const FROM_SOURCE: &str = "cargo run --release -- ";

/// Every section of this document starts anew, with what is typed before the first of them.
const COOKBOOK: &str = "docs/cookbook.md";

/// The blocks of commands that do not run here: document, need, how many, and why.
const NOT_RUN: [(&str, &str, usize, &str); 5] = [
    (
        "CONTRIBUTING.md",
        "toolchain",
        3,
        "builds the program and runs the tests, of which this is one",
    ),
    ("README.md", "toolchain", 2, "as CONTRIBUTING.md"),
    (COOKBOOK, "root", 1, "changes a group of the machine: installation.rs does, on its own"),
    ("docs/sign-in.md", "pam", 1, "the script of a PAM stack: pam.rs installs and asks it"),
    (
        "packaging/README.md",
        "root",
        3,
        "changes the machine: installation.rs does, on one of its own",
    ),
];

#[test]
fn every_command_of_the_documents_prints_what_it_says() {
    if !["jq", "oathtool", "python3"].into_iter().all(shell::tool) {
        return;
    }
    let mut wrong = String::new();
    for document in documents() {
        let text = read(&document);
        let (rewritten, _) = run(&document, &text, NOW);
        if rewritten == text {
            continue;
        }
        if std::env::var_os("MFACTL_UPDATE").is_some() {
            std::fs::write(root().join(&document), &rewritten).unwrap();
            continue;
        }
        let (line, (is, says)) = rewritten
            .lines()
            .chain(["(the end)"])
            .zip(text.lines().chain(["(the end)"]))
            .enumerate()
            .find(|(_, (is, says))| is != says)
            .expect("they differ");
        let _ = writeln!(wrong, "{document}:{}\n  it says   {says}\n  it prints {is}", line + 1);
    }
    assert!(wrong.is_empty(), "the documents are not true:\n{wrong}");
}

#[test]
fn the_tour_of_the_readme_needed_the_clock_of_2026() {
    let text = read("README.md");
    let (_, codes) = run("README.md", &text, NOW);
    assert!(codes.len() > 8, "{codes:?}");
    for now in ["2027-02-28T23:59:59Z", "2032-02-29T12:00:00Z", "2047-07-01T00:00:00Z"] {
        assert_eq!(run("README.md", &text, now).1, codes, "at {now}");
    }
}

#[test]
fn a_block_of_commands_that_does_not_run_says_what_it_needs() {
    let mut found = Vec::new();
    for document in documents() {
        for (info, _) in blocks(&read(&document)) {
            let (language, need) = info.split_once(" needs=").unwrap_or((info, ""));
            let commands = ["console", "sh"].contains(&language);
            let other = ["csv", "json", "svg", "text", "toml", "yaml"].contains(&language);
            assert!(commands || other && need.is_empty(), "{document}: a block of {info:?}");
            assert!(language != "sh" || !need.is_empty(), "{document}: sh blocks do not run");
            if !need.is_empty() {
                found.push((document.clone(), need.to_owned()));
            }
        }
    }
    let mut listed: Vec<_> = NOT_RUN
        .iter()
        .flat_map(|(document, need, many, _)| {
            vec![((*document).to_owned(), (*need).to_owned()); *many]
        })
        .collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}

#[test]
fn the_configurations_of_the_documents_are_read() {
    let world = World::hospital();
    let mut read_ones = 0;
    for document in documents() {
        let text = read(&document);
        for (_, block) in blocks(&text).into_iter().filter(|(info, _)| *info == "toml") {
            std::fs::write(world.path("config.toml"), &block).unwrap();
            let plan = world.sh(&format!(
                "mfactl --config config.toml policy plan {}",
                shell::fixture("policies/community-pharmacy.yaml").display()
            ));
            assert!([0, 3].contains(&plan.code), "{document}: {block}{}", plan.stderr);
            read_ones += 1;
        }
    }
    assert!(read_ones > 0);
}

#[test]
fn the_links_of_the_documents_lead_somewhere() {
    for document in documents() {
        let text = read(&document);
        let folder = root().join(&document).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root().join(&document) } else { folder.join(file) };
            assert!(target.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let page = std::fs::read_to_string(&target).unwrap();
                let mut headings = page.lines().filter(|line| line.starts_with('#'));
                assert!(headings.any(|line| anchor(line) == heading), "{document}: {link}");
            }
        }
    }
}

#[test]
fn the_readme_is_a_page() {
    assert!(read("README.md").lines().count() <= 300);
}

#[test]
fn the_page_about_rights_names_every_command() {
    let page = read("docs/rights.md").replace("\\|", "|");
    let mut named = BTreeSet::new();
    for span in page.split('`').skip(1).step_by(2) {
        let mut words = span.split(' ');
        let noun = words.next().unwrap();
        let verbs = words.next().filter(|word| !word.starts_with('-')).unwrap_or_default();
        named.extend(verbs.split('|').map(|verb| format!("mfactl-{noun}-{verb}")));
    }
    let manual = std::fs::read_dir(root().join("man")).unwrap();
    let commands: Vec<String> = manual
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".1")?.to_owned()))
        .collect();
    for command in &commands {
        let verbs = format!("{command}-");
        let is_noun = commands.iter().any(|other| other.starts_with(&verbs));
        let is_named = named.contains(command) || named.contains(&verbs);
        assert!(is_noun || is_named, "docs/rights.md does not name {command}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md, its neighbours, and every page of docs/.
fn documents() -> Vec<String> {
    let mut all = ["CONTRIBUTING.md", "README.md", "SECURITY.md", "packaging/README.md"]
        .map(str::to_owned)
        .to_vec();
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            all.push(format!("docs/{name}"));
        }
    }
    all.sort();
    all
}

fn read(document: &str) -> String {
    std::fs::read_to_string(root().join(document)).unwrap()
}

/// The fenced blocks of a document: what follows the fence, and what is in the block.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                blocks.push((info, String::new()));
            }
            None if open => {
                let block = &mut blocks.last_mut().unwrap().1;
                block.push_str(line);
                block.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// The name by which a link leads to a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    text.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

/// Somebody at a terminal who types what a document says.
struct Reader {
    world: World,
    /// The `export` lines so far.
    exports: String,
}

impl Reader {
    fn new(now: &str) -> Reader {
        let mut world = World::new();
        std::os::unix::fs::symlink(root().join("fixtures"), world.path("fixtures")).unwrap();
        // An oathtool whose clock is that of the test.
        let oathtool: PathBuf = world.path("bin/oathtool");
        std::fs::create_dir(world.path("bin")).unwrap();
        std::fs::write(
            &oathtool,
            "#!/bin/sh\nexec /usr/bin/oathtool \"$@\" --now \"$(printf %s \"$MFACTL_TEST_NOW\" | tr TZ '  ')UTC\"\n",
        )
        .unwrap();
        world.sh("chmod +x bin/oathtool").exits(0);
        world.at(now);
        Reader { world, exports: String::new() }
    }

    fn types(&mut self, command: &str) -> shell::Run {
        let command = command.replace(FROM_SOURCE, "mfactl ");
        if command.starts_with("export ") {
            self.exports.push_str(&command);
            self.exports.push('\n');
        }
        // One stream, as on a terminal.
        let exports = &self.exports;
        self.world.sh(&format!("exec 2>&1\nPATH=\"$PWD/bin:$PATH\"\n{exports}{command}"))
    }
}

/// The document with what its commands print, and their exit codes.
fn run(document: &str, text: &str, now: &str) -> (String, Vec<i32>) {
    let mut reader = Reader::new(now);
    let mut start: Vec<String> = Vec::new();
    let mut in_section = false;
    let (mut out, mut codes) = (String::new(), Vec::new());
    let mut runs = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let _ = writeln!(out, "{line}");
        if let Some(info) = line.strip_prefix("```") {
            runs = info == "console";
        } else if !runs {
            if document == COOKBOOK && line.starts_with("## ") {
                in_section = true;
                reader = Reader::new(now);
                start.iter().for_each(|command| drop(reader.types(command).exits(0)));
            }
        } else if let Some(now) = instant(line) {
            reader.world.at(now);
        } else if let Some(os_user) = line.strip_prefix("# as ") {
            reader.world.user(os_user);
        } else if let Some(first) = line.strip_prefix("$ ") {
            let mut command = first.to_owned();
            while let Some(next) = lines.next_if(|line| line.starts_with("> ")) {
                let _ = writeln!(out, "{next}");
                command.push('\n');
                command.push_str(&next[2..]);
            }
            while lines.next_if(|line| is_output(line)).is_some() {}
            let run = reader.types(&command);
            if !in_section {
                start.push(command);
            }
            out.push_str(&run.stdout);
            codes.push(run.code);
        }
    }
    (out, codes)
}

/// The instant that a comment moves the clock to.
fn instant(line: &str) -> Option<&str> {
    line.strip_prefix("# ").filter(|text| Time::parse_rfc3339(text).is_ok())
}

fn is_output(line: &str) -> bool {
    !(line.starts_with("$ ")
        || line.starts_with("```")
        || line.starts_with("# as ")
        || instant(line).is_some())
}
