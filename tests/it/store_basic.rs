//! The store on a real directory: found, change, read, look back.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use crate::support;

use std::os::unix::fs::PermissionsExt;

use mfactl::domain::outcome::Object;
use mfactl::domain::scope::{Key, Needs, Scope};
use mfactl::error::Kind;
use mfactl::store::{At, Options, Store};
use support::*;

fn founded() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(&dir.path().join("state"), options(), &founding()).unwrap();
    (dir, store)
}

#[test]
fn a_state_is_founded_changed_and_read() {
    let (dir, store) = founded();
    assert_eq!(store.view().unwrap().rev(), 1);
    let done = commit(&store, "user.add", |_| vec![new_org("acme"), new_user("alice")]).unwrap();
    assert_eq!(done.as_ref().unwrap().rev, 2);
    assert_eq!(done.unwrap().warnings, Vec::<String>::new());
    let view = store.view().unwrap();
    assert_eq!(view.user(&login("alice")).unwrap(), Some(user("alice")));
    assert_eq!(view.user(&login("bob")).unwrap(), None);
    assert_eq!(view.org(&org_id("acme")).unwrap(), Some(org("acme")));
    let key = Key::Mail("alice@acme.example".into());
    assert_eq!(view.owner(&key).unwrap(), Some(login("alice")));
    let paths: Vec<String> = view.paths_of(&login("alice")).unwrap().into_keys().collect();
    assert_eq!(paths, ["index/all.yaml", "users/all.yaml"]);
    let text = std::fs::read_to_string(dir.path().join("state/users/all.yaml")).unwrap();
    assert!(text.starts_with("# mfactl 1 · rev 2 · sha256 "), "{text}");
    assert!(text.contains("\n\"alice\": {\"id\":\"u_alice\",\"name\":\"alice\","), "{text}");
}

#[test]
fn ends_stand_in_the_calendar_until_they_are_recorded() {
    let (_dir, store) = founded();
    commit(&store, "user.add", |_| {
        let mut alice = user("alice");
        alice.exceptions.insert(1, exception(30));
        alice.memberships.get_mut(&org_id("acme")).unwrap().opt_out = Some(opt_out(30).into());
        vec![Object::User { login: login("alice"), before: None, after: Some(alice.into()) }]
    })
    .unwrap();
    let page = "2026-07-01".to_owned();
    let view = store.view().unwrap();
    assert_eq!(view.due_pages().unwrap(), std::slice::from_ref(&page));
    let entries = view.due(&page).unwrap();
    assert_eq!(entries.keys().collect::<Vec<_>>(), ["alice acme", "alice#1"]);
    drop(view);
    // A change of the name shows in the calendar.
    commit(&store, "user.edit", |view| {
        vec![user_object(view, "alice", |user| {
            let mut user = user.unwrap();
            user.name = None;
            Some(user)
        })]
    })
    .unwrap();
    assert_eq!(store.view().unwrap().due(&page).unwrap()["alice#1"].name, None);
    // The end of one is recorded; it does not come back with the next change of the user.
    commit(&store, "exception.expire", |view| {
        let entry = &view.due(&page).unwrap()["alice#1"];
        let key = mfactl::domain::due::DueKey { page: page.clone(), entry: "alice#1".to_owned() };
        vec![Object::Due { key, was: Box::new(entry.clone()) }]
    })
    .unwrap();
    let rename = |view: &mfactl::store::View| {
        let alice = view.user(&login("alice")).unwrap().unwrap();
        let (before, after) = (Some(alice.clone().into()), Some(alice.into()));
        vec![
            Object::User { login: login("alice"), before, after: None },
            Object::User { login: login("alicia"), before: None, after },
        ]
    };
    commit(&store, "user.rename", rename).unwrap();
    let view = store.view().unwrap();
    assert_eq!(view.due(&page).unwrap().keys().collect::<Vec<_>>(), ["alicia acme"]);
    assert_eq!(view.owner(&Key::Id(user("alice").id)).unwrap(), Some(login("alicia")));
    drop(view);
    // The calendar of the past is what it was.
    let before = store.view_at(At::Rev(3)).unwrap();
    assert_eq!(before.due(&page).unwrap().keys().collect::<Vec<_>>(), ["alice acme", "alice#1"]);
    assert_eq!(before.owner(&Key::Id(user("alice").id)).unwrap(), Some(login("alice")));
    let between = store.view_at(At::Rev(4)).unwrap();
    assert!(between.due(&page).unwrap().contains_key("alice acme"));
}

#[test]
fn nothing_staged_is_no_commit_and_a_dry_run_writes_nothing() {
    let (_dir, store) = founded();
    assert_eq!(commit(&store, "user.add", |_| vec![]).unwrap(), None);
    let mut dry = store.dry_run().unwrap();
    dry.stage(None, &[new_user("alice")]).unwrap();
    let needs = Needs { users: [login("alice")].into(), ..Needs::default() };
    let mut scope = Scope::default();
    dry.load(&needs, &mut scope).unwrap();
    assert_eq!(scope.user(&login("alice")), Some(&user("alice")));
    assert_eq!(scope.org(&org_id("acme")), None);
    assert_eq!(dry.commit(meta("user.add")).unwrap(), None);
    assert_eq!(store.view().unwrap().rev(), 1);
    // A change that is taken back is none.
    commit(&store, "user.add", |_| vec![new_user("alice")]).unwrap();
    let done = commit(&store, "user.edit", |view| {
        let there = user_object(view, "alice", |user| {
            user.map(|u| mfactl::domain::model::User { active: false, ..u })
        });
        let Object::User { login, before, after } = there.clone() else { unreachable!() };
        vec![there, Object::User { login, before: after, after: before }]
    });
    assert_eq!(done.unwrap(), None);
}

#[test]
fn repeated_changes_of_one_object_fold_and_the_record_tells() {
    let (_dir, store) = founded();
    let mut transaction = store.begin().unwrap();
    transaction.stage(Some("alice"), &[new_user("alice")]).unwrap();
    let before = user("alice");
    let mut after = before.clone();
    after.mfa = mfactl::domain::model::Switch::Off;
    let change = Object::User {
        login: login("alice"),
        before: Some(before.into()),
        after: Some(after.clone().into()),
    };
    transaction.stage(Some("alice"), &[change]).unwrap();
    let sha = transaction.evidence(b"a letter".to_vec());
    transaction.commit(meta("user.add")).unwrap().unwrap();
    let view = store.view().unwrap();
    let record = view.records().next().unwrap().unwrap();
    assert_eq!((record.rev, record.action.as_str()), (2, "user.add"));
    assert_eq!(record.subject().unwrap().as_deref(), Some("alice"));
    let details: Vec<_> = record.details().collect::<Result<_, _>>().unwrap();
    assert_eq!(details.len(), 1);
    assert_eq!(details[0].before, serde_json::Value::Null);
    assert_eq!(details[0].after, serde_json::to_value(&after).unwrap());
    let revs: Vec<u64> = view.records_oldest_first().map(|r| r.unwrap().rev).collect();
    assert_eq!(revs, [1, 2]);
    assert_eq!(sha.len(), 64);
}

#[test]
fn what_is_not_a_state_or_open_to_others_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let code = |path: &std::path::Path| {
        let error = Store::open(path, options()).err().unwrap();
        (error.kind, error.code)
    };
    assert_eq!(code(&dir.path().join("nothing")), (Kind::NotFound, "no-state"));
    assert_eq!(code(dir.path()), (Kind::NotFound, "no-state"));
    // An empty directory is filled in place; one with something in it is not.
    let place = dir.path().join("place");
    std::fs::create_dir(&place).unwrap();
    Store::create(&place, options(), &founding()).unwrap();
    let again = Store::create(&place, options(), &founding()).err().unwrap();
    assert_eq!((again.kind, again.code), (Kind::Refused, "exists"));
    let open = |path: &str, mode| {
        std::fs::set_permissions(place.join(path), PermissionsExt::from_mode(mode)).unwrap();
    };
    open("operators.yaml", 0o644);
    let store = Store::open(&place, options()).unwrap();
    let error = store.view().unwrap().operators().unwrap_err();
    assert_eq!((error.kind, error.code), (Kind::Damaged, "open-to-others"));
    open("operators.yaml", 0o600);
    let give = |path: &str, uid| std::os::unix::fs::chown(place.join(path), Some(uid), None);
    // Only root gives files away.
    if give("operators.yaml", 1).is_ok() {
        let error = Store::open(&place, options()).unwrap().view().unwrap().operators();
        assert_eq!(error.unwrap_err().code, "wrong-owner");
        give("operators.yaml", 0).unwrap();
        give("", 1).unwrap();
        assert_eq!(code(&place), (Kind::System, "not-owner"));
        give("", 0).unwrap();
    }
    open("", 0o750);
    assert_eq!(code(&place), (Kind::Damaged, "open-to-others"));
}

#[test]
fn a_released_view_answers_until_the_state_moves_on() {
    let (_dir, store) = founded();
    commit(&store, "user.add", |_| vec![new_org("acme"), new_user("alice")]).unwrap();
    let mut view = store.view().unwrap();
    let scan = view.scan().unwrap();
    view.release();
    assert_eq!(view.user(&login("alice")).unwrap(), Some(user("alice")));
    commit(&store, "user.add", |_| vec![new_user("bob")]).unwrap();
    assert_eq!(view.user(&login("bob")).unwrap(), None);
    assert_eq!(view.org(&org_id("acme")).unwrap_err().kind, Kind::Busy);
    let count = |n: &mut usize, _: &_, _: &_| {
        *n += 1;
        Ok(())
    };
    assert_eq!(scan.fold(|| 0, count, |a, b| a + b).unwrap(), 1);
    assert_eq!(store.view().unwrap().scan().unwrap().fold(|| 0, count, |a, b| a + b).unwrap(), 2);
}

#[test]
fn what_is_staged_in_parts_is_what_is_staged_at_once() {
    let name = |n: usize| format!("user{n}");
    let new = |range: std::ops::Range<usize>| -> Vec<Object> {
        range.map(|n| new_user(&name(n))).collect()
    };
    let ((_dir, parts), (_other, at_once)) = (founded(), founded());
    let mut transaction = parts.begin().unwrap();
    transaction.stage(None, &new(0..400)).unwrap();
    transaction.stage(None, &new(400..600)).unwrap();
    // Who asks finds them, and later changes fold into them.
    let mut scope = Scope::default();
    let (key, free) = (Key::Id(user("user3").id), Key::Id(user("user650").id));
    let needs = Needs {
        users: [login("user3"), login("user650")].into(),
        keys: [key.clone(), free.clone()].into(),
        ..Needs::default()
    };
    transaction.load(&needs, &mut scope).unwrap();
    assert_eq!(scope.user(&login("user3")), Some(&user("user3")));
    assert_eq!(scope.user(&login("user650")), None);
    assert_eq!((scope.owner(&key), scope.owner(&free)), (Some(&login("user3")), None));
    transaction.stage(None, &new(600..700)).unwrap();
    let gone = Object::user(&login("user5"), Some(&user("user5")), None);
    transaction.stage(Some("user5"), &[gone]).unwrap();
    transaction.commit(meta("user.import")).unwrap();
    let mut others = new(0..700);
    others.remove(5);
    commit(&at_once, "user.import", |_| others).unwrap();
    let (parts, at_once) = (parts.view().unwrap(), at_once.view().unwrap());
    assert_eq!(whole(&parts).unwrap(), whole(&at_once).unwrap());
    for n in 0..700 {
        let key = Key::Id(user(&name(n)).id);
        assert_eq!(parts.owner(&key).unwrap(), at_once.owner(&key).unwrap(), "{n}");
    }
}

#[test]
fn two_new_users_with_one_id_are_refused() {
    let (_dir, store) = founded();
    let new = |name| Object::user(&login(name), None, Some(user("alice")));
    let mut transaction = store.begin().unwrap();
    let staged = transaction.stage(None, &[new("alice"), new("bob")]);
    assert_eq!(staged.unwrap_err().kind, Kind::Bug);
    drop(transaction);
    assert_eq!(store.view().unwrap().rev(), 1);
}

#[test]
fn shards_grow_with_the_users() {
    let (dir, store) = founded();
    let names = |range: std::ops::Range<usize>| range.map(|n| new_user(&format!("user{n}")));
    commit(&store, "user.import", |_| names(0..470).collect()).unwrap();
    assert!(dir.path().join("state/users/all.yaml").exists());
    let before = whole(&store.view().unwrap()).unwrap();
    for n in 470..490 {
        commit(&store, "user.add", |_| vec![new_user(&format!("user{n}"))]).unwrap();
    }
    assert!(!dir.path().join("state/users/all.yaml").exists());
    assert!(!dir.path().join("state/index/all.yaml").exists());
    assert_eq!(std::fs::read_dir(dir.path().join("state/users")).unwrap().count(), 16);
    let view = store.view().unwrap();
    assert_eq!(whole(&view).unwrap().users.len(), 490);
    let key = Key::Id(user("user3").id);
    assert_eq!(view.owner(&key).unwrap(), Some(login("user3")));
    drop(view);
    assert_eq!(whole(&store.view_at(At::Rev(2)).unwrap()).unwrap(), before);
    commit(&store, "user.import", |_| names(490..8_000).collect()).unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("state/users")).unwrap().count(), 256);
    assert_eq!(whole(&store.view().unwrap()).unwrap().users.len(), 8_000);
    assert!(dir.path().join("state/audit/details-23.jsonl").exists());
    assert_eq!(whole(&store.view_at(At::Rev(2)).unwrap()).unwrap(), before);
    commit(&store, "user.remove", |view| vec![user_object(view, "user7", |_| None)]).unwrap();
    assert_eq!(store.view().unwrap().owner(&Key::Id(user("user7").id)).unwrap(), None);
}

#[test]
fn the_past_is_found_by_its_time() {
    let (_dir, store) = founded();
    for hours in 1..4 {
        let at = now().plus(mfactl::domain::time::Span::seconds(hours * 3_600));
        let mut transaction = store.begin().unwrap();
        transaction.stage(None, &[new_user(&format!("user{hours}"))]).unwrap();
        transaction.commit(mfactl::store::Meta { at, ..meta("user.add") }).unwrap();
    }
    let rev_at = |text: &str| {
        let time = mfactl::domain::time::Time::parse_rfc3339(text).unwrap();
        store.view_at(At::Time(time)).map(|view| (view.rev(), whole(&view).unwrap().users.len()))
    };
    assert_eq!(rev_at("2026-06-01T12:00:00Z").unwrap(), (1, 0));
    assert_eq!(rev_at("2026-06-01T14:30:00Z").unwrap(), (3, 2));
    assert_eq!(rev_at("2030-01-01T00:00:00Z").unwrap(), (4, 3));
    assert_eq!(rev_at("2026-06-01T11:59:59Z").unwrap_err().kind, Kind::NotFound);
}

#[test]
fn who_verifies_or_checks_holds_no_writer_up() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let store = Store::create(&place, options(), &founding()).unwrap();
    commit(&store, "user.add", |_| vec![new_org("acme"), new_user("alice")]).unwrap();
    let writer = Store::open(
        &place,
        Options { lock_timeout: std::time::Duration::from_secs(3), ..options() },
    );
    let writer = writer.unwrap();
    let number = std::sync::atomic::AtomicUsize::new(0);
    let commits = move || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        commit(&writer, "user.add", |_| vec![new_user(&format!("u{number}"))]).unwrap();
    };
    // At each file that was looked at somebody commits.
    let options = Options { step: std::sync::Arc::new(commits), ..options() };
    let watched = Store::open(&place, options).unwrap();
    let before = store.view().unwrap().rev();
    let verified = watched.verify(None).unwrap();
    assert!(verified.ok(), "{verified:?}");
    assert_eq!(verified.records, before, "it is the revision that it began with");
    let (verified, problems) = watched.check().unwrap();
    assert!(verified.ok() && problems.is_empty(), "{verified:?} {problems:?}");
    assert!(store.view().unwrap().rev() > before + 4);
}
