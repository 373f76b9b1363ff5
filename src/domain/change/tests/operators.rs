//! Operators: the own entry, the last site-admin, persons.

use super::*;

fn new(name: &str, person: Option<&str>, roles: &[&str]) -> AddOperator {
    AddOperator {
        name: n(name),
        os_users: ns(&["os-new"]),
        person: person.map(n),
        service: person.is_none(),
        roles: ns(roles),
    }
}

fn edit(name: &str) -> EditOperator {
    EditOperator { name: Some(n(name)), ..EditOperator::default() }
}

fn remove(name: &str) -> RemoveOperator {
    RemoveOperator { name: n(name) }
}

/// Only operators that have a person, and machines.
const NAMED: Before = |w| {
    w.operators.operators.retain(|_, o| o.person.is_some() || o.service);
};
/// `sue` is the only site-admin that is a person.
const LAST: Before = |w| {
    NAMED(w);
    w.operators.operators.remove("sue2");
};

#[test]
fn adding() {
    const FIRST: Before = |w| {
        w.operators = Operators::default();
        w.operators.operators.insert(n("boss"), operator(&["site-admin"], None));
    };
    const FIRST_NAMED: Before = |w| {
        w.operators = Operators::default();
        w.operators.operators.insert(n("boss"), operator(&["site-admin"], Some("u-sue")));
    };
    let bob = || new("new", Some("bob"), &["helpdesk:acme"]);
    let both = AddOperator { service: true, ..bob() };
    let neither = AddOperator { service: false, ..new("new", None, &[]) };
    check(&[
        ("a person", NAMED, "sue", &bob(), "done"),
        ("a machine", NAMED, "sue", &new("new", None, &["site-admin"]), "done"),
        ("there already", NAMED, "sue", &new("pat", Some("bob"), &[]), "exists"),
        ("both", NAMED, "sue", &both, "invalid"),
        ("neither", NAMED, "sue", &neither, "invalid"),
        (
            "nobody could be it",
            NAMED,
            "sue",
            &AddOperator { os_users: Default::default(), ..bob() },
            "invalid",
        ),
        ("no such user", NAMED, "sue", &new("new", Some("nobody"), &[]), "not-found"),
        ("no such org", NAMED, "sue", &new("new", Some("bob"), &["admin:nowhere"]), "not-found"),
        ("an org admin may not", NAMED, "pat", &bob(), "not-permitted"),
        ("nor learn who is there", NAMED, "pat", &new("new", Some("zoe"), &[]), "not-found"),
        ("nor which orgs", NAMED, "pat", &new("new", Some("bob"), &["admin:nowhere"]), "not-found"),
        ("a machine may not", NAMED, "svc", &bob(), "not-permitted"),
        ("one has no person yet", PLAIN, "sue", &bob(), "not-permitted"),
        ("the first one has no person yet", FIRST, "boss", &bob(), "not-permitted"),
        ("nor may it add a machine", FIRST, "boss", &new("new", None, &[]), "not-permitted"),
        ("the first one has a person", FIRST_NAMED, "boss", &bob(), "done"),
    ]);
}

#[test]
fn nobody_changes_their_own_entry() {
    const FIRST: Before = |w| {
        w.operators = Operators::default();
        w.operators.operators.insert(n("boss"), operator(&["site-admin"], None));
    };
    const FIRST_NAMED: Before = |w| {
        FIRST(w);
        w.operators.operators.insert(n("boss"), operator(&["site-admin"], Some("u-sue")));
    };
    let role = |name: &str| EditOperator { add_roles: ns(&["auditor"]), ..edit(name) };
    let person = |name: &str, login: &str| EditOperator { person: Some(n(login)), ..edit(name) };
    let more = EditOperator { add_roles: ns(&["auditor"]), ..person("boss", "sue") };
    check(&[
        ("somebody else's", PLAIN, "sue", &role("pat"), "done"),
        ("one's own", PLAIN, "sue", &role("sue"), "own-account"),
        ("the same person's", PLAIN, "sue", &role("sue2"), "own-account"),
        ("one's own, before rights", PLAIN, "pat", &role("pat"), "own-account"),
        ("one's own, nothing to change", PLAIN, "sue", &edit("sue"), "own-account"),
        ("one's own, to be removed", PLAIN, "sue", &remove("sue"), "own-account"),
        ("the same person's, to be removed", PLAIN, "sue2", &remove("sue"), "own-account"),
        ("the person, once", FIRST, "boss", &person("boss", "sue"), "done"),
        ("the person and more", FIRST, "boss", &more, "own-account"),
        ("the person, twice", FIRST_NAMED, "boss", &person("boss", "pat"), "own-account"),
        ("the person of another", PLAIN, "sue", &person("adm", "bob"), "done"),
        ("no such user", FIRST, "boss", &person("boss", "nobody"), "not-found"),
        ("a machine has no person", PLAIN, "sue", &person("svc", "bob"), "invalid"),
        (
            "no OS user left",
            PLAIN,
            "sue",
            &EditOperator { remove_os_users: ns(&["pat"]), ..edit("pat") },
            "invalid",
        ),
        ("nothing", PLAIN, "sue", &edit("pat"), "unchanged"),
        ("no such operator", PLAIN, "sue", &edit("nobody"), "not-found"),
        ("an admin may not", PLAIN, "adm", &role("pat"), "not-permitted"),
    ]);
}

#[test]
fn one_site_admin_stays_and_is_no_machine() {
    let no_role = |name: &str| EditOperator { remove_roles: ns(&["site-admin"]), ..edit(name) };
    check(&[
        ("one of two", PLAIN, "root", &remove("sue2"), "done"),
        ("the last", LAST, "root", &remove("sue"), "last-administrator"),
        ("the last one's role", LAST, "root", &no_role("sue"), "last-administrator"),
        ("one of two roles", PLAIN, "root", &no_role("sue"), "done"),
        ("a machine is not the last", LAST, "sue", &remove("svc"), "done"),
        ("nor any other", LAST, "sue", &remove("pat"), "done"),
        (
            "another role of the last",
            LAST,
            "root",
            &EditOperator { add_roles: ns(&["auditor"]), ..edit("sue") },
            "done",
        ),
        ("not there", PLAIN, "root", &remove("nobody"), "not-found"),
        ("an admin may not", PLAIN, "adm", &remove("pat"), "not-permitted"),
    ]);
}

#[test]
fn an_os_user_that_becomes_several_operators_is_told_of() {
    let named = || {
        world().with(NAMED).with(|w| {
            w.operators.operators.insert(
                n("tom"),
                Operator { os_users: ns(&["tom"]), ..operator(&["auditor"], Some("u-bob")) },
            );
        })
    };
    let warnings = |change: &dyn Change| named().run("sue", day(NOW), change).unwrap().warnings;
    let add = |os_user: &str| AddOperator {
        os_users: ns(&[os_user]),
        ..new("new", Some("bob"), &["helpdesk:acme"])
    };
    assert!(warnings(&add("os-new")).is_empty());
    let told = warnings(&add("tom"));
    assert!(told.len() == 1 && told[0].contains("tom") && told[0].contains("--as"), "{told:?}");
    let edit = |os_user: &str| EditOperator { add_os_users: ns(&[os_user]), ..edit("pat") };
    assert_eq!(warnings(&edit("tom")).len(), 1);
    assert!(warnings(&edit("os-pat")).is_empty());
}
