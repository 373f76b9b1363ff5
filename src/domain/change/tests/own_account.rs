//! Own account and two persons: OS users and linked accounts are compared, not names.

use super::*;
use crate::domain::outcome::Object;

fn entry(os_users: &[&str], roles: &[&str], person: Option<&str>) -> Operator {
    Operator { os_users: ns(os_users), ..operator(roles, person) }
}

/// `ann` and `bob` are site-admins; `ann2` has ann's OS user and another account, `both`
/// shares an OS user with `ann2` alone; `night` is a machine that `ann` and `bob` run.
fn shared() -> World {
    let site = |os_users: &[&str], person| entry(os_users, &["site-admin"], Some(person));
    world()
        .with(|w| w.operators = Operators::default())
        .operator("ann", site(&["ann"], "u-sue"))
        .operator("ann2", site(&["ann", "ann-adm"], "u-alice"))
        .operator("both", site(&["ann-adm"], "u-carol"))
        .operator("bob", site(&["bob"], "u-bob"))
        .operator(
            "night",
            Operator { service: true, ..entry(&["ann", "bob"], &["admin:acme"], None) },
        )
}

#[test]
fn one_os_user_is_one_person_and_so_is_a_chain_of_them() {
    let on = |login| set_mfa(login, Switch::On);
    for (who, own, others) in [
        ("ann", &["sue", "alice", "carol"][..], &["bob", "erin"][..]),
        ("ann2", &["sue", "alice", "carol"], &["bob", "erin"]),
        ("both", &["sue", "alice", "carol"], &["bob", "erin"]),
        ("bob", &["bob"], &["sue", "alice", "carol", "erin"]),
    ] {
        for login in own {
            assert_eq!(shared().tried(who, day(NOW), &on(login)), "own-account", "{who}: {login}");
        }
        for login in others {
            assert_eq!(shared().tried(who, day(NOW), &on(login)), "done", "{who}: {login}");
        }
    }
}

#[test]
fn nobody_makes_themselves_another_operator() {
    let add = |os_user: &str, person: &str| AddOperator {
        name: n("new"),
        os_users: ns(&[os_user]),
        person: Some(n(person)),
        service: false,
        roles: ns(&["helpdesk:acme"]),
    };
    let machine = AddOperator { person: None, service: true, ..add("ann", "erin") };
    let edit = |name: &str| EditOperator { name: Some(n(name)), ..EditOperator::default() };
    let os_user = |user: &str| EditOperator { add_os_users: ns(&[user]), ..edit("bob") };
    let linked = |login: &str| EditOperator { person: Some(n(login)), ..edit("bob") };
    let role = |name: &str| EditOperator { add_roles: ns(&["auditor"]), ..edit(name) };
    let rows: [(&str, &dyn Change, &str); 11] = [
        ("a second entry with a dummy account", &add("ann", "erin"), "own-account"),
        ("with an OS user of another own entry", &add("ann-adm", "erin"), "own-account"),
        ("with one's own account", &add("new", "sue"), "own-account"),
        ("a machine that is oneself", &machine, "own-account"),
        ("somebody else", &add("new", "erin"), "done"),
        ("one's own OS user for another's entry", &os_user("ann"), "own-account"),
        ("one's own account for another's entry", &linked("alice"), "own-account"),
        ("another's OS user", &os_user("bob2"), "done"),
        ("another own entry", &role("both"), "own-account"),
        ("a machine that one runs", &role("night"), "own-account"),
        ("another's entry", &role("bob"), "done"),
    ];
    for (name, change, expected) in rows {
        assert_eq!(shared().tried("ann", day(NOW), change), expected, "{name}");
    }
}

/// Whatever the verb: what was worked out elsewhere is asked like everything else.
#[test]
fn objects_of_a_restore_or_a_repair_are_asked_too() {
    let world = shared();
    let keep = |objects, own_account| Keep {
        action: "state.restore",
        summary: String::new(),
        objects,
        warnings: Vec::new(),
        own_account,
    };
    let with = |login: &str, change: fn(&mut User)| {
        let before = world.users[login].clone();
        let mut after = before.clone();
        change(&mut after);
        Object::user(&n(login), Some(&before), Some(after))
    };
    let opt_out: fn(&mut User) = |user| {
        user.memberships.get_mut("acme").unwrap().opt_out = Some(opted_out(None).into());
    };
    let gone = |name: &str| Object::Operator {
        name: n(name),
        before: world.operators.operators.get(name).cloned(),
        after: None,
    };
    let cases = [
        (vec![with("bob", opt_out)], "done"),
        (vec![with("bob", opt_out), with("sue", opt_out)], "own-account"),
        (vec![with("alice", opt_out)], "own-account"),
        (vec![gone("bob")], "done"),
        (vec![gone("ann")], "own-account"),
        (vec![gone("both")], "own-account"),
    ];
    for (objects, expected) in cases {
        let change = keep(objects.clone(), OwnAccount::Refused);
        assert_eq!(world.tried("ann", day(NOW), &change), expected, "{objects:?}");
        let change = keep(objects, OwnAccount::Unasked);
        assert_eq!(world.tried("ann", day(NOW), &change), "done");
    }
}

#[test]
fn an_export_records_itself_in_one_s_own_account_and_changes_nothing_else() {
    let export = HandOver { login: n("sue"), format: "otpauth" };
    assert_eq!(shared().tried("ann", day(NOW), &export), "done");
}

#[test]
fn two_persons_are_not_two_names() {
    let long = |login: &str| Grant { request_only: true, ..long(login, &["acme"]) };
    let asked = |world: World, who: &str| {
        world.with(|w| w.org_mut("acme").exceptions.approval = Approval::TwoPerson).done(
            who,
            day(NOW),
            &long("erin"),
        )
    };
    let by = |world: &World, who: &str| world.tried(who, day(NOW), &approve("erin#1"));
    let world = asked(shared(), "ann");
    for who in ["ann", "ann2", "both"] {
        assert_eq!(by(&world, who), "not-permitted", "{who}");
    }
    assert_eq!(by(&world, "bob"), "done");
    // The entry that asked may be gone, or another person's, by then.
    let renamed = world.with(|w| {
        let ann = w.operators.operators.remove("ann").unwrap();
        let other = Operator { person: Some(n("u-zoe")), ..ann };
        w.operators.operators.insert(n("anna"), other);
        w.operators.operators.remove("ann2");
    });
    assert_eq!(by(&renamed, "anna"), "not-permitted");
    assert_eq!(by(&renamed, "bob"), "done");
}
