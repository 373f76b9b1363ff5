//! Every step of every script fails, is the last before a kill, and is the last
//! before a power loss with every kind of loss. The promise: Ok means durable;
//! exit 2 to 8 means that nothing changed; killed means one of the two.
#![allow(clippy::unwrap_used)]

use crate::support;

use std::collections::BTreeSet;
use std::sync::Arc;

use mfactl::domain::due::DueKey;
use mfactl::domain::ids::Evidence;
use mfactl::domain::model::{Method, MethodKind, Switch};
use mfactl::domain::outcome::Object;
use mfactl::domain::time::{Span, Time};
use mfactl::error::{Kind, Result};
use mfactl::secret::attempts::{Current, SigninState};
use mfactl::store::{Disk, Meta, Options, Store, View};
use support::leaky::{Leaky, Skip};
use support::sim_disk::{Fault, Loss, SimDisk};
use support::*;

type Step = fn(&View) -> Vec<Object>;

/// A state to begin from, and commits that faults come into.
struct Script {
    setup: &'static [Step],
    steps: &'static [Step],
    segment_bytes: u64,
    /// How many records have no details once one of its steps has pruned.
    pruned: u64,
    /// Every how many steps each kind of fault comes, each beginning with another step: 1 for all.
    stride: usize,
}

const LOSSES: [Loss; 6] =
    [Loss::All, Loss::None, Loss::Some(1), Loss::Some(2), Loss::Some(3), Loss::Some(4)];
/// Error number (EIO, ENOSPC), and how many steps fail with it besides the first.
const ERRORS: [(i32, usize); 5] = [(5, 0), (28, 0), (5, 1), (28, usize::MAX), (5, 3)];

fn orgs_and_users(_: &View) -> Vec<Object> {
    vec![new_org("acme"), new_org("globex"), new_user("alice"), new_user("bob")]
}

fn switch_alice(view: &View) -> Vec<Object> {
    vec![user_object(view, "alice", |user| {
        let mut user = user.unwrap();
        user.mfa = if user.mfa == Switch::On { Switch::Off } else { Switch::On };
        user.unlocks += 1;
        Some(user)
    })]
}

/// A user, the index, the calendar and an org: several directories.
fn several(view: &View) -> Vec<Object> {
    let mut carol = user("carol");
    carol.exceptions.insert(1, exception(30));
    let globex = view.org(&org_id("globex")).unwrap();
    vec![
        Object::User { login: login("carol"), before: None, after: Some(carol.into()) },
        Object::Org { id: org_id("globex"), before: globex.map(Box::new), after: None },
        new_org("initech"),
    ]
}

fn org_only(_: &View) -> Vec<Object> {
    vec![new_org("umbrella")]
}

fn expire(view: &View) -> Vec<Object> {
    let page = "2026-07-01".to_owned();
    let was = Box::new(view.due(&page).unwrap()["carol#1"].clone());
    vec![Object::Due { key: DueKey { page, entry: "carol#1".to_owned() }, was }]
}

/// What is sealed of somebody, in the same commit as the account says so.
fn enrol_bob(view: &View) -> Vec<Object> {
    let since = now();
    let enrolled = user_object(view, "bob", |user| {
        let mut user = user.unwrap();
        user.enrolment.current = Some(Method { method: MethodKind::Totp, since });
        Some(user)
    });
    vec![enrolled, Object::Secrets { login: login("bob"), orgs: BTreeSet::new() }]
}

/// The account goes, and takes with it what is sealed.
fn remove_bob(view: &View) -> Vec<Object> {
    vec![user_object(view, "bob", |_| None)]
}

fn nearly_full(_: &View) -> Vec<Object> {
    (0..478).map(|n| new_user(&format!("u{n}"))).chain([new_org("acme")]).collect()
}

fn one_more(_: &View) -> Vec<Object> {
    (0..3).map(|n| new_user(&format!("more{n}"))).collect()
}

/// What is old of these: a letter that somebody handed in, whose exception has ended.
const LETTER: &[u8] = b"a letter";

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn letter(_: &View) -> Vec<Object> {
    let mut edda = user("edda");
    let mut exception = exception(30);
    exception.ends_at = Some(now().plus(Span::seconds(3_600)));
    exception.evidence = BTreeSet::from([Evidence::parse(&sha256(LETTER)).unwrap()]);
    edda.exceptions.insert(1, exception);
    vec![Object::User { login: login("edda"), before: None, after: Some(edda.into()) }]
}

/// Erases the details of everything before the next day.
fn prune(_: &View) -> Vec<Object> {
    let after = serde_json::json!({"before": now().plus(Span::seconds(43_200))});
    vec![Object::State { what: "prune", before: serde_json::Value::Null, after }]
}

/// What a restore commits: an account with what is sealed of it, evidence and an org come
/// back, an account goes.
fn restore(view: &View) -> Vec<Object> {
    let mut bob = user("bob");
    bob.enrolment.current = Some(Method { method: MethodKind::Totp, since: now() });
    let state = serde_json::json!({"backup": {"rev": 2}});
    let mut objects = letter(view);
    objects.extend([
        Object::State { what: "restore", before: serde_json::Value::Null, after: state },
        Object::User { login: login("bob"), before: None, after: Some(bob.into()) },
        Object::Secrets { login: login("bob"), orgs: BTreeSet::new() },
        new_org("globex"),
        user_object(view, "carol", |_| None),
    ]);
    objects
}

/// Details of more than 64 KiB.
fn bulk(_: &View) -> Vec<Object> {
    (0..200).map(|n| new_user(&format!("bulk{n}"))).collect()
}

/// The same in few files: each is synced for itself.
fn one_large(_: &View) -> Vec<Object> {
    let mut dora = user("dora");
    dora.exceptions = (1..300).map(|number| (number, exception(number % 3 + 100))).collect();
    vec![Object::User { login: login("dora"), before: None, after: Some(dora.into()) }]
}

const SINGLE: Script = Script {
    setup: &[orgs_and_users],
    steps: &[switch_alice, switch_alice],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 1,
};
const SEVERAL: Script = Script {
    setup: &[orgs_and_users],
    steps: &[several, expire, enrol_bob, org_only, remove_bob],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 1,
};
const GROWTH: Script = Script {
    setup: &[nearly_full],
    steps: &[one_more],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 3,
};
const DETAILS: Script = Script {
    setup: &[orgs_and_users],
    steps: &[bulk, org_only],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 7,
};
const LARGE: Script = Script {
    setup: &[orgs_and_users],
    steps: &[one_large, switch_alice],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 7,
};
/// A file of details, two segments and a letter that are replaced or go.
const PRUNE: Script = Script {
    setup: &[orgs_and_users, one_large, letter, switch_alice],
    steps: &[prune, switch_alice, remove_bob],
    segment_bytes: 2_000,
    pruned: 5,
    stride: 3,
};
const RESTORE: Script = Script {
    setup: &[orgs_and_users, several, remove_bob],
    steps: &[restore, switch_alice],
    segment_bytes: u64::MAX,
    pruned: 0,
    stride: 1,
};
const SEGMENTS: Script = Script {
    setup: &[orgs_and_users],
    steps: &[switch_alice, org_only, switch_alice],
    segment_bytes: 600,
    pruned: 0,
    stride: 1,
};

/// What the state is, its revision included.
type Seen = (u64, Whole);

/// How a script goes where nothing goes wrong.
struct Clean {
    start: SimDisk,
    /// The state after none, one, two … of its commits.
    states: Vec<Seen>,
    /// Its steps, and those together with every read.
    steps: usize,
    reads: usize,
}

fn options_of(script: &Script, boot: &str) -> Options {
    let mut options = options();
    options.segment_bytes = script.segment_bytes;
    options.boot_id = support::name(boot);
    // What ends in the scripts has ended: only then may its entry be gone.
    options.clock = Arc::new(|| now().plus(Span::days(60)));
    options
}

fn seen(store: &Store) -> Result<Seen> {
    let view = store.view()?;
    Ok((view.rev(), whole(&view)?))
}

fn run(disk: Arc<dyn Disk>, script: &Script) -> (usize, Option<mfactl::error::Error>) {
    let store = match Store::with_disk(disk, options_of(script, "boot-1")) {
        Ok(store) => store,
        Err(e) => return (0, Some(e)),
    };
    for (done, step) in script.steps.iter().enumerate() {
        if let Err(e) = try_commit(&store, *step) {
            return (done, Some(e));
        }
    }
    (script.steps.len(), None)
}

/// A commit whose reading may fail, too.
fn try_commit(store: &Store, step: Step) -> Result<()> {
    let mut transaction = store.begin()?;
    // The steps unwrap what they read; a fault there is the test's, not the store's.
    let view = transaction.view();
    for path in ["alice", "bob", "carol"] {
        view.user(&login(path))?;
    }
    view.org(&org_id("globex"))?;
    view.due("2026-07-01")?;
    let objects = step(transaction.view());
    transaction.stage(None, &objects)?;
    let (mut action, mut at) = ("test", now());
    let restores = objects.iter().any(|it| matches!(it, Object::State { what: "restore", .. }));
    for object in &objects {
        if let Object::User { after: Some(user), .. } = object
            && user.exceptions.values().any(|exception| !exception.evidence.is_empty())
        {
            transaction.evidence(LETTER.to_vec());
        }
        if let Object::State { what: "prune", after, .. } = object {
            let before = Time::parse_rfc3339(after["before"].as_str().unwrap()).unwrap();
            let pruned = mfactl::store::prune(&mut transaction, before)?;
            assert_eq!((pruned.records, pruned.evidence), (5, 1));
            (action, at) = ("audit.prune", now().plus(Span::days(1)));
        }
        if let Object::Secrets { login, .. } = object {
            let secrets = sealed(login.as_str());
            transaction.keep_secrets(login, &secrets);
            if restores {
                store.ready_signin(&transaction, now())?;
                continue;
            }
            // Durable before the commit: an enrolment in use has its line.
            let id = secrets.current.unwrap().id;
            let state = SigninState::confirmed(id, Some(1), Current { unlock: 0, set: None });
            store.signin_shard(&user(login.as_str()).id)?.put(&state)?;
        }
    }
    let done = transaction.commit(Meta { at, ..meta(action) })?;
    assert!(done.is_some(), "every step changes something");
    Ok(())
}

fn clean(script: &Script) -> Clean {
    let disk = SimDisk::new();
    let options = options_of(script, "boot-1");
    let store = Store::create_with_disk(Arc::new(disk.clone()), options, &founding()).unwrap();
    for step in script.setup {
        try_commit(&store, *step).unwrap();
    }
    let start = disk.copy();
    let mut states = vec![seen(&store).unwrap()];
    for step in script.steps {
        try_commit(&store, *step).unwrap();
        states.push(seen(&store).unwrap());
    }
    let count = |fault| {
        let counted = start.copy();
        counted.arm(usize::MAX, fault);
        assert!(run(Arc::new(counted.clone()), script).1.is_none());
        counted.steps()
    };
    let reads = count(Fault::Error { errno: 5, more: 0 });
    Clean { steps: count(Fault::Kill), start, states, reads }
}

/// What must hold after a fault: what a reader sees is allowed, the next writer
/// can go on, the chain verifies, and what it wrote survives another power loss.
fn settled(
    disk: &SimDisk,
    boot: &str,
    script: &Script,
    allowed: &[Seen],
) -> std::result::Result<(), String> {
    let store = Store::with_disk(Arc::new(disk.clone()), options_of(script, boot))
        .map_err(|e| format!("cannot be opened: {e}"))?;
    let before = seen(&store).map_err(|e| format!("cannot be read: {e}"))?;
    if !allowed.contains(&before) {
        return Err(format!("revision {} is not what it should be", before.0));
    }
    let verified = store.verify(None).map_err(|e| format!("cannot be verified: {e}"))?;
    if !verified.ok() {
        return Err(format!("does not verify: {verified:?}"));
    }
    let next = commit(&store, "org.add", |_| vec![new_org("later")]);
    let next = next.map_err(|e| format!("the next change fails: {e}"))?.unwrap();
    if next.rev != before.0 + 1 || !next.warnings.is_empty() {
        return Err(format!("the next change is odd: {next:?}"));
    }
    let mut after = before;
    after.0 += 1;
    after.1.orgs.insert(org_id("later"), org("later"));
    let (verified, problems) = store.check().map_err(|e| format!("cannot be checked: {e}"))?;
    if !verified.ok() || !problems.is_empty() {
        return Err(format!("does not verify then: {verified:?} {problems:?}"));
    }
    let pruned = if verified.pruned_before.is_some() { script.pruned } else { 0 };
    if verified.pruned != pruned {
        return Err(format!("{} records have no details, not {pruned}", verified.pruned));
    }
    let letter = format!("evidence/{}", sha256(LETTER));
    if pruned > 0 && disk.open(&letter).map_err(|e| e.to_string())?.is_some() {
        return Err("the letter is still there".to_owned());
    }
    for loss in [Loss::All, Loss::Some(9)] {
        let disk = disk.power_loss(loss);
        let store = Store::with_disk(Arc::new(disk), options_of(script, "boot-9"))
            .map_err(|e| e.to_string())?;
        let now = seen(&store).map_err(|e| format!("cannot be read after {loss:?}: {e}"))?;
        if now != after {
            return Err(format!("the next change is lost in {loss:?}"));
        }
    }
    Ok(())
}

fn tell(disk: &SimDisk, fault: &str, step: usize, why: &str) -> ! {
    let trace = disk.trace();
    let from = trace.len().saturating_sub(12);
    let why: String = why.chars().take(1_000).collect();
    panic!("{fault} at step {step}: {why}\nlast steps:\n  {}", trace[from..].join("\n  "));
}

fn kills_and_power_losses(script: &Script) {
    let clean = clean(script);
    for step in 0..=clean.steps {
        let disk = clean.start.copy();
        disk.arm(step, Fault::Kill);
        let (done, _) = run(Arc::new(disk.clone()), script);
        let last = (done + 1).min(script.steps.len());
        let allowed = &clean.states[done..=last];
        for (number, loss) in LOSSES.iter().enumerate() {
            if (step + number) % script.stride != 0 {
                continue;
            }
            let lost = disk.power_loss(*loss);
            if let Err(why) = settled(&lost, "boot-2", script, allowed) {
                tell(&disk, &format!("power loss ({loss:?})"), step, &why);
            }
        }
        disk.restart();
        if step % script.stride == 0
            && let Err(why) = settled(&disk, "boot-1", script, allowed)
        {
            tell(&disk, "kill", step, &why);
        }
    }
}

fn errors(script: &Script) {
    let clean = clean(script);
    let mut kinds = BTreeSet::new();
    // Each step fails with some of the errors, each error comes to some of the steps.
    let stride = if script.steps.len() > 2 { script.stride * 2 } else { script.stride };
    for (number, (errno, more)) in ERRORS.into_iter().enumerate() {
        for step in (number % stride..clean.reads).step_by(stride) {
            let disk = clean.start.copy();
            disk.arm(step, Fault::Error { errno, more });
            let (done, error) = run(Arc::new(disk.clone()), script);
            let fault = format!("error {errno} (and {more} more)");
            let last = (done + 1).min(script.steps.len());
            let allowed = match &error {
                None => &clean.states[done..=done],
                Some(e) => {
                    kinds.insert(e.kind.exit_code());
                    match e.kind {
                        Kind::Unknown if more > 0 => &clean.states[done..=last],
                        Kind::System => &clean.states[done..=done],
                        kind => tell(&disk, &fault, step, &format!("{kind:?}: {e}")),
                    }
                }
            };
            let loss = [Loss::All, Loss::Some(5), Loss::Some(6)][step % 3];
            if let Err(why) = settled(&disk.power_loss(loss), "boot-2", script, allowed) {
                tell(&disk, &format!("{fault}, then {loss:?}"), step, &why);
            }
            let alone = disk.power_loss(loss);
            disk.restart();
            // The disk alone lost power: the machine went on, and the note says nothing.
            alone.set_note(&disk.note().unwrap()).unwrap();
            if step % 4 == number % 4
                && let Err(why) = settled(&alone, "boot-1", script, allowed)
            {
                tell(&disk, &format!("{fault}, then {loss:?} of the disk alone"), step, &why);
            }
            if let Err(why) = settled(&disk, "boot-1", script, allowed) {
                tell(&disk, &fault, step, &why);
            }
        }
    }
    assert!(kinds.contains(&8), "{kinds:?}");
    assert!(kinds.contains(&9) || script.stride > 1, "{kinds:?}");
}

macro_rules! replay {
    ($($script:ident: $kills:ident, $errors:ident;)*) => {$(
        #[test]
        fn $kills() {
            kills_and_power_losses(&$script);
        }

        #[test]
        fn $errors() {
            errors(&$script);
        }
    )*};
}

replay! {
    SINGLE: single_kills, single_errors;
    SEVERAL: several_kills, several_errors;
    GROWTH: growth_kills, growth_errors;
    DETAILS: details_kills, details_errors;
    LARGE: large_kills, large_errors;
    SEGMENTS: segments_kills, segments_errors;
    PRUNE: prune_kills, prune_errors;
    RESTORE: restore_kills, restore_errors;
}

/// A disk of its own, a cable, a hypervisor: the disk loses what was not synced, the machine
/// goes on with the same boot id, and the note that nobody synced happens to be there.
#[test]
fn a_disk_that_alone_lost_power_does_not_bring_back_what_was_removed() {
    for script in [&SINGLE, &SEVERAL, &GROWTH, &DETAILS, &LARGE, &SEGMENTS, &PRUNE, &RESTORE] {
        let clean = clean(script);
        for count in 1..=script.steps.len() {
            let script = Script { steps: &script.steps[..count], ..*script };
            let disk = clean.start.copy();
            assert!(run(Arc::new(disk.clone()), &script).1.is_none());
            for loss in LOSSES {
                let lost = disk.power_loss(loss);
                lost.set_note(&disk.note().unwrap()).unwrap();
                let allowed = &clean.states[count..=count];
                if let Err(why) = settled(&lost, "boot-1", &script, allowed) {
                    tell(&disk, &format!("{loss:?} of the disk alone"), count, &why);
                }
            }
        }
    }
}

/// Finishing under faults: what a killed writer committed, and did not rename, stays committed
/// whatever cannot be read, listed, renamed or unlinked meanwhile.
#[test]
fn an_error_while_finishing_is_not_an_answer_about_the_change() {
    for script in [&SINGLE, &SEVERAL, &PRUNE] {
        let clean = clean(script);
        for killed in 0..clean.steps {
            let start = clean.start.copy();
            start.arm(killed, Fault::Kill);
            let (done, _) = run(Arc::new(start.clone()), script);
            start.restart();
            let store =
                Store::with_disk(Arc::new(start.clone()), options_of(script, "boot-1")).unwrap();
            let is = seen(&store).unwrap();
            // Before its record a commit leaves nothing that finishing could lose.
            if is != clean.states[(done + 1).min(script.steps.len())] {
                continue;
            }
            for (boot, more) in [("boot-1", 0), ("boot-2", 0), ("boot-2", usize::MAX)] {
                let begin = |disk: &SimDisk| -> Result<()> {
                    let options = options_of(script, boot);
                    Store::with_disk(Arc::new(disk.clone()), options)?.begin().map(drop)
                };
                let counted = start.copy();
                counted.arm(usize::MAX, Fault::Error { errno: 5, more: 0 });
                begin(&counted).unwrap();
                for step in (killed % 2..counted.steps()).step_by(2) {
                    let disk = start.copy();
                    disk.arm(step, Fault::Error { errno: 5, more });
                    let what = format!("killed at {killed}, error (and {more} more)");
                    if let Err(e) = begin(&disk)
                        && e.kind != Kind::System
                    {
                        tell(&disk, &what, step, &format!("{:?}: {e}", e.kind));
                    }
                    disk.restart();
                    if let Err(why) = settled(&disk, boot, script, std::slice::from_ref(&is)) {
                        tell(&disk, &what, step, &why);
                    }
                }
            }
        }
    }
}

/// A repair: the file is what it was after it, or is still damaged and can be
/// repaired again.
#[test]
fn a_repair_is_whole_or_not_there() {
    let clean = clean(&SEVERAL);
    let good = &clean.states[0];
    for damaged in ["users/all.yaml", "orgs/globex.yaml", "index/all.yaml", "operators.yaml"] {
        let start = clean.start.copy();
        start.overwrite(damaged, b"# mfactl 1\n");
        let repair = |disk: &SimDisk, boot: &str| -> Result<()> {
            let store = Store::with_disk(Arc::new(disk.clone()), options_of(&SEVERAL, boot))?;
            let mut transaction = store.begin_repair()?;
            transaction.rebuild()?;
            transaction.commit(meta("state.repair")).map(drop)
        };
        let counted = start.copy();
        counted.arm(usize::MAX, Fault::Kill);
        repair(&counted, "boot-1").unwrap();
        let settled = |disk: &SimDisk, boot: &str, done: Option<bool>, what: &str| {
            let options = options_of(&SEVERAL, boot);
            let store = Store::with_disk(Arc::new(disk.clone()), options).unwrap();
            let verified = store.verify(None).unwrap();
            assert!(verified.first_bad.is_none(), "{what}: {verified:?}");
            assert!(done.is_none_or(|done| done == verified.ok()), "{what}: {verified:?}");
            if !verified.ok() {
                assert_eq!(verified.files_bad[0].path, damaged, "{what}");
                repair(disk, boot).unwrap();
            }
            assert!(store.verify(None).unwrap().ok(), "{what}");
            assert_eq!(seen(&store).unwrap(), (good.0 + 1, good.1.clone()));
            commit(&store, "org.add", |_| vec![new_org("later")]).unwrap();
            assert!(store.verify(None).unwrap().ok(), "{what}");
        };
        for step in 0..=counted.steps() {
            let disk = start.copy();
            disk.arm(step, Fault::Kill);
            let done = repair(&disk, "boot-1").is_ok().then_some(true);
            for loss in LOSSES {
                let what = format!("{damaged}, killed at {step}, {loss:?}");
                settled(&disk.power_loss(loss), "boot-2", done, &what);
            }
            for (errno, more) in ERRORS {
                let disk = start.copy();
                disk.arm(step, Fault::Error { errno, more });
                let what = format!("{damaged}, error {errno} (and {more} more) at {step}");
                let done = match repair(&disk, "boot-1") {
                    Ok(()) => Some(true),
                    Err(e) if e.kind == Kind::Unknown => None,
                    Err(e) if e.kind == Kind::System => Some(false),
                    Err(e) => panic!("{what}: {e}"),
                };
                settled(&disk.power_loss(Loss::Some(step as u64)), "boot-2", done, &what);
                disk.restart();
                settled(&disk, "boot-1", done, &what);
            }
        }
    }
}

/// A founding in place: there is a state or there is none, and where there is
/// none it can be founded again.
#[test]
fn a_founding_is_whole_or_not_there() {
    let counted = SimDisk::new();
    counted.arm(usize::MAX, Fault::Kill);
    let found = |disk: &SimDisk, boot: &str| {
        let mut options = options();
        options.boot_id = support::name(boot);
        Store::create_with_disk(Arc::new(disk.clone()), options, &founding())
    };
    let store = found(&counted, "boot-1").unwrap();
    let (steps, state) = (counted.steps(), seen(&store).unwrap());
    let settled = |disk: &SimDisk, boot: &str, done: Option<bool>| {
        let mut options = options();
        options.boot_id = support::name(boot);
        let store = match Store::with_disk(Arc::new(disk.clone()), options).and_then(|store| {
            store.view()?;
            Ok(store)
        }) {
            Ok(store) => {
                assert_ne!(done, Some(false), "a founding that failed is there");
                store
            }
            Err(e) => {
                assert_eq!(e.code, "no-state", "{e}");
                assert_ne!(done, Some(true), "a founding is lost");
                found(disk, boot).unwrap()
            }
        };
        assert_eq!(seen(&store).unwrap(), state);
        commit(&store, "org.add", |_| vec![new_org("later")]).unwrap();
        assert!(store.verify(None).unwrap().ok());
    };
    for step in 0..=steps {
        let disk = SimDisk::new();
        disk.arm(step, Fault::Kill);
        let done = found(&disk, "boot-1").is_ok().then_some(true);
        for loss in LOSSES {
            settled(&disk.power_loss(loss), "boot-2", done);
        }
        disk.restart();
        settled(&disk, "boot-1", done);
        for more in [0, 1, usize::MAX] {
            let disk = SimDisk::new();
            disk.arm(step, Fault::Error { errno: 28, more });
            let done = match found(&disk, "boot-1") {
                Ok(_) => Some(true),
                Err(e) if e.kind == Kind::Unknown => None,
                Err(_) => Some(false),
            };
            settled(&disk.power_loss(Loss::Some(step as u64)), "boot-2", done);
            disk.restart();
            settled(&disk, "boot-1", done);
        }
    }
}

/// Whether the replay finds something wrong where one kind of sync is left out.
fn is_caught(script: &Script, skip: Skip) -> bool {
    let clean = clean(script);
    // Only after whole runs: there it is certain that something must survive.
    (1..=script.steps.len()).any(|count| {
        let script = Script { steps: &script.steps[..count], ..*script };
        let disk = clean.start.copy();
        let leaky = Leaky::new(disk.clone(), skip);
        assert!(run(Arc::new(leaky), &script).1.is_none());
        let allowed = &clean.states[count..=count];
        LOSSES
            .iter()
            .any(|loss| settled(&disk.power_loss(*loss), "boot-2", &script, allowed).is_err())
    })
}

#[test]
fn a_sync_left_out_is_caught() {
    for (script, skip) in [
        (&SINGLE, Skip::Shadow),
        (&SINGLE, Skip::OwnDirs),
        (&SEVERAL, Skip::PreviousDirs),
        (&LARGE, Skip::Details),
        (&SINGLE, Skip::Log),
        (&SEGMENTS, Skip::OwnDirs),
        (&GROWTH, Skip::All),
    ] {
        assert!(is_caught(script, skip), "without the sync of {skip:?} nothing is found");
    }
}
