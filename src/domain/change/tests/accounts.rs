//! Accounts and memberships.

use super::*;

fn new(login: &str, orgs: &[&str]) -> AddUser {
    AddUser {
        login: n(login),
        id: n("u-new"),
        name: None,
        email: None,
        sign_in: SignInMethod::Password,
        mfa: Switch::Off,
        orgs: orgs.iter().map(|org| (n(org), Role::Member)).collect(),
        active: true,
        enrolled: None,
    }
}

fn edit(login: &str) -> EditUser {
    EditUser { login: n(login), name: None, email: None, sign_in: None }
}

const MAIL: Before = |w| w.user_mut("alice").email = Some(n("Alice@acme.example"));

#[test]
fn adding() {
    let id = |id: &str| AddUser { id: n(id), ..new("new", &["acme"]) };
    let mail = |address: &str| AddUser { email: Some(n(address)), ..new("new", &["acme"]) };
    let sso = || AddUser { sign_in: SignInMethod::Sso(n("entra")), ..new("new", &["acme"]) };
    let since = |at, add: AddUser| AddUser { enrolled: Some((day(at), n("duo"))), ..add };
    check(&[
        ("new", PLAIN, "adm", &new("new", &["acme"]), "done"),
        ("a login that is there", PLAIN, "adm", &new("alice", &["acme"]), "exists"),
        ("in capitals", PLAIN, "adm", &new("ALICE", &["acme"]), "exists"),
        ("a login out of sight", PLAIN, "adm", &new("zoe", &["acme"]), "exists"),
        ("an id that is there", PLAIN, "adm", &id("u-alice"), "exists"),
        ("an id in another case is another id", PLAIN, "adm", &id("U-alice"), "done"),
        ("an address that is there", MAIL, "adm", &mail("alice@ACME.example"), "exists"),
        ("another address", MAIL, "adm", &mail("alice@globex.example"), "done"),
        ("an org that is not there", PLAIN, "sue", &new("new", &["nowhere"]), "not-found"),
        ("an org out of sight", PLAIN, "adm", &new("new", &["globex"]), "not-found"),
        ("an org that is neither", PLAIN, "adm", &new("new", &["nowhere"]), "not-found"),
        ("in one's own and another", PLAIN, "adm", &new("new", &["acme", "globex"]), "not-found"),
        ("a helpdesk may not", PLAIN, "help", &new("new", &["acme"]), "not-permitted"),
        ("without any org", PLAIN, "adm", &new("new", &[]), "not-permitted"),
        ("without any org, site-admin", PLAIN, "sue", &new("new", &[]), "done"),
        ("enrolled elsewhere", PLAIN, "adm", &since(9, new("new", &["acme"])), "done"),
        ("enrolled tomorrow", PLAIN, "adm", &since(11, new("new", &["acme"])), "invalid"),
        ("SSO", PLAIN, "adm", &sso(), "done"),
        ("SSO and enrolled", PLAIN, "adm", &since(9, sso()), "sso-account"),
        ("SSO and switched on", PLAIN, "adm", &AddUser { mfa: Switch::On, ..sso() }, "done"),
    ]);
}

#[test]
fn editing_renaming_activating_removing() {
    let mail = |address: &str| EditUser { email: Some(n(address)), ..edit("alice") };
    let bobs = |address: &str| EditUser { email: Some(n(address)), ..edit("bob") };
    let name = |login: &str| EditUser { name: Some(text("A. Jones")), ..edit(login) };
    let rename = |from: &str, to: &str| RenameUser { from: n(from), to: n(to) };
    let active = |login: &str, active| SetActive { login: n(login), active };
    let remove = |login: &str| RemoveUser { login: n(login) };
    check(&[
        ("a name", PLAIN, "adm", &name("alice"), "done"),
        ("nothing", PLAIN, "adm", &edit("alice"), "unchanged"),
        ("the same address", MAIL, "adm", &mail("Alice@acme.example"), "unchanged"),
        ("the address in another case", MAIL, "adm", &mail("alice@acme.example"), "done"),
        ("somebody else's address", MAIL, "adm", &bobs("alice@acme.example"), "exists"),
        ("an account of two orgs", PLAIN, "adm", &name("carol"), "not-permitted"),
        ("with the role in both", PLAIN, "both", &name("carol"), "done"),
        ("with less in one", PLAIN, "mixed", &name("carol"), "not-permitted"),
        ("rename", PLAIN, "adm", &rename("alice", "al"), "done"),
        ("to the same", PLAIN, "adm", &rename("alice", "Alice"), "unchanged"),
        ("to one that is there", PLAIN, "adm", &rename("alice", "bob"), "exists"),
        ("to one out of sight", PLAIN, "adm", &rename("alice", "zoe"), "exists"),
        ("deactivate", PLAIN, "adm", &active("alice", false), "done"),
        ("active already", PLAIN, "adm", &active("alice", true), "unchanged"),
        ("oneself", PLAIN, "pat", &active("pat", false), "own-account"),
        ("a helpdesk may not", PLAIN, "help", &active("alice", false), "not-permitted"),
        ("remove", PLAIN, "sue", &remove("alice"), "done"),
        ("an admin may not", PLAIN, "adm", &remove("alice"), "not-permitted"),
        ("an operator's person", PLAIN, "sue", &remove("pat"), "in-use"),
        ("one's own person", PLAIN, "sue2", &remove("sue"), "own-account"),
    ]);
}

#[test]
fn joining_leaving_roles() {
    let role = |login: &str, org: &str, role| SetRole { login: n(login), org: n(org), role };
    check(&[
        ("join", PLAIN, "both", &join("alice", "globex"), "done"),
        ("a member already", PLAIN, "both", &join("alice", "acme"), "exists"),
        ("a member already, of another org too", PLAIN, "adm", &join("carol", "acme"), "exists"),
        ("an account out of sight", PLAIN, "adm", &join("zoe", "acme"), "not-found"),
        ("an account of no org", PLAIN, "adm", &join("nemo", "acme"), "not-found"),
        ("an account of no org, site-admin", PLAIN, "sue", &join("nemo", "acme"), "done"),
        ("an org out of sight", PLAIN, "adm", &join("alice", "globex"), "not-found"),
        ("only helpdesk there", PLAIN, "mixed", &join("alice", "globex"), "not-permitted"),
        ("from where one is helpdesk only", PLAIN, "mixed", &join("zoe", "acme"), "not-permitted"),
        ("from anywhere, site-admin", PLAIN, "sue", &join("zoe", "acme"), "done"),
        ("oneself", PLAIN, "sue", &join("sue", "globex"), "own-account"),
        ("leave", PLAIN, "adm", &leave("alice", "acme"), "done"),
        ("leave one of two", PLAIN, "adm", &leave("carol", "acme"), "done"),
        ("leave the other", PLAIN, "adm", &leave("carol", "globex"), "not-found"),
        ("no member", PLAIN, "sue", &leave("alice", "globex"), "not-found"),
        ("role", PLAIN, "adm", &role("carol", "acme", Role::Admin), "done"),
        ("the role already", PLAIN, "adm", &role("carol", "acme", Role::Member), "unchanged"),
        (
            "a role there is none to",
            PLAIN,
            "sue",
            &role("alice", "globex", Role::Admin),
            "not-found",
        ),
        ("a helpdesk may not", PLAIN, "help", &role("alice", "acme", Role::Admin), "not-permitted"),
        ("an operator's person", PLAIN, "adm", &role("pat", "acme", Role::Admin), "not-permitted"),
        ("one's own", PLAIN, "pat", &role("pat", "acme", Role::Admin), "own-account"),
    ]);
}

#[test]
fn renaming_moves_the_keys() {
    let mut world = world().with(MAIL);
    let rename = RenameUser { from: n("alice"), to: n("al") };
    let mut scope = world.load(&rename.needs());
    let context = context(world.actor("adm"), day(NOW));
    apply(&rename, &mut scope, &context).unwrap();
    let owner = scope.keys.get(&crate::domain::scope::Key::Id(n("u-alice")));
    assert_eq!(owner, Some(&Some(n("al"))));
    world.apply(&rename, &context).unwrap();
    assert!(!world.users.contains_key("alice") && world.users["al"].id == n("u-alice"));
}
