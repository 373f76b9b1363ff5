//! Many at once: writers one after the other, readers never between.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use crate::support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mfactl::domain::model::User;
use mfactl::error::Kind;
use mfactl::store::Store;
use support::*;

#[test]
fn eight_writers_make_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let mut patient = options();
    patient.lock_timeout = Duration::from_secs(120);
    Store::create(&place, patient.clone(), &founding()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (place, options) = (place.clone(), patient.clone());
            scope.spawn(move || {
                // Its own descriptors, as in a process of its own.
                let store = Store::open(&place, options).unwrap();
                for number in 0..25 {
                    let name = format!("w{writer}-{number}");
                    commit(&store, "user.add", |_| vec![new_user(&name)]).unwrap().unwrap();
                }
            });
        }
    });
    let store = Store::open(&place, patient).unwrap();
    let verified = store.verify(None).unwrap();
    assert!(verified.ok(), "{verified:?}");
    assert_eq!(verified.records, 201);
    assert_eq!(whole(&store.view().unwrap()).unwrap().users.len(), 200);
}

/// Two users that are always changed together, one of them in another file after growth.
#[test]
fn a_reader_without_lock_never_sees_a_mixture() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let store = Store::create(&place, options(), &founding()).unwrap();
    let many = (0..500).map(|n| new_user(&format!("u{n}"))).collect();
    commit(&store, "user.import", |_| many).unwrap();
    assert!(place.join("users/0.yaml").exists());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..150 {
                commit(&store, "user.unlock", |view| {
                    let unlock =
                        |user: Option<User>| user.map(|u| User { unlocks: u.unlocks + 1, ..u });
                    vec![user_object(view, "u1", unlock), user_object(view, "u2", unlock)]
                })
                .unwrap();
            }
            done.store(true, Ordering::Release);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let store = Store::open(&place, options()).unwrap();
                let (mut reads, mut last) = (0, 0);
                while !done.load(Ordering::Acquire) {
                    let read = store.peek(|view| {
                        let unlocks = |name| {
                            view.user(&login(name)).map(|user| user.map_or(0, |user| user.unlocks))
                        };
                        Ok((unlocks("u1")?, unlocks("u2")?, view.rev()))
                    });
                    let (one, two, rev) = read.unwrap();
                    assert_eq!(one, two, "at revision {rev}");
                    assert!(rev >= last);
                    (reads, last) = (reads + 1, rev);
                }
                assert!(reads > 10);
            });
        }
    });
    assert!(store.verify(None).unwrap().ok());
}

#[test]
fn who_waits_too_long_hears_who_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let store = Store::create(&place, options(), &founding()).unwrap();
    let _held = store.begin().unwrap();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut hasty = options();
    hasty.lock_timeout = Duration::from_millis(300);
    let heard = told.clone();
    hasty.waiting = std::sync::Arc::new(move |who| heard.lock().unwrap().push(who.to_owned()));
    let store = Store::open(&place, hasty).unwrap();
    let error = store.begin().err().unwrap();
    assert_eq!(error.kind, Kind::Busy);
    let holder = format!("pid {}: mfactl test", std::process::id());
    assert!(error.message.contains(&holder), "{error}");
    let line = format!("waiting for the lock of {}: held by {holder}", place.display());
    assert_eq!(*told.lock().unwrap(), [line]);
    // A decision waits for nobody.
    assert_eq!(store.peek(|view| Ok(view.rev())).unwrap(), 1);
}

/// A writer that is killed is a process of its own, again and again.
#[test]
fn killed_writers_leave_a_state_that_goes_on() {
    if let Some(place) = std::env::var_os("MFACTL_TEST_VICTIM") {
        let store = Store::open(std::path::Path::new(&place), options()).unwrap();
        loop {
            commit(&store, "user.unlock", |view| {
                vec![user_object(view, "u1", |user| {
                    user.map(|u| User { unlocks: u.unlocks + 1, ..u })
                })]
            })
            .unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("state");
    let store = Store::create(&place, options(), &founding()).unwrap();
    commit(&store, "user.add", |_| vec![new_user("u1")]).unwrap();
    let next = random(3);
    for _ in 0..12 {
        let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store_together::killed_writers_leave_a_state_that_goes_on"])
            .env("MFACTL_TEST_VICTIM", &place)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(30_000 + next() % 40_000));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let view = store.view().unwrap();
        let unlocks = view.user(&login("u1")).unwrap().unwrap().unlocks;
        assert_eq!(u64::from(unlocks) + 2, view.rev());
        drop(view);
        assert!(store.verify(None).unwrap().ok());
    }
    let rev = store.view().unwrap().rev();
    assert!(rev > 12, "the victims did something: revision {rev}");
    commit(&store, "org.add", |_| vec![new_org("acme")]).unwrap();
    let (verified, problems) = store.check().unwrap();
    assert!(verified.ok() && problems.is_empty(), "{verified:?} {problems:?}");
}
