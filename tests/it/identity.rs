//! Identity over time: a login may change hands, an id does not; and an OS user may have
//! no name.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

fn revisions(world: &World, user: &str) -> (Vec<u64>, String) {
    let run = world.mfactl(&format!("audit log --user {user} -o json")).exits(0);
    let rows = run.json();
    let revs = rows.as_array().unwrap().iter().map(|row| row["rev"].as_u64().unwrap());
    (revs.collect(), run.stderr)
}

#[test]
fn the_log_of_an_account_goes_on_before_its_rename() {
    let world = World::small();
    world.mfactl("user reset bob -m lost").exits(0);
    world.mfactl("user rename bob robert").exits(0);
    world.mfactl("user deactivate robert").exits(0);
    assert_eq!(revisions(&world, "id:u-bob").0, [5, 4, 3, 2]);
    assert_eq!(revisions(&world, "robert").0, [5, 4, 3, 2]);
    assert_eq!(revisions(&world, "mail:bob@acme.example").0, [5, 4, 3, 2]);
    let rows = world.mfactl("audit log --user id:u-bob -o json").exits(0).json();
    assert_eq!(rows[2]["subject"], "bob", "the name as of then");
    assert_eq!(rows[0]["subject"], "robert");
    let limited = world.mfactl("audit log --user id:u-bob --limit 2 -o csv").exits(0).stdout;
    assert_eq!(limited.lines().count(), 3, "{limited}");
    let one = world.mfactl("audit log --user id:u-bob --action user.reset -o json").exits(0).json();
    assert_eq!(one.as_array().unwrap().len(), 1);
}

#[test]
fn a_login_that_is_used_again_does_not_mix_two_people() {
    let world = World::small();
    world.mfactl("user reset bob").exits(0);
    world.mfactl("user rename bob robert").exits(0);
    world.mfactl("user deactivate robert").exits(0);
    world.mfactl("user add bob --id u-other --org acme").exits(0);
    let (revs, warnings) = revisions(&world, "bob");
    assert_eq!(revs, [6]);
    let warning =
        "until revision 4 another account had the login bob: mfactl audit log --user id:u-bob";
    assert!(warnings.contains(warning), "{warnings}");
    assert_eq!(revisions(&world, "id:u-bob").0, [5, 4, 3, 2]);
    // Somebody who is gone is still in the log.
    world.mfactl("user remove robert --yes").exits(0);
    assert_eq!(revisions(&world, "id:u-bob").0, [7, 5, 4, 3, 2]);
    assert_eq!(revisions(&world, "robert").0, [7, 5, 4]);
    world.mfactl("audit log --user id:u-nobody").exits(4);
}

#[test]
fn an_os_user_without_a_name_is_an_operator_as_any_other() {
    let world = World::new();
    let run = world.as_user("uid:54321", "init").exits(0);
    assert!(run.stdout.contains("uid-54321"), "{}", run.stdout);
    let operators = world.as_user("uid:54321", "operator list -o json").exits(0).json();
    assert_eq!(operators[0]["name"], "uid-54321");
    assert_eq!(operators[0]["os_users"][0], "uid:54321");
    world.as_user("uid:54321", "--state named init --operator ops").exits(0);
    let world = World::staffed();
    world.mfactl("operator add ci --os-user uid:54321 --service --role site-admin").exits(0);
    world.as_user("uid:54321", "operator whoami").exits(0);
    world.mfactl("operator add x --os-user uid:x --service").exits(2);
}

#[test]
fn a_policy_tells_when_a_login_means_another_account() {
    let world = World::small();
    let write = |name: &str, text: &str| std::fs::write(world.path(name), text).unwrap();
    let member = "  bob: {role: admin, opt_out: {message: \"works without a phone\"}}\n";
    write("acme.yaml", &format!("version: 1\norg: acme\nmembers:\n{member}"));
    world.mfactl("policy apply acme.yaml").exits(0);
    let quiet = world.mfactl("policy plan acme.yaml").exits(0);
    assert_eq!(quiet.stderr, "");
    world.mfactl("user rename bob robert").exits(0);
    let missing = world.mfactl("policy plan acme.yaml").exits(4).stderr;
    assert!(missing.contains("hint: bob was renamed to robert at revision 4"), "{missing}");
    assert!(!missing.contains("--create-users"), "{missing}");
    world.mfactl("user add bob --id u-other --org acme").exits(0);
    for verb in ["plan", "apply --dry-run", "plan -o markdown"] {
        let run = world.mfactl(&format!("policy {verb} acme.yaml")).exits(0);
        let note = "bob is another account (id:u-other) than the one to which the policy was applied (id:u-bob, renamed to robert at revision 4)";
        assert!(run.stderr.contains(note), "{verb}: {}", run.stderr);
    }
    world.mfactl("policy apply acme.yaml").exits(0);
    write("users.yaml", "version: 1\nusers: {carol: {mfa: on}, nobody: {mfa: on}}\n");
    let never = world.mfactl("policy plan users.yaml").exits(4).stderr;
    assert!(never.contains("--create-users"), "{never}");
    write("users.yaml", "version: 1\nusers: {carol: {mfa: on}}\n");
    world.mfactl("policy apply users.yaml").exits(0);
    world.mfactl("user remove carol --yes").exits(0);
    world.mfactl("user add carol --id u-new").exits(0);
    let note = world.mfactl("policy plan users.yaml").exits(0).stderr;
    assert!(note.contains("(id:u-carol, removed at revision"), "{note}");
}
