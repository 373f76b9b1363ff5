//! What is out of sight is answered as what does not exist, word by word.

use super::*;
use crate::domain::time::Span;

/// What a refusal says, with the name that was typed taken out of it.
fn said(who: &str, change: &dyn Change, typed: &str) -> String {
    let mut world = world().with(|w| {
        for login in ["carol", "zoe"] {
            let term = requested(exception(day(9), day(11), &["globex"]), Span::SHORT);
            w.user_mut(login).exceptions.insert(1, term);
        }
        // She left globex; what she had there stays.
        w.user_mut("carol").memberships.remove("globex");
    });
    let refusal = world.run(who, day(NOW), change).unwrap_err();
    format!("{refusal:?}").replace(typed, "…")
}

#[track_caller]
fn same(who: &str, there: (&dyn Change, &str), nowhere: (&dyn Change, &str)) {
    let said_there = said(who, there.0, there.1);
    assert_eq!(said_there, said(who, nowhere.0, nowhere.1));
    assert!(said_there.contains("NotFound"), "{said_there}");
}

#[test]
fn an_exception_out_of_sight_does_not_exist() {
    for who in ["help", "pat", "adm"] {
        for (there, nowhere) in [("carol#1", "carol#7"), ("zoe#1", "zoe#7")] {
            same(who, (&revoke(there), there), (&revoke(nowhere), nowhere));
            same(who, (&approve(there), there), (&approve(nowhere), nowhere));
            same(who, (&reject(there), there), (&reject(nowhere), nowhere));
        }
    }
}

#[test]
fn an_org_out_of_sight_does_not_exist() {
    let edit = |id: &str| EditOrg { id: Some(n(id)), grace_days: Some(1), ..EditOrg::default() };
    for who in ["help", "pat", "adm"] {
        let pairs: [(Box<dyn Change>, Box<dyn Change>); 6] = [
            (Box::new(edit("globex")), Box::new(edit("nowhere"))),
            (Box::new(enforce("globex", Switch::Off)), Box::new(enforce("nowhere", Switch::Off))),
            (Box::new(RemoveOrg { id: n("globex") }), Box::new(RemoveOrg { id: n("nowhere") })),
            (Box::new(join("alice", "globex")), Box::new(join("alice", "nowhere"))),
            (Box::new(opt_out("carol", "globex")), Box::new(opt_out("carol", "nowhere"))),
            (Box::new(short("carol", &["globex"])), Box::new(short("carol", &["nowhere"]))),
        ];
        for (there, nowhere) in pairs {
            same(who, (&*there, "globex"), (&*nowhere, "nowhere"));
        }
    }
}

/// That somebody is a member elsewhere may be the reason of a refusal; where is not told.
#[test]
fn no_refusal_names_an_org_out_of_sight() {
    let mut world = world();
    world.user_mut("carol").exceptions.insert(1, exception(day(9), day(11), &["acme", "globex"]));
    let changes: [&dyn Change; 4] = [
        &Reset { login: n("carol") },
        &set_mfa("carol", Switch::On),
        &revoke("carol#1"),
        &SetActive { login: n("carol"), active: false },
    ];
    for change in changes {
        let refusal = world.run("adm", day(NOW), change).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::NotPermitted);
        assert!(!format!("{refusal:?}").contains("globex"), "{refusal:?}");
    }
}

#[test]
fn who_may_not_read_operators_learns_of_none() {
    let edit = |name: &str| EditOperator {
        name: Some(n(name)),
        add_roles: ns(&["auditor"]),
        ..EditOperator::default()
    };
    let said = |change: &dyn Change, typed| said("adm", change, typed);
    assert_eq!(said(&edit("aud"), "aud"), said(&edit("none"), "none"));
    let remove = |name: &str| RemoveOperator { name: n(name) };
    assert_eq!(said(&remove("aud"), "aud"), said(&remove("none"), "none"));
}
