use proptest::prelude::*;

use super::*;

const START: i64 = 1_800_000_000;

fn at(seconds: i64) -> Time {
    Time::from_unix(START + seconds)
}

fn set(byte: u8) -> SetId {
    SetId::from_bytes([byte; 8])
}

const NOW: Current<'static> = Current { unlock: 0, set: None };

fn fresh() -> SigninState {
    SigninState::confirmed(EnrolmentId::from_bytes([1; 8]), Some(1000), NOW)
}

#[track_caller]
fn wrong(state: &SigninState, now: Time) -> SigninState {
    match state.settle(NOW, &CodeMatch::Wrong, now) {
        Settled::Wrong(state) => state,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn right(state: &SigninState, current: Current<'_>, found: &CodeMatch) -> SigninState {
    match state.settle(current, found, at(0)) {
        Settled::Right(state) => state,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn is_used(state: &SigninState, current: Current<'_>, found: &CodeMatch) {
    assert_eq!(state.settle(current, found, at(0)), Settled::Used);
}

#[test]
fn locks_begin_at_the_fifth_failure_and_double_to_an_hour() {
    let mut state = fresh();
    let mut now = at(0);
    let lengths: [i64; 14] = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600];
    for (index, length) in lengths.into_iter().enumerate() {
        state = wrong(&state, now);
        assert_eq!(state.failures as usize, index + 1);
        let end = now.plus(Span::seconds(length));
        let expected = (length > 0).then_some(end);
        assert_eq!(state.locked_until(NOW, now), expected, "after failure {}", index + 1);
        assert_eq!(state.locked_until(NOW, end), None);
        now = end;
    }
}

#[test]
fn at_a_hundred_only_an_unlock_helps() {
    let mut state = fresh();
    let mut now = at(0);
    for _ in 0..100 {
        now = state.locked_until(NOW, now).unwrap_or(now);
        state = wrong(&state, now);
    }
    let latest = Time::from_unix(Time::MAX.unix() - 1);
    assert_eq!(state.locked_until(NOW, latest), Some(Time::MAX));
    assert_eq!(state.settle(NOW, &CodeMatch::Step(1001), latest), Settled::Locked(Time::MAX));
    assert_eq!(state.settle(NOW, &CodeMatch::Step(1001), Time::MAX), Settled::Locked(Time::MAX));
    let unlocked = Current { unlock: 1, set: None };
    assert_eq!(state.locked_until(unlocked, now), None);
    let Settled::Wrong(state) = state.settle(unlocked, &CodeMatch::Wrong, now) else { panic!() };
    assert_eq!((state.failures, state.unlock, state.last_step), (1, 1, Some(1000)));
}

#[test]
fn the_hundredth_attempt_still_gets_in_where_it_is_right() {
    let state = SigninState { failures: 99, ..fresh() };
    let state = right(&state, NOW, &CodeMatch::Step(1001));
    assert_eq!((state.failures, state.locked_until(NOW, at(0))), (0, None));
}

#[test]
fn a_used_code_changes_nothing_and_ends_no_lock() {
    let state = SigninState { failures: 4, ..fresh() };
    is_used(&state, NOW, &CodeMatch::Step(1000));
    let locked = wrong(&state, at(0));
    assert_eq!(locked.settle(NOW, &CodeMatch::Step(1000), at(0)), Settled::Locked(at(30)));
    assert_eq!(locked.settle(NOW, &CodeMatch::Step(1001), at(0)), Settled::Locked(at(30)));
}

#[test]
fn of_two_that_bring_the_same_code_exactly_one_gets_in() {
    for found in [CodeMatch::Step(1001), CodeMatch::Recovery(set(1), 3)] {
        let current = Current { unlock: 0, set: Some(&set(1)) };
        let after = right(&fresh(), current, &found);
        is_used(&after, current, &found);
    }
}

#[test]
fn marks_of_another_set_do_not_count() {
    let (first, second) = (set(1), set(2));
    let old = Current { unlock: 0, set: Some(&first) };
    let state = right(&fresh(), old, &CodeMatch::Recovery(set(1), 3));
    assert!(state.used.has(3));
    is_used(&state, old, &CodeMatch::Recovery(set(1), 3));
    let new = Current { unlock: 0, set: Some(&second) };
    assert!(!state.seen_from(new).used.has(3));
    // New codes were issued while an old one was compared: it does not count any more.
    let old_code = state.settle(new, &CodeMatch::Recovery(set(1), 4), at(0));
    assert!(matches!(old_code, Settled::Wrong(_)), "{old_code:?}");
    right(&state, new, &CodeMatch::Recovery(set(2), 3));
}

#[test]
fn a_restored_line_has_no_recovery_code_left() {
    let id = set(1);
    let current = Current { unlock: 2, set: Some(&id) };
    let state = SigninState::restored(EnrolmentId::from_bytes([1; 8]), 7, current);
    is_used(&state, current, &CodeMatch::Recovery(set(1), 0));
    is_used(&state, current, &CodeMatch::Step(7));
    right(&state, current, &CodeMatch::Step(8));
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
    assert_eq!(back.locked_until(NOW, at(0)), Some(at(3_600)), "no longer than the longest");
    assert_eq!(back.brought_back(1_000, at(0)), None, "once is enough");
    assert_eq!(fresh().brought_back(1_000, at(0)), None);
    let back = SigninState { failures: 0, locked_until: None, ..back };
    is_used(&back, NOW, &CodeMatch::Step(1_000));
    let state = right(&back, NOW, &CodeMatch::Step(1_001));
    is_used(&state, NOW, &CodeMatch::Step(5_000));
    let line = serde_json::to_string(&state).unwrap();
    assert!(line.contains(r#""used_ahead":[5000]"#), "{line}");
    assert_eq!(serde_json::from_str::<SigninState>(&line).unwrap(), state);
    // Wrong once more, by more: both steps stay used until their time is past.
    let farther = right(&state, NOW, &CodeMatch::Step(9_000));
    let again = farther.brought_back(1_002, at(60)).unwrap();
    for used in [5_000, 9_000] {
        is_used(&again, NOW, &CodeMatch::Step(used));
    }
    let farther = right(&again, NOW, &CodeMatch::Step(20_000));
    let past = farther.brought_back(6_000, at(60)).unwrap();
    assert_eq!(serde_json::to_value(&past.used_ahead).unwrap(), serde_json::json!([9_000, 20_000]));
}

#[test]
fn of_several_sign_ins_while_the_clock_was_ahead_only_the_last_stayed_used() {
    let mut state = SigninState { last_step: Some(1_000), ..fresh() };
    let ahead: Vec<u64> = (0..10).map(|n| 1_000_000 + n * 700).collect();
    for step in &ahead {
        state = right(&state, NOW, &CodeMatch::Step(*step));
    }
    let mut back = state.brought_back(1_001, at(0)).unwrap();
    assert_eq!(back.brought_back(1_001, at(0)), None, "once is enough");
    back = right(&back, NOW, &CodeMatch::Step(1_002));
    // The days come: what was used is not used again, what was not is.
    for step in &ahead {
        is_used(&back, NOW, &CodeMatch::Step(*step));
        back = right(&back, NOW, &CodeMatch::Step(*step + 1));
    }
    // Of more sign-ins than are remembered one by one, none is accepted twice either.
    let mut state = fresh();
    let many: Vec<u64> = (0..500).map(|n| 2_000_000 + n * 120).collect();
    for step in &many {
        state = right(&state, NOW, &CodeMatch::Step(*step));
    }
    assert!(serde_json::to_string(&state).unwrap().len() < 600);
    let back = state.brought_back(1_001, at(0)).unwrap();
    for step in &many {
        is_used(&back, NOW, &CodeMatch::Step(*step));
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

/// Something that happens to a state, a while after what came before.
#[derive(Debug, Clone)]
enum Event {
    /// A step that is so far from the last one accepted.
    Code(i64),
    Recovery(u8),
    Wrong,
    Unlock,
    Clock(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (-2_i64..3).prop_map(Event::Code),
        1 => (0_u8..12).prop_map(Event::Recovery),
        12 => Just(Event::Wrong),
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
            let found = match event {
                Event::Clock(seconds) => { clock += seconds; continue }
                Event::Unlock => { unlock += 1; in_a_row = 0; continue }
                Event::Code(off) => CodeMatch::Step(state.last_step.unwrap_or(1).saturating_add_signed(off)),
                Event::Recovery(place) => CodeMatch::Recovery(set(1), place),
                Event::Wrong => CodeMatch::Wrong,
            };
            let locked = state.locked_until(current, now);
            let settled = state.settle(current, &found, now);
            prop_assert_eq!(locked.is_some(), matches!(settled, Settled::Locked(_)));
            let next = match settled {
                Settled::Locked(until) => {
                    prop_assert_eq!(Some(until), locked);
                    // A lock never ends by setting the clock back.
                    prop_assert!(state.locked_until(current, at(clock - 1_000_000)).is_some());
                    continue;
                }
                Settled::Used => {
                    let again = match found {
                        CodeMatch::Step(step) => state.last_step.is_some_and(|last| step <= last),
                        CodeMatch::Recovery(_, place) => place >= 10 || accepted.contains(&(1, u64::from(place))),
                        CodeMatch::Wrong => false,
                    };
                    prop_assert!(again, "what is new is not used");
                    continue;
                }
                Settled::Right(next) => {
                    in_a_row = 0;
                    let key = match found {
                        CodeMatch::Step(step) => (0, step),
                        CodeMatch::Recovery(_, place) => (1, u64::from(place)),
                        CodeMatch::Wrong => unreachable!("only right codes are right"),
                    };
                    prop_assert!(accepted.insert(key), "nothing is accepted twice");
                    prop_assert!(next.locked_until(current, now).is_none());
                    next
                }
                Settled::Wrong(next) => {
                    in_a_row += 1;
                    prop_assert_eq!(next.locked_until(current, now).is_some(), in_a_row >= FIRST_LOCK_AT);
                    next
                }
            };
            prop_assert!(in_a_row <= LIMIT);
            prop_assert_eq!(next.failures, in_a_row);
            prop_assert!(next.last_step >= state.last_step, "the last step never goes back");
            let line = serde_json::to_string(&next).unwrap();
            prop_assert_eq!(serde_json::from_str::<SigninState>(&line).unwrap(), next.clone());
            state = next;
        }
    }

    /// However fast somebody guesses.
    #[test]
    fn guesses_do_not_outrun_the_limit(seconds in 0_i64..200_000, gap in 1_i64..100) {
        let mut state = fresh();
        let (mut tried, mut clock) = (0_u32, 0_i64);
        while clock <= seconds && tried < 300 {
            match state.settle(NOW, &CodeMatch::Wrong, at(clock)) {
                Settled::Wrong(next) => { state = next; tried += 1; }
                Settled::Locked(Time::MAX) => break,
                Settled::Locked(end) => clock = (end.unix() - START).max(clock + gap),
                other => panic!("{other:?}"),
            }
        }
        // Five at once, then seven while the locks grow to an hour, then one an hour.
        let bound = 5 + 8 + u32::try_from(seconds / 3_600).unwrap();
        prop_assert!(tried <= bound.min(LIMIT), "{} in {} s", tried, seconds);
    }

    #[test]
    fn any_failures_and_times_are_settled(failures in any::<u32>(), until in any::<Option<i64>>(), now in any::<i64>()) {
        let state = SigninState { failures, locked_until: until.map(Time::from_unix), ..fresh() };
        let _ = state.settle(NOW, &CodeMatch::Wrong, Time::from_unix(now));
    }

    #[test]
    fn any_line_is_read_or_refused(line in "(\\{\"enrolment\":\"e_[a-z2-7]{13}\")?(,\"(last_step|failures|locked_until|unlock|set|used)\":(-?[0-9]{0,25}|\\[[0-9,]{0,9}\\]|\".{0,20}\"|null)){0,4}.{0,3}") {
        if let Ok(state) = serde_json::from_str::<SigninState>(&line) {
            let _ = state.settle(NOW, &CodeMatch::Wrong, at(0));
        }
    }
}
