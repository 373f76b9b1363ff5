//! Random changes: the law of differences, and what was true at every revision.
#![allow(clippy::unwrap_used)]

use crate::support;

use std::sync::Arc;

use mfactl::domain::due::DueKey;
use mfactl::domain::ids::{Email, Text};
use mfactl::domain::model::{Exception, OptOut, Role, User};
use mfactl::domain::outcome::{Object, difference, patch};
use mfactl::domain::scope::Key;
use mfactl::domain::time::{Span, Time};
use mfactl::store::{At, Meta, Store, View};
use proptest::prelude::*;
use serde_json::{Map, Value};
use support::sim_disk::SimDisk;
use support::*;

/// JSON without null, as the state's is.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        prop::collection::vec(0..3, 0..3).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::btree_map("[abc]", inner, 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>()))
    })
}

proptest! {
    #[test]
    fn a_difference_leads_there_and_back(before in json(), after in json()) {
        let (was, is) = difference(&before, &after);
        let mut there = before.clone();
        patch(&mut there, &is);
        prop_assert_eq!(&there, &after);
        let mut back = after;
        patch(&mut back, &was);
        prop_assert_eq!(&back, &before);
    }
}

#[derive(Debug, Clone)]
enum Act {
    Add(u8),
    Remove(u8),
    Rename(u8, u8),
    Name(u8, u8),
    Mail(u8, u8),
    Exception(u8, u8),
    OptOut(u8, bool),
    Role(u8),
    Expire(u8),
    Org(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let user = 0..6_u8;
    prop_oneof![
        3 => user.clone().prop_map(Act::Add),
        1 => user.clone().prop_map(Act::Remove),
        1 => (user.clone(), user.clone()).prop_map(|(a, b)| Act::Rename(a, b)),
        1 => (user.clone(), 0..4_u8).prop_map(|(a, b)| Act::Name(a, b)),
        1 => (user.clone(), 0..4_u8).prop_map(|(a, b)| Act::Mail(a, b)),
        2 => (user.clone(), 1..5_u8).prop_map(|(a, b)| Act::Exception(a, b)),
        1 => (user.clone(), any::<bool>()).prop_map(|(a, b)| Act::OptOut(a, b)),
        1 => user.prop_map(Act::Role),
        2 => (0..8_u8).prop_map(Act::Expire),
        1 => (0..3_u8).prop_map(Act::Org),
    ]
}

fn edited(view: &View, number: u8, edit: impl FnOnce(&mut User)) -> Vec<Object> {
    let name = format!("user{number}");
    match view.user(&login(&name)).unwrap() {
        None => Vec::new(),
        Some(before) => {
            let mut after = before.clone();
            edit(&mut after);
            vec![Object::User {
                login: login(&name),
                before: Some(before.into()),
                after: Some(after.into()),
            }]
        }
    }
}

/// What an act changes; nothing where it does not apply.
fn objects(view: &View, act: &Act, at: Time) -> Vec<Object> {
    let acme = org_id("acme");
    match act {
        Act::Add(number) => {
            let name = format!("user{number}");
            let taken = view.user(&login(&name)).unwrap().is_some()
                || view.owner(&Key::Id(user(&name).id)).unwrap().is_some();
            if taken { Vec::new() } else { vec![new_user(&name)] }
        }
        Act::Remove(number) => {
            vec![user_object(view, &format!("user{number}"), |_| None)]
        }
        Act::Rename(from, to) => {
            let (from, to) = (login(&format!("user{from}")), login(&format!("user{to}")));
            match (view.user(&from).unwrap(), view.user(&to).unwrap()) {
                (Some(user), None) => vec![
                    Object::User { login: from, before: Some(user.clone().into()), after: None },
                    Object::User { login: to, before: None, after: Some(user.into()) },
                ],
                _ => Vec::new(),
            }
        }
        Act::Name(number, name) => edited(view, *number, |user| {
            user.name = (*name > 0).then(|| Text::parse(&format!("name {name}")).unwrap());
        }),
        Act::Mail(number, mail) => edited(view, *number, |user| {
            let free = Email::parse(&format!("{}-{mail}@x.example", user.id)).unwrap();
            user.email = (*mail > 0).then_some(free);
        }),
        Act::Exception(number, days) => edited(view, *number, |user| {
            let next = user.exceptions.len() as u32 + 1;
            let ends_at = Some(at.plus(Span::days(u32::from(*days))));
            user.exceptions.insert(next, Exception { ends_at, ..exception(1) });
        }),
        Act::OptOut(number, on) => edited(view, *number, |user| {
            user.memberships.get_mut(&acme).unwrap().opt_out =
                on.then(|| OptOut { until: Some(at.plus(Span::days(2))), ..opt_out(1) }.into());
        }),
        Act::Role(number) => edited(view, *number, |user| {
            user.memberships.get_mut(&acme).unwrap().role = Role::Admin;
        }),
        Act::Expire(pick) => {
            let mut entries = Vec::new();
            for page in view.due_pages().unwrap() {
                // Ends are recorded once they have come.
                let mut ended = view.due(&page).unwrap();
                ended.retain(|_, entry| entry.ends_at().is_some_and(|end| end <= at));
                for (entry, was) in ended {
                    let key = DueKey { page: page.clone(), entry };
                    entries.push(Object::Due { key, was: Box::new(was) });
                }
            }
            assert_eq!(view.ended(at).unwrap().len(), entries.len());
            entries.into_iter().skip(usize::from(*pick)).take(1).collect()
        }
        Act::Org(number) => {
            let id = org_id(&format!("org{number}"));
            let before = view.org(&id).unwrap();
            let after = if before.is_some() { None } else { Some(Box::new(org("some"))) };
            vec![Object::Org { id, before: before.map(Box::new), after }]
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_view_of_the_past_is_what_was(
        acts in prop::collection::vec(act(), 1..24),
    ) {
        let mut options = options();
        options.segment_bytes = 2_000;
        let store =
            Store::create_with_disk(Arc::new(SimDisk::new()), options, &founding()).unwrap();
        let mut states = vec![whole(&store.view().unwrap()).unwrap()];
        for (number, act) in acts.iter().enumerate() {
            let at = now().plus(Span::seconds(number as i64 * 43_200));
            let mut transaction = store.begin().unwrap();
            let objects = objects(transaction.view(), act, at);
            transaction.stage(None, &objects).unwrap();
            let committed = transaction.commit(Meta { at, ..meta("test") }).unwrap();
            if committed.is_some() {
                states.push(whole(&store.view().unwrap()).unwrap());
            }
        }
        prop_assert_eq!(store.view().unwrap().rev(), states.len() as u64);
        for (number, state) in states.iter().enumerate() {
            let view = store.view_at(At::Rev(number as u64 + 1)).unwrap();
            let (mut then, mut was) = (whole(&view).unwrap(), state.clone());
            // Whether an end that had come was recorded already cannot be told once its
            // user has changed since.
            for due in [&mut then.due, &mut was.due] {
                due.values_mut().for_each(|page| {
                    page.retain(|_, entry| entry.ends_at().is_none_or(|end| end > view.head().at));
                });
                due.retain(|_, page| !page.is_empty());
            }
            prop_assert_eq!(&then, &was, "at revision {}", number + 1);
            for (login, user) in &state.users {
                prop_assert_eq!(view.user(login).unwrap(), Some(user.clone()));
                for key in Key::of(user) {
                    prop_assert_eq!(view.owner(&key).unwrap(), Some(login.clone()));
                }
            }
        }
        let (verified, _) = store.check().unwrap();
        prop_assert!(verified.ok());
        let view = store.view().unwrap();
        let back: Vec<String> = view.records().map(|r| r.unwrap().hash).collect();
        let mut forth: Vec<String> = view.records_oldest_first().map(|r| r.unwrap().hash).collect();
        forth.reverse();
        prop_assert_eq!(back, forth);
        prop_assert!(store.view_at(At::Rev(0)).is_err());
        prop_assert!(store.view_at(At::Rev(states.len() as u64 + 1)).is_err());
    }
}
