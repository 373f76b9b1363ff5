use proptest::prelude::*;

use super::*;
use crate::secret::material::Secret;
use crate::secret::parameters::Parameters;
use crate::secret::recovery::RecoverySet;
use crate::secret::seal::tests::counting;
use crate::secret::totp::{Totp, Window};
use crate::secret::typed::Typed;

const START: i64 = 1_800_000_000;

fn at(seconds: i64) -> Time {
    Time::from_unix(START + seconds)
}

fn set(byte: u8) -> SetId {
    SetId::from_bytes([byte; 8])
}

fn fresh() -> SigninState {
    let current = Current { unlock: 0, set: None };
    SigninState::confirmed(EnrolmentId::from_bytes([1; 8]), 1000, current)
}

const NOW: Current<'static> = Current { unlock: 0, set: None };

fn wrong(state: &SigninState, now: Time) -> Result<SigninState, Lock> {
    state.count(NOW, now).map(|counted| counted.settle(NOW, &counted, &Answer::Wrong).0)
}

#[test]
fn locks_begin_at_the_fifth_failure_and_double_to_an_hour() {
    let mut state = fresh();
    let mut now = at(0);
    let lengths: [i64; 14] = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600];
    for (index, length) in lengths.into_iter().enumerate() {
        state = wrong(&state, now).unwrap();
        assert_eq!(state.failures as usize, index + 1);
        let end = now.plus(Span::seconds(length));
        let expected = (length > 0).then_some(Lock::Until(end));
        assert_eq!(state.lock(NOW, now), expected, "after failure {}", index + 1);
        assert_eq!(state.lock(NOW, end), None);
        now = end;
    }
}

#[test]
fn at_a_hundred_only_an_unlock_helps() {
    let mut state = fresh();
    let mut now = at(0);
    for _ in 0..100 {
        now = state.lock(NOW, now).and_then(Lock::until).unwrap_or(now);
        state = wrong(&state, now).unwrap();
    }
    assert_eq!(state.lock(NOW, Time::MAX), Some(Lock::UntilUnlock));
    assert_eq!(state.count(NOW, Time::MAX), Err(Lock::UntilUnlock));
    let unlocked = Current { unlock: 1, set: None };
    assert_eq!(state.lock(unlocked, now), None);
    let counted = state.count(unlocked, now).unwrap();
    assert_eq!((counted.failures, counted.unlock, counted.last_step), (1, 1, Some(1000)));
}

#[test]
fn the_hundredth_attempt_still_gets_in_where_it_is_right() {
    let state = SigninState { failures: 99, ..fresh() };
    let counted = state.count(NOW, at(0)).unwrap();
    assert_eq!(counted.lock(NOW, at(0)), Some(Lock::UntilUnlock));
    let (state, settled) = counted.settle(NOW, &counted, &Answer::Step(1001));
    assert_eq!((settled, state.failures, state.lock(NOW, at(0))), (Settled::Right, 0, None));
}

#[test]
fn a_used_code_does_not_count_and_a_killed_attempt_does() {
    let state = SigninState { failures: 4, ..fresh() };
    let counted = state.count(NOW, at(0)).unwrap();
    assert_eq!(counted.lock(NOW, at(0)), Some(Lock::Until(at(30))), "killed here");
    let (after, settled) = counted.settle(NOW, &counted, &Answer::Used);
    assert_eq!((after, settled), (state, Settled::Used));
}

#[test]
fn of_two_that_bring_the_same_code_exactly_one_gets_in() {
    for answer in [Answer::Step(1001), Answer::Recovery(set(1), 3)] {
        let current = Current { unlock: 0, set: Some(&set(1)) };
        let both = fresh().count(current, at(0)).unwrap().count(current, at(0)).unwrap();
        let (after, first) = both.settle(current, &both, &answer);
        let (after, second) = after.settle(current, &both, &answer);
        assert_eq!((first, second), (Settled::Right, Settled::Used));
        assert_eq!(after.failures, 0);
    }
}

#[test]
fn marks_of_another_set_count_for_nothing() {
    let (first, second) = (set(1), set(2));
    let old = Current { unlock: 0, set: Some(&first) };
    let (state, _) = fresh().settle(old, &fresh(), &Answer::Recovery(set(1), 3));
    assert!(state.used.has(3));
    assert_eq!(state.settle(old, &state, &Answer::Recovery(set(1), 3)).1, Settled::Used);
    let new = Current { unlock: 0, set: Some(&second) };
    assert!(!state.seen_from(new).used.has(3));
    // New codes were issued while an old one was looked at: it does not count any more.
    assert_eq!(state.settle(new, &state, &Answer::Recovery(set(1), 4)).1, Settled::Wrong);
    assert_eq!(state.settle(new, &state, &Answer::Recovery(set(2), 3)).1, Settled::Right);
}

#[test]
fn an_attempt_that_knows_of_no_new_codes_unmarks_none() {
    let (first, second) = (set(1), set(2));
    let (old, new) =
        (Current { unlock: 0, set: Some(&first) }, Current { unlock: 0, set: Some(&second) });
    let (state, _) = fresh().settle(new, &fresh(), &Answer::Recovery(set(2), 3));
    let counted = state.count(old, at(0)).unwrap();
    let (state, settled) = counted.settle(new, &counted, &Answer::Wrong);
    assert_eq!((settled, state.failures), (Settled::Wrong, 1));
    assert_eq!(state.settle(new, &state, &Answer::Recovery(set(2), 3)).1, Settled::Used);
}

#[test]
fn a_used_code_ends_no_lock_that_came_after_it() {
    let mine = SigninState { failures: 4, ..fresh() }.count(NOW, at(0)).unwrap();
    let others = mine.count(NOW, at(30)).unwrap();
    let (state, _) = others.settle(NOW, &mine, &Answer::Used);
    assert_eq!(state.lock(NOW, at(30)), Some(Lock::Until(at(90))));
}

#[test]
fn a_restored_line_has_no_recovery_code_left() {
    let id = set(1);
    let current = Current { unlock: 2, set: Some(&id) };
    let state = SigninState::restored(EnrolmentId::from_bytes([1; 8]), 7, current);
    assert_eq!(state.settle(current, &state, &Answer::Recovery(set(1), 0)).1, Settled::Used);
    assert_eq!(state.settle(current, &state, &Answer::Step(7)).1, Settled::Used);
    assert_eq!(state.settle(current, &state, &Answer::Step(8)).1, Settled::Right);
}

#[test]
fn what_a_clock_that_was_ahead_left_is_brought_back_and_stays_used() {
    let ahead = SigninState {
        last_step: Some(5_000),
        failures: 6,
        locked_until: Some(at(400 * 86_400)),
        ..fresh()
    };
    assert_eq!((ahead.ahead(1_000), ahead.ahead(4_998)), (Some(5_001), None));
    let back = ahead.brought_back(1_000, at(0)).unwrap();
    assert_eq!((back.last_step, back.failures), (Some(1_000), 6));
    assert_eq!(back.lock(NOW, at(0)), Some(Lock::Until(at(3_600))), "no longer than the longest");
    assert_eq!(back.brought_back(1_000, at(0)), None, "once is enough");
    assert_eq!(fresh().brought_back(1_000, at(0)), None);
    assert_eq!(back.settle(NOW, &back, &Answer::Step(1_000)).1, Settled::Used);
    let (state, settled) = back.settle(NOW, &back, &Answer::Step(1_001));
    assert_eq!(settled, Settled::Right);
    assert_eq!(state.settle(NOW, &state, &Answer::Step(5_000)).1, Settled::Used, "used ahead");
    let line = serde_json::to_string(&state).unwrap();
    assert!(line.contains(r#""used_ahead":[5000]"#), "{line}");
    assert_eq!(serde_json::from_str::<SigninState>(&line).unwrap(), state);
    // Wrong once more, by more: both steps stay used until their time is past.
    let (farther, _) = state.settle(NOW, &state, &Answer::Step(9_000));
    let again = farther.brought_back(1_002, at(60)).unwrap();
    for used in [5_000, 9_000] {
        assert_eq!(again.settle(NOW, &again, &Answer::Step(used)).1, Settled::Used, "{used}");
    }
    let (farther, _) = again.settle(NOW, &again, &Answer::Step(20_000));
    let past = farther.brought_back(6_000, at(60)).unwrap();
    assert_eq!(serde_json::to_value(&past.used_ahead).unwrap(), serde_json::json!([9_000, 20_000]));
}

#[test]
fn of_several_sign_ins_while_the_clock_was_ahead_only_the_last_stayed_used() {
    let mut state = SigninState { last_step: Some(1_000), ..fresh() };
    let ahead: Vec<u64> = (0..10).map(|n| 1_000_000 + n * 700).collect();
    for step in &ahead {
        state = state.settle(NOW, &state, &Answer::Step(*step)).0;
    }
    let mut back = state.brought_back(1_001, at(0)).unwrap();
    assert_eq!(back.brought_back(1_001, at(0)), None, "once is enough");
    back = back.settle(NOW, &back, &Answer::Step(1_002)).0;
    // The days come: what was used is not used again, what was not is.
    for step in &ahead {
        assert_eq!(back.settle(NOW, &back, &Answer::Step(*step)).1, Settled::Used, "{step}");
        let (next, settled) = back.settle(NOW, &back, &Answer::Step(*step + 1));
        assert_eq!(settled, Settled::Right, "{step}");
        back = next;
    }
    // Of more sign-ins than are remembered one by one, none is accepted twice either.
    let mut state = fresh();
    let many: Vec<u64> = (0..500).map(|n| 2_000_000 + n * 120).collect();
    for step in &many {
        state = state.settle(NOW, &state, &Answer::Step(*step)).0;
    }
    assert!(serde_json::to_string(&state).unwrap().len() < 600);
    let back = state.brought_back(1_001, at(0)).unwrap();
    for step in &many {
        assert_eq!(back.settle(NOW, &back, &Answer::Step(*step)).1, Settled::Used, "{step}");
    }
}

#[test]
fn the_line_form_is_short_and_strict() {
    let line = serde_json::to_string(&fresh()).unwrap();
    assert_eq!(line, r#"{"enrolment":"e_aeaqcaibaeaqc","last_step":1000}"#);
    for wrong in [
        r#"{"last_step":1}"#,
        r#"{"enrolment":"e_aeaqcaibaeaqc","failure":1}"#,
        r#"{"enrolment":"e_aeaqcaibaeaqc","failures":-1}"#,
        r#"{"enrolment":"e_aeaqcaibaeaqc","used":[10]}"#,
        r#"{"enrolment":"e_aeaqcaibaeaqc","locked_until":"soon"}"#,
    ] {
        assert!(serde_json::from_str::<SigninState>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn look_knows_codes_recovery_codes_and_neither() {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    let totp = Totp { secret, parameters: Parameters::default() };
    let (recovery, codes) = RecoverySet::generate(&mut counting());
    let kept = Kept { totp: &totp, recovery: Some(&recovery), window: Window::default() };
    let current = Current { unlock: 0, set: Some(&recovery.id) };
    let step = totp.step(at(0)).unwrap();
    let state = fresh();
    let ask = |text: &str, state: &SigninState| {
        look(&kept, &Typed::parse(text), state, current, at(0)).unwrap()
    };
    assert_eq!(ask(totp.code(step).reveal(), &state), Answer::Step(step));
    assert_eq!(ask(totp.code(step - 3).reveal(), &state), Answer::Wrong);
    assert_eq!(ask(codes[4].reveal().reveal(), &state), Answer::Recovery(recovery.id.clone(), 4));
    assert_eq!(ask("0000-0000-0000", &state), Answer::Wrong);
    assert_eq!(ask("", &state), Answer::Wrong);

    let (state, _) = state.settle(current, &state, &Answer::Step(step));
    let (state, _) = state.settle(current, &state, &Answer::Recovery(recovery.id.clone(), 4));
    assert_eq!(ask(totp.code(step).reveal(), &state), Answer::Used);
    assert_eq!(ask(codes[4].reveal().reveal(), &state), Answer::Used);
    let none = Kept { recovery: None, ..kept };
    let typed = Typed::parse(codes[5].reveal().reveal());
    assert_eq!(look(&none, &typed, &state, current, at(0)).unwrap(), Answer::Wrong);
}

/// Something that happens to a state, a while after what came before.
#[derive(Debug, Clone)]
enum Event {
    /// A step that is so far from the last one accepted.
    Code(i64),
    Recovery(u8),
    Used,
    Wrong,
    /// Killed between the count and the look.
    Killed,
    Unlock,
    Clock(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (-2_i64..3).prop_map(Event::Code),
        1 => (0_u8..12).prop_map(Event::Recovery),
        2 => Just(Event::Used),
        12 => Just(Event::Wrong),
        2 => Just(Event::Killed),
        1 => Just(Event::Unlock),
        8 => (-100_i64..4_000).prop_map(Event::Clock),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The laws, whatever happens in whatever order.
    #[test]
    fn laws_of_the_count(events in proptest::collection::vec(event(), 0..150)) {
        let id = set(1);
        let (mut state, mut clock, mut unlock) = (fresh(), 0_i64, 0_u32);
        let mut accepted = std::collections::BTreeSet::new();
        let mut in_a_row = 0_u32;
        for event in events {
            let current = Current { unlock, set: Some(&id) };
            let now = at(clock);
            let answer = match event {
                Event::Clock(seconds) => { clock += seconds; continue }
                Event::Unlock => { unlock += 1; in_a_row = 0; continue }
                Event::Code(off) => Some(Answer::Step(state.last_step.unwrap_or(1).saturating_add_signed(off))),
                Event::Recovery(place) => Some(Answer::Recovery(set(1), place)),
                Event::Used => Some(Answer::Used),
                Event::Wrong => Some(Answer::Wrong),
                Event::Killed => None,
            };
            let locked = state.lock(current, now);
            prop_assert_eq!(locked.is_some(), state.count(current, now).is_err());
            let Ok(counted) = state.count(current, now) else {
                // A lock never ends by setting the clock back.
                prop_assert!(state.lock(current, at(clock - 1_000_000)).is_some());
                continue;
            };
            prop_assert_eq!(counted.failures, in_a_row + 1);
            let Some(answer) = answer else {
                in_a_row += 1;
                state = counted;
                continue;
            };
            let (next, settled) = counted.settle(current, &counted, &answer);
            match settled {
                Settled::Right => {
                    in_a_row = 0;
                    let key = match answer {
                        Answer::Step(step) => (0, step),
                        Answer::Recovery(_, place) => (1, u64::from(place)),
                        _ => unreachable!("only right codes are right"),
                    };
                    prop_assert!(accepted.insert(key), "nothing is accepted twice");
                }
                Settled::Used => {}
                Settled::Wrong => in_a_row += 1,
            }
            prop_assert!(in_a_row <= LIMIT);
            prop_assert_eq!(next.failures, in_a_row);
            prop_assert!(next.last_step >= state.last_step, "the last step never goes back");
            prop_assert_eq!(next.lock(current, now).is_some(), in_a_row >= FIRST_LOCK_AT && settled == Settled::Wrong);
            let line = serde_json::to_string(&next).unwrap();
            prop_assert_eq!(serde_json::from_str::<SigninState>(&line).unwrap(), next.clone());
            state = next;
        }
    }

    /// However many guess at the same time, and in whatever order their answers come.
    #[test]
    fn parallel_guesses_do_not_outrun_the_limit(seconds in 0_i64..200_000, gap in 1_i64..100) {
        let mut state = fresh();
        let (mut tried, mut clock) = (0_u32, 0_i64);
        while clock <= seconds && tried < 300 {
            match state.count(NOW, at(clock)) {
                Ok(counted) => { state = counted; tried += 1; }
                Err(Lock::Until(end)) => clock = (end.unix() - START).max(clock + gap),
                Err(Lock::UntilUnlock) => break,
            }
        }
        // Five at once, then seven while the locks grow to an hour, then one an hour.
        let bound = 5 + 8 + u32::try_from(seconds / 3_600).unwrap();
        prop_assert!(tried <= bound.min(LIMIT), "{} in {} s", tried, seconds);
    }

    #[test]
    fn any_failures_and_times_are_settled(failures in any::<u32>(), until in any::<Option<i64>>(), now in any::<i64>()) {
        let state = SigninState { failures, locked_until: until.map(Time::from_unix), ..fresh() };
        if let Ok(counted) = state.count(NOW, Time::from_unix(now)) {
            let _ = counted.settle(NOW, &counted, &Answer::Wrong);
        }
    }

    #[test]
    fn any_line_is_read_or_refused(line in "(\\{\"enrolment\":\"e_[a-z2-7]{13}\")?(,\"(last_step|failures|locked_until|unlock|set|used)\":(-?[0-9]{0,25}|\\[[0-9,]{0,9}\\]|\".{0,20}\"|null)){0,4}.{0,3}") {
        if let Ok(state) = serde_json::from_str::<SigninState>(&line) {
            let _ = state.count(NOW, at(0));
        }
    }
}

#[test]
fn parallel_attempts_with_used_codes_lock_nobody() {
    let mut state = SigninState { used: UsedPlaces::all(), ..fresh() };
    let mut under_way = Vec::new();
    for _ in 0..12 {
        if let Ok(counted) = state.count(NOW, at(0)) {
            state = counted.clone();
            under_way.push(counted);
        }
    }
    assert_eq!((under_way.len(), state.lock(NOW, at(0)).is_some()), (5, true));
    for counted in under_way {
        state = state.settle(NOW, &counted, &Answer::Used).0;
    }
    assert_eq!((state.failures, state.locked_until), (0, None));
    // Of four that were wrong among them nothing is forgotten, and the next one locks.
    let mut state = fresh();
    let counted: Vec<SigninState> = (0..5)
        .map(|_| {
            state = state.count(NOW, at(0)).unwrap();
            state.clone()
        })
        .collect();
    for (number, counted) in counted.iter().enumerate() {
        let answer = if number == 0 { Answer::Used } else { Answer::Wrong };
        state = state.settle(NOW, counted, &answer).0;
    }
    assert_eq!(state.failures, 4);
    assert!(state.count(NOW, at(0)).unwrap().lock(NOW, at(0)).is_some());
}
