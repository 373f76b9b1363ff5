//! What people, backups and attackers do to the files, and what is said to it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use crate::support;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use mfactl::domain::due::DueKey;
use mfactl::domain::outcome::Object;
use mfactl::error::{Error, Kind};
use mfactl::store::{At, Store};
use sha2::{Digest as _, Sha256};
use support::*;

struct State {
    _dir: tempfile::TempDir,
    place: PathBuf,
    store: Store,
}

fn state() -> State {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let store = Store::create(&place, options(), &founding()).unwrap();
    commit(&store, "user.add", |_| vec![new_org("acme"), new_user("alice"), new_user("bob")])
        .unwrap();
    State { _dir: dir, place, store }
}

impl State {
    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.place.join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.place.join(path), text).unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(self.place.join(path), private).unwrap();
    }

    /// Edits a file and makes its first line fit.
    fn edit_fitted(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        let (first, body) = text.split_once('\n').unwrap();
        assert!(body.contains(from));
        let body = body.replace(from, to);
        let hash: String =
            Sha256::digest(body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        let first = format!("{}{hash}", &first[..first.len() - 64]);
        self.write(path, &format!("{first}\n{body}"));
    }

    fn files_bad(&self) -> Vec<String> {
        self.store.verify(None).unwrap().files_bad.into_iter().map(|bad| bad.path).collect()
    }

    fn user_error(&self) -> Error {
        self.store.view().unwrap().user(&login("alice")).unwrap_err()
    }

    fn change_error(&self) -> Error {
        let changed = self.store.begin().and_then(|mut transaction| {
            transaction.view().user(&login("alice"))?;
            let alice = user_object(transaction.view(), "alice", |user| {
                user.map(|u| mfactl::domain::model::User { active: false, ..u })
            });
            transaction.stage(None, &[alice])?;
            transaction.commit(meta("user.deactivate"))
        });
        changed.unwrap_err()
    }

    fn change(&self) {
        commit(&self.store, "user.edit", |view| {
            vec![user_object(view, "bob", |user| {
                user.map(|u| mfactl::domain::model::User { unlocks: u.unlocks + 1, ..u })
            })]
        })
        .unwrap();
    }
}

#[test]
fn an_edit_by_hand_is_refused() {
    let state = state();
    let text = state.read("users/all.yaml");
    state.write("users/all.yaml", &text.replace("\"mfa\":\"on\"", "\"mfa\":\"off\""));
    let error = state.user_error();
    assert_eq!((error.kind, error.code), (Kind::Damaged, "damaged"));
    assert!(error.message.contains("users/all.yaml"), "{error}");
    assert_eq!(state.files_bad(), ["users/all.yaml"]);
    assert_eq!(
        state.store.begin().unwrap().view().user(&login("bob")).unwrap_err().kind,
        Kind::Damaged
    );
}

#[test]
fn an_edit_whose_hash_was_made_to_fit_is_found_also_after_lawful_changes() {
    let state = state();
    state.change();
    // Of what the last record named, even a reader finds it.
    state.edit_fitted("users/all.yaml", "\"mfa\":\"on\"", "\"mfa\":\"off\"");
    assert_eq!(state.user_error().kind, Kind::Damaged);
    state.edit_fitted("users/all.yaml", "\"mfa\":\"off\"", "\"mfa\":\"on\"");
    commit(&state.store, "org.add", |_| vec![new_org("globex")]).unwrap();
    state.edit_fitted("users/all.yaml", "\"active\":true", "\"active\":false");
    assert_eq!(state.files_bad(), ["users/all.yaml"]);
    state.change();
    let verified = state.store.verify(None).unwrap();
    let bad = verified.first_bad.unwrap();
    assert_eq!(bad.rev, 5);
    assert!(bad.what.contains("users/all.yaml"), "{}", bad.what);
    state.change();
    assert_eq!(state.store.verify(None).unwrap().first_bad.unwrap().rev, 5);
}

#[test]
fn a_symlink_is_not_followed() {
    let state = state();
    let (path, elsewhere) = (state.place.join("users/all.yaml"), state.place.join("../elsewhere"));
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!((state.user_error().kind, state.user_error().code), (Kind::Damaged, "symlink"));
    std::fs::remove_file(&path).unwrap();
    // Nor a directory that is one.
    std::fs::rename(state.place.join("users"), state.place.join("../users")).unwrap();
    std::os::unix::fs::symlink("../users", state.place.join("users")).unwrap();
    let store = Store::open(&state.place, options()).unwrap();
    let error = store.view().unwrap().user(&login("alice")).unwrap_err();
    assert_eq!((error.kind, error.code), (Kind::Damaged, "symlink"));
}

#[test]
fn what_is_no_file_is_no_file() {
    let state = state();
    let path = state.place.join("users/all.yaml");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(state.user_error().kind, Kind::Damaged);
    std::fs::remove_dir(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    assert_eq!(state.user_error().kind, Kind::Damaged);
}

#[test]
fn a_file_that_is_missing_is_damage_where_the_log_knows_it() {
    let state = state();
    std::fs::remove_file(state.place.join("users/all.yaml")).unwrap();
    assert_eq!(state.user_error().kind, Kind::Damaged);
    assert_eq!(state.files_bad(), ["users/all.yaml"]);
}

#[test]
fn a_file_ahead_of_the_log_is_damage() {
    let state = state();
    let log = state.read("audit/000001.jsonl");
    state.change();
    // The last record is cut off cleanly: nothing in the log shows it.
    state.write("audit/000001.jsonl", &log);
    assert_eq!(state.user_error().kind, Kind::Damaged);
    assert_eq!(state.change_error().kind, Kind::Damaged);
    assert_eq!(state.files_bad(), ["users/all.yaml"]);
}

#[test]
fn a_record_that_was_edited_is_not_taken_for_a_torn_one() {
    let state = state();
    state.change();
    let log = state.read("audit/000001.jsonl");
    state.write("audit/000001.jsonl", &log.replacen("user.edit", "user.eaten", 1));
    let before = state.read("audit/000001.jsonl");
    assert_eq!(state.store.begin().err().unwrap().kind, Kind::Damaged);
    assert_eq!(state.read("audit/000001.jsonl"), before, "nothing is cut off");
    assert!(!state.store.verify(None).unwrap().ok());
    // An older one is found by verify, and by whoever reads back to it.
    let early = log.replacen("user.add", "user.mad", 1);
    state.write("audit/000001.jsonl", &early);
    assert_eq!(state.store.verify(None).unwrap().first_bad.unwrap().rev, 2);
    assert_eq!(state.store.view_at(At::Rev(1)).err().unwrap().kind, Kind::Damaged);
    // Details, too.
    state.write("audit/000001.jsonl", &log.replacen("\"name\":\"bob\"", "\"name\":\"rob\"", 1));
    assert_eq!(state.store.verify(None).unwrap().first_bad.unwrap().rev, 2);
}

#[test]
fn a_torn_tail_is_ignored_by_readers_and_cut_by_the_next_writer() {
    let state = state();
    let log = state.read("audit/000001.jsonl");
    for torn in ["x", "{\"object\":\"user\"}\n", "\0\0\0\0", "{\"prev\":\"12\n{\"prev\":\n"] {
        state.write("audit/000001.jsonl", &format!("{log}{torn}"));
        let view = state.store.view().unwrap();
        assert_eq!(view.rev(), 2);
        assert_eq!(view.user(&login("alice")).unwrap(), Some(user("alice")));
        assert_eq!(view.records().count(), 2);
        drop(view);
        assert!(state.store.verify(None).unwrap().ok(), "{torn:?}");
        drop(state.store.begin().unwrap());
        assert_eq!(state.read("audit/000001.jsonl"), log);
    }
    state.change();
    assert!(state.store.verify(None).unwrap().ok());
}

#[test]
fn a_head_kept_elsewhere_shows_a_chain_that_was_cut() {
    let state = state();
    let head = state.store.view().unwrap().head().hash.clone();
    state.change();
    assert!(state.store.verify(Some(&head)).unwrap().ok());
    let none = "0".repeat(64);
    assert!(state.store.verify(Some(&none)).unwrap().first_bad.is_some());
}

#[test]
fn files_that_no_record_made_are_found() {
    let state = state();
    state.write("orgs/evil.yaml", "x");
    state.write("users/all.yaml~", "x");
    assert_eq!(state.files_bad(), ["orgs/evil.yaml", "users/all.yaml~"]);
    std::fs::remove_file(state.place.join("orgs/evil.yaml")).unwrap();
    std::fs::remove_file(state.place.join("users/all.yaml~")).unwrap();
    let (verified, problems) = state.store.check().unwrap();
    assert!(verified.ok() && problems.is_empty(), "{problems:?}");
}

#[test]
fn a_newer_format_is_refused() {
    let state = state();
    let text = state.read("operators.yaml").replacen("# mfactl 1 ", "# mfactl 2 ", 1);
    state.write("operators.yaml", &text);
    let error = state.store.view().unwrap().operators().unwrap_err();
    assert_eq!((error.kind, error.code), (Kind::Damaged, "newer-format"));
    state.edit_fitted("state.yaml", "format: 1", "format: 2");
    assert_eq!(state.store.view().err().unwrap().code, "newer-format");
}

#[test]
fn whatever_stands_in_a_file_nothing_panics() {
    let state = state();
    let originals: Vec<(&str, String)> = [
        "users/all.yaml",
        "index/all.yaml",
        "orgs/acme.yaml",
        "operators.yaml",
        "state.yaml",
        "audit/000001.jsonl",
    ]
    .into_iter()
    .map(|path| (path, state.read(path)))
    .collect();
    let next = random(11);
    for _ in 0..300 {
        let (path, text) = &originals[next() as usize % originals.len()];
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=next() % 3 {
            let at = next() as usize % bytes.len();
            match next() % 4 {
                0 => bytes[at] = next() as u8,
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.splice(at..at, *b"\n\"")),
                _ => drop(bytes.drain(at..(at + 9).min(bytes.len()))),
            }
        }
        std::fs::write(state.place.join(path), &bytes).unwrap();
        let _ = state.store.view().and_then(|view| whole(&view));
        let _ = state.store.view_at(At::Rev(1)).and_then(|view| whole(&view));
        let _ = state.store.verify(None);
        let _ = state.store.check();
        let _ = state.store.info();
        if *path != "audit/000001.jsonl" {
            drop(state.store.begin());
        }
        state.write(path, text);
    }
    assert!(state.store.verify(None).unwrap().ok());
}

#[test]
fn the_first_record_that_is_wrong_is_named_whatever_is_looked_at_last() {
    let state = state();
    let names = |range: std::ops::Range<usize>| range.map(|n| new_user(&format!("user{n}")));
    for start in [0, 400] {
        commit(&state.store, "user.import", |_| names(start..start + 400).collect()).unwrap();
    }
    state.change();
    let path = |rev| format!("audit/details-{rev}.jsonl");
    let (third, fourth) = (state.read(&path(3)), state.read(&path(4)));
    let found = || {
        let bad = state.store.verify(None).unwrap().first_bad;
        bad.map(|bad| (bad.rev, bad.what))
    };
    assert_eq!(found(), None);
    let edited = |text: &str| text.replacen("\"active\":true", "\"active\":false", 1);
    let unlike = |rev| Some((rev, "its details do not fit their hash".to_owned()));
    state.write(&path(4), &edited(&fourth));
    assert_eq!(found(), unlike(4));
    // Also where one before it is shorter and so is looked at later.
    state.write(&path(3), &edited(&third));
    assert_eq!(found(), unlike(3));
    state.write(&path(4), &fourth);
    assert_eq!(found(), unlike(3));
    for other in [third.trim_end(), &(third.clone() + "x"), &(third.clone() + "\n")] {
        state.write(&path(3), other);
        assert_eq!(found(), unlike(3));
    }
    // What is wrong with a commit line after it comes second, before it first.
    let log = state.read("audit/000001.jsonl");
    state.write("audit/000001.jsonl", &log.replacen("user.edit", "user.eaten", 1));
    assert_eq!(found(), unlike(3));
    state.write("audit/000001.jsonl", &log.replacen("user.add", "user.mad", 1));
    assert_eq!(found().unwrap().0, 2);
    state.write("audit/000001.jsonl", &log);
    state.write(&path(3), &third);
    assert_eq!(found(), None);
    std::fs::remove_file(state.place.join(path(3))).unwrap();
    assert_eq!(found(), Some((3, "audit/details-3.jsonl is missing".to_owned())));
}

#[test]
fn repair_makes_a_calendar_and_an_index_right_that_only_their_hash_is() {
    let state = state();
    commit(&state.store, "exception.grant", |view| {
        vec![user_object(view, "alice", |user| {
            let mut user = user.unwrap();
            user.exceptions.insert(1, exception(30));
            Some(user)
        })]
    })
    .unwrap();
    // An end was recorded that has not come, as a clock that was ahead has it.
    commit(&state.store, "exception.expire", |view| {
        let page = "2026-07-01".to_owned();
        let was = Box::new(view.due(&page).unwrap()["alice#1"].clone());
        let key = DueKey { page, entry: "alice#1".to_owned() };
        vec![Object::Due { key, was }]
    })
    .unwrap();
    let (verified, problems) = state.store.check().unwrap();
    assert!(verified.ok());
    assert_eq!(problems[0].what, "alice#1 is missing");

    let mut transaction = state.store.begin_repair().unwrap();
    let wrong = transaction.rebuild().unwrap();
    let paths: Vec<&str> = wrong.iter().map(|bad| bad.path.as_str()).collect();
    assert_eq!(paths, ["due/2026-07-01.yaml"]);
    transaction.commit(meta("state.repair")).unwrap().unwrap();
    let (verified, problems) = state.store.check().unwrap();
    assert!(verified.ok() && problems.is_empty(), "{verified:?} {problems:?}");
    assert!(state.store.view().unwrap().due("2026-07-01").unwrap().contains_key("alice#1"));
    // And nothing more is found.
    assert!(state.store.begin_repair().unwrap().rebuild().unwrap().is_empty());
}
