//! The sign-in room as a long-lived process uses it: many attempts on one store, what each costs
//! on the disk, and what is left of it after a kill, an error or a power loss at every step.

#![allow(clippy::unwrap_used)]

use crate::support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mfactl::domain::ids::UserRef;
use mfactl::domain::model::{Method, MethodKind, User};
use mfactl::domain::outcome::Object;
use mfactl::domain::time::{Span, Time};
use mfactl::error::{Kind, Result};
use mfactl::secret::attempts::{Current, SigninState};
use mfactl::secret::ids::EnrolmentId;
use mfactl::secret::line::{Owner, SealedTotp, UserSecrets};
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::Parameters;
use mfactl::secret::recovery::{RecoveryCode, RecoverySet};
use mfactl::secret::ring::KeyRing;
use mfactl::secret::totp::{Totp, Window};
use mfactl::secret::typed::Typed;
use mfactl::signin::{Door, Request, SigninAnswer, WhyNot, ask, enrol};
use mfactl::store::signin::SigninLine;
use mfactl::store::{Disk, Options, Store};
use support::leaky::{Leaky, Skip};
use support::sim_disk::{Fault, Loss, SimDisk};
use support::{commit, founding, login, meta, name, new_org, new_user, org_id, user_object};

const LOSSES: [Loss; 6] =
    [Loss::All, Loss::None, Loss::Some(1), Loss::Some(2), Loss::Some(3), Loss::Some(4)];

fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |buffer: &mut [u8]| {
        for byte in buffer {
            next = next.wrapping_add(1);
            *byte = next;
        }
    }
}

fn ring() -> KeyRing {
    KeyRing::generate(&mut counting())
}

fn totp() -> Totp {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    Totp { secret, parameters: Parameters::default() }
}

/// The instant of the attempts, in a later step than that of the enrolment.
fn later() -> Time {
    support::now().plus(Span::seconds(600))
}

fn options(boot: &str) -> Options {
    Options { boot_id: name(boot), ..support::options() }
}

/// A state in which alice is enrolled, and her recovery codes.
struct World {
    disk: SimDisk,
    store: Store,
    secrets: UserSecrets,
    codes: Vec<RecoveryCode>,
}

impl World {
    fn new() -> World {
        let disk = SimDisk::new();
        let store = Store::create_with_disk(Arc::new(disk.clone()), options("boot-1"), &founding());
        let store = store.unwrap();
        commit(&store, "test", |_| vec![new_org("acme"), new_user("alice")]).unwrap();
        let (recovery, codes) = RecoverySet::generate(&mut counting());
        let secrets = UserSecrets {
            current: Some(sealed(&store)),
            recovery: Some(recovery),
            ..UserSecrets::default()
        };
        let world = World { disk, store, secrets, codes };
        let first = totp().step(support::now());
        let user = world.alice();
        let shard = enrol::put_line(&world.store, &user, &world.secrets, first).unwrap();
        world.keep(&world.secrets, |user| {
            let since = support::now();
            user.enrolment.current = Some(Method { method: MethodKind::Totp, since });
        });
        drop(shard);
        world
    }

    fn alice(&self) -> User {
        self.store.view().unwrap().user(&login("alice")).unwrap().unwrap()
    }

    /// Commits these secrets of alice and a change of her account.
    fn keep(&self, secrets: &UserSecrets, change: impl FnOnce(&mut User)) {
        let mut transaction = self.store.begin().unwrap();
        let user = user_object(transaction.view(), "alice", |user| {
            let mut user = user.unwrap();
            change(&mut user);
            Some(user)
        });
        let sealed = Object::Secrets { login: login("alice"), orgs: BTreeSet::new() };
        transaction.stage(None, &[user, sealed]).unwrap();
        transaction.keep_secrets(&login("alice"), secrets);
        transaction.commit(meta("test")).unwrap();
    }

    fn right(&self) -> String {
        let step = totp().step(later()).unwrap();
        totp().code(step).reveal().to_owned()
    }

    fn recovery(&self, place: usize) -> String {
        self.codes[place].reveal().reveal().to_owned()
    }

    /// Another process, on a copy of the disk.
    fn copy(&self) -> (SimDisk, Store) {
        let disk = self.disk.copy();
        let store = open(Arc::new(disk.clone()), "boot-1");
        (disk, store)
    }
}

fn open(disk: Arc<dyn Disk>, boot: &str) -> Store {
    Store::with_disk(disk, options(boot)).unwrap()
}

fn sealed(store: &Store) -> SealedTotp {
    let view = store.view().unwrap();
    let user = view.user(&login("alice")).unwrap().unwrap();
    let owner = Owner { store: view.store_id(), user: &user.id };
    SealedTotp::seal(&ring(), owner, &totp(), &mut counting())
}

fn attempt(store: &Store, code: &str, clock: Time) -> Result<SigninAnswer> {
    let door = Door { store, keys: &|_| Ok(ring()), window: Window::default() };
    let (user, org) = (UserRef::Login(login("alice")), org_id("acme"));
    let request = Request { user: &user, org: &org, service: None };
    door.attempt(request, &Typed::parse(code), clock)
}

#[track_caller]
fn told(store: &Store, code: &str) -> Option<WhyNot> {
    let answer = attempt(store, code, later()).unwrap();
    assert_eq!(answer.ok, answer.reason.is_none());
    answer.reason
}

/// The line of alice's enrolment.
fn line(store: &Store) -> SigninState {
    let view = store.view().unwrap();
    let user = view.user(&login("alice")).unwrap().unwrap();
    let id = view.secrets(&login("alice")).unwrap().unwrap().current.unwrap().id;
    view.signin_state(&user.id, &id).unwrap().unwrap()
}

/// The steps that change the disk, of those since the disk was armed.
fn changes(disk: &SimDisk) -> Vec<String> {
    let changes = ["create", "write", "sync", "rename", "truncate", "mkdir"];
    let mut trace = disk.trace();
    trace.retain(|step| changes.iter().any(|change| step.starts_with(change)));
    trace
}

fn watch(disk: &SimDisk) {
    disk.arm(usize::MAX, Fault::Kill);
}

/// Bug: a right code cost four syncs, and so did one that was used.
#[test]
fn a_code_costs_one_durable_write_and_a_used_one_none() {
    let world = World::new();
    let cost = |code: &str, reason: Option<WhyNot>| {
        watch(&world.disk);
        assert_eq!(told(&world.store, code), reason, "{code}");
        let changes = changes(&world.disk);
        let syncs = changes.iter().filter(|step| step.starts_with("sync")).count();
        (syncs, changes.len())
    };
    // Made, written, synced, renamed; then its directory is synced.
    let one_write = (2, 5);
    let right = world.right();
    assert_eq!(cost(&right, None), one_write);
    assert_eq!(cost(&right, Some(WhyNot::CodeUsed)), (0, 0));
    let recovery = world.recovery(3);
    assert_eq!(cost(&recovery, None), one_write);
    assert_eq!(cost(&recovery, Some(WhyNot::CodeUsed)), (0, 0));
    assert_eq!(cost("no code", Some(WhyNot::CodeMalformed)), (0, 0));
    for _ in 0..5 {
        assert_eq!(cost("000000", Some(WhyNot::CodeWrong)), one_write);
    }
    for code in ["000000", right.as_str(), recovery.as_str(), &world.recovery(4)] {
        assert_eq!(cost(code, Some(WhyNot::LockedOut)), (0, 0));
    }
}

/// Whoever can see what the process does, or end it, learns nothing from it before the outcome
/// is durable.
#[test]
fn a_right_and_a_wrong_code_take_the_same_steps() {
    let world = World::new();
    let wrong_recovery = format!("5{}", &world.recovery(3)[1..]);
    for (right, wrong) in [(world.right(), "000000"), (world.recovery(3), wrong_recovery.as_str())]
    {
        let steps = |code: &str| {
            let (disk, store) = world.copy();
            watch(&disk);
            let reason = told(&store, code);
            (reason, disk.trace())
        };
        let ((in_, right), (out, wrong)) = (steps(&right), steps(wrong));
        assert_eq!((in_, out), (None, Some(WhyNot::CodeWrong)));
        assert_eq!(right, wrong);
    }
}

/// What must hold once `answer` was given to `code` and the disk was left as it is.
#[track_caller]
fn holds(store: &Store, code: &str, is_right: bool, answer: &Result<SigninAnswer>, what: &str) {
    let failures = line(store).failures;
    let again = attempt(store, code, later());
    let again = again.unwrap_or_else(|e| panic!("{what}: {e}"));
    match (answer, is_right) {
        (Ok(answer), true) => {
            assert!(answer.ok, "{what}");
            assert_eq!(again.reason, Some(WhyNot::CodeUsed), "{what}: it got in twice");
        }
        (Ok(answer), false) => {
            assert_eq!(answer.reason, Some(WhyNot::CodeWrong), "{what}");
            assert_eq!(failures, 1, "{what}: it was not counted");
        }
        // Nobody got in and nobody was told anything: the code may be used up or not.
        (Err(_), true) => assert!(again.ok || again.reason == Some(WhyNot::CodeUsed), "{what}"),
        (Err(_), false) => {
            assert!(failures <= 1 && again.reason == Some(WhyNot::CodeWrong), "{what}");
        }
    }
    assert_eq!(told(store, &totp_later()), None, "{what}: the next code is not right");
}

/// A code of the step after that of the attempts, which the window lets in.
fn totp_later() -> String {
    totp().code(totp().step(later()).unwrap() + 1).reveal().to_owned()
}

#[test]
fn a_kill_or_a_power_loss_at_any_step_accepts_no_code_twice_and_forgets_no_failure() {
    let world = World::new();
    // A recovery code costs a hash each time: of its steps some will do.
    for (code, is_right, stride) in
        [(world.right(), true, 1), ("000000".to_owned(), false, 1), (world.recovery(3), true, 4)]
    {
        let (counted, store) = world.copy();
        watch(&counted);
        told(&store, &code);
        for step in (0..=counted.steps()).step_by(stride) {
            let (disk, store) = world.copy();
            disk.arm(step, Fault::Kill);
            let answer = attempt(&store, &code, later());
            for loss in LOSSES {
                let lost = disk.power_loss(loss);
                let store = open(Arc::new(lost), "boot-2");
                holds(&store, &code, is_right, &answer, &format!("{loss:?} after step {step}"));
            }
            disk.restart();
            let store = open(Arc::new(disk), "boot-1");
            holds(&store, &code, is_right, &answer, &format!("killed at step {step}"));
        }
    }
}

#[test]
fn an_error_at_any_step_lets_nobody_in_and_tells_nothing() {
    let world = World::new();
    let right = world.right();
    for (errno, more) in [(5, 0), (28, 0), (28, usize::MAX)] {
        let fail = |step: usize, code: &str| {
            let (disk, store) = world.copy();
            disk.arm(step, Fault::Error { errno, more });
            let answer = attempt(&store, code, later());
            (disk, answer)
        };
        let steps = fail(usize::MAX, &right).0.steps();
        for step in 0..steps {
            let what = format!("error {errno} at step {step}");
            let mut errors = Vec::new();
            for (code, is_right) in [(right.as_str(), true), ("000000", false)] {
                let (disk, answer) = fail(step, code);
                if let Err(e) = &answer {
                    assert_eq!(e.kind, Kind::System, "{what}: {e}");
                }
                errors.push(answer.as_ref().err().map(ToString::to_string));
                let lost = open(Arc::new(disk.power_loss(Loss::Some(step as u64))), "boot-2");
                holds(&lost, code, is_right, &answer, &what);
                disk.restart();
                holds(&open(Arc::new(disk), "boot-1"), code, is_right, &answer, &what);
            }
            assert_eq!(errors[0], errors[1], "{what}: the error tells a right code");
        }
    }
}

#[test]
fn a_sync_left_out_of_an_attempt_is_caught() {
    let world = World::new();
    for skip in [Skip::Shadow, Skip::OwnDirs] {
        let (disk, _) = world.copy();
        let store = open(Arc::new(Leaky::new(disk.clone(), skip)), "boot-1");
        assert_eq!(told(&store, &world.right()), None);
        let is_lost = |loss: &Loss| {
            let store = open(Arc::new(disk.power_loss(*loss)), "boot-2");
            let again = attempt(&store, &world.right(), later());
            !again.is_ok_and(|again| again.reason == Some(WhyNot::CodeUsed))
        };
        assert!(LOSSES.iter().any(is_lost), "without the sync of {skip:?} nothing is lost");
    }
}

/// The answers to threads that bring codes at the same time, sorted.
fn at_once(store: &Store, codes: &[String]) -> Vec<String> {
    let mut told: Vec<String> = std::thread::scope(|threads| {
        let all: Vec<_> =
            codes.iter().map(|code| threads.spawn(move || told(store, code))).collect();
        let name = |reason: Option<WhyNot>| reason.map_or("yes", WhyNot::as_str).to_owned();
        all.into_iter().map(|one| name(one.join().unwrap())).collect()
    });
    told.sort();
    told
}

#[test]
fn of_many_requests_with_one_code_exactly_one_gets_in_and_nobody_is_locked_out() {
    let world = World::new();
    for code in [world.right(), world.recovery(3)] {
        let told = at_once(&world.store, &vec![code; 12]);
        let expected = [vec!["code-used"; 11], vec!["yes"]].concat();
        assert_eq!(told, expected);
    }
    assert_eq!(line(&world.store).failures, 0);
}

#[test]
fn guesses_in_parallel_do_not_outrun_the_limit() {
    let world = World::new();
    let wrong: Vec<String> = (0..20).map(|n| format!("00000{}", n % 3)).collect();
    let told = at_once(&world.store, &wrong);
    assert_eq!(told, [vec!["code-wrong"; 5], vec!["locked-out"; 15]].concat());
}

/// Bug: a right code while an import was under way removed the line of the enrolment about to be
/// committed, which was damaged from then on. An import puts its lines once more.
#[test]
fn a_line_that_a_sign_in_removed_before_its_commit_is_put_again() {
    let world = World::new();
    let user = world.alice();
    let coming = EnrolmentId::generate(&mut |id: &mut [u8]| id.fill(9));
    let state = SigninState::restored(coming.clone(), 1, Current { unlock: 0, set: None });
    let lines = [SigninLine { user: user.id.clone(), state, merge: Box::new(|_| None) }];
    let there = || {
        let view = world.store.view().unwrap();
        view.signin_state(&user.id, &coming).unwrap().is_some()
    };
    world.store.put_signin_lines(&lines).unwrap();
    assert!(there());
    assert_eq!(told(&world.store, &world.right()), None);
    assert!(!there());
    world.store.put_signin_lines(&lines).unwrap();
    assert!(there());
    // Nothing is written for what is there.
    watch(&world.disk);
    world.store.put_signin_lines(&lines).unwrap();
    assert_eq!(changes(&world.disk), Vec::<String>::new());
}

/// The answer to an attempt that waits for its turn while `change` is committed.
fn meanwhile(world: &World, code: &str, change: impl FnOnce()) -> Option<WhyNot> {
    let shard = world.store.signin_shard(&world.alice().id).unwrap();
    let waits = |trace: Vec<String>| trace.iter().any(|step| step.starts_with("lock signin/"));
    std::thread::scope(|threads| {
        watch(&world.disk);
        let attempt = threads.spawn(|| told(&world.store, code));
        while !waits(world.disk.trace()) {
            std::thread::sleep(Duration::from_millis(1));
        }
        change();
        drop(shard);
        attempt.join().unwrap()
    })
}

#[test]
fn an_attempt_is_decided_by_the_state_of_its_turn() {
    let world = World::new();
    let unlock = || world.keep(&world.secrets, |user| user.unlocks += 1);
    assert_eq!(meanwhile(&world, &world.right(), unlock), None);
    // The codes that were issued meanwhile void the one that was compared.
    let (recovery, _) = RecoverySet::generate(&mut |buffer: &mut [u8]| buffer.fill(7));
    let anew = UserSecrets { recovery: Some(recovery), ..world.secrets.clone() };
    let issue = || world.keep(&anew, |_| ());
    assert_eq!(meanwhile(&world, &world.recovery(3), issue), Some(WhyNot::CodeWrong));
    let reset = || {
        world.keep(&UserSecrets::default(), |user| user.enrolment.current = None);
    };
    assert_eq!(meanwhile(&world, &totp_later(), reset), Some(WhyNot::EnrolFirst));
}

#[test]
fn a_code_is_asked_for_only_where_one_can_be_right() {
    let world = World::new();
    let (user, org) = (UserRef::Login(login("alice")), org_id("acme"));
    let request = Request { user: &user, org: &org, service: None };
    let asked = || ask(&world.store, request, later()).unwrap();
    assert_eq!(asked().reason, Some(WhyNot::CodeRequired));
    for _ in 0..5 {
        told(&world.store, "000000");
    }
    let locked = asked();
    assert_eq!(locked.reason, Some(WhyNot::LockedOut));
    assert_eq!(locked.locked_until, Some(later().plus(Span::seconds(30))));
    world.keep(&world.secrets, |user| user.mfa = mfactl::domain::model::Switch::Off);
    let free = asked();
    assert_eq!((free.ok, free.reason, free.locked_until), (true, None, None));
}
