//! Tables and lists as people and spreadsheets write them: what they say is done or
//! refused by its line, and nothing that could mean something is passed over.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use shell::{Run, World};

const BASE: &str = "\
login,name,email,orgs,enrolled
alice,Alice Ward,alice@acme.example,acme:admin,2026-01-10
bob,Bob Finch,bob@acme.example,acme;globex,2026-02-01
carol,Carol Reed,carol@globex.example,globex:admin,2026-02-01
dave,Dave Holt,dave@acme.example,acme,
erin,Erin Moss,erin@acme.example,acme:helpdesk;globex,2026-03-03
";

/// Two orgs, five people.
fn world() -> World {
    let world = World::new();
    world.mfactl("init").exits(0);
    write(&world, "base.csv", BASE);
    world.mfactl("user import base.csv --create-orgs").exits(0);
    world
}

fn write(world: &World, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(world.path(name), bytes).unwrap();
}

/// A run that is refused and changes nothing.
#[track_caller]
fn refused(world: &World, arguments: &str, exit: i32) -> String {
    let before = world.files();
    let run = world.mfactl(arguments).exits(exit);
    assert!(world.files() == before, "{arguments} changed something");
    run.stderr
}

fn show(world: &World, user: &str) -> Value {
    world.mfactl(&format!("user show {user} -o json")).exits(0).json()
}

/// Each opt-out as `login until message`.
fn opt_outs(world: &World) -> Vec<String> {
    let rows = world.mfactl("report opt-outs -o json").exits(0).json();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| [&row["login"], &row["until"], &row["message"]].map(word).join(" ");
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn line_numbers_are_those_of_an_editor_with_crlf_and_with_blank_lines() {
    let world = world();
    write(
        &world,
        "people.csv",
        "login,name,orgs\r\nzed,Zed,acme\r\nnot a login,Yan,acme\r\n,Xia,acme\r\n",
    );
    write(&world, "list.csv", "user\r\nalice\r\nnot a login\r\n");
    write(&world, "blank.csv", "login,name,orgs\nzed,Zed,acme\n\n\nnot a login,Yan,acme\n");
    let people = refused(&world, "user import people.csv", 2);
    assert!(people.contains("line 3: \"not a login\"") && people.contains("line 4:"), "{people}");
    let list = refused(&world, "user set-mfa on --from-file list.csv", 2);
    assert!(list.contains("list.csv, line 3: "), "{list}");
    let blank = refused(&world, "user import blank.csv", 2);
    assert!(blank.contains("blank.csv, line 5: "), "{blank}");
    write(&world, "latin1.csv", b"login,name\r\nzoe,Zo\xeb\r\n");
    let latin = refused(&world, "user import latin1.csv", 2);
    assert!(latin.contains("latin1.csv, line 2: "), "{latin}");
}

#[test]
fn an_encoding_is_named_with_the_way_out() {
    let world = world();
    let utf_16 = |text: &str| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    write(&world, "utf16le.csv", utf_16("login,name,orgs\r\nzed,Zed,acme\r\n"));
    write(&world, "list.txt", utf_16("alice\r\n"));
    write(&world, "p.yaml", utf_16("version: 1\norg: acme\n"));
    for arguments in ["user import utf16le.csv", "user reset --from-file list.txt"] {
        let error = refused(&world, arguments, 2);
        assert!(error.contains("UTF-16LE, expected UTF-8"), "{error}");
        assert!(error.contains("iconv -f UTF-16LE -t UTF-8"), "{error}");
    }
    let error = refused(&world, "policy plan p.yaml", 2);
    assert!(error.contains("UTF-16"), "{error}");
    write(&world, "latin1.csv", b"login,name\nzoe,Zo\xeb\n");
    let error = refused(&world, "user import latin1.csv", 2);
    assert!(error.contains("0xEB") && error.contains("iconv -f WINDOWS-1252"), "{error}");
}

#[test]
fn marks_semicolons_tabs_and_empty_columns_of_spreadsheets_are_read() {
    let world = world();
    for (login, text) in [
        ("bom", "\u{feff}\"login\",\"id\",\"orgs\"\r\n\"bom\",\"u1\",\"acme\"\r\n"),
        ("semicolon", "login;id;orgs\nsemicolon;u2;\"acme:admin;globex\"\n"),
        ("tab", "Login\tID\tOrgs\ntab\tu3\tacme\n"),
        ("trailing", "login,id,orgs,\ntrailing,u4,acme,\n,,,\n"),
        ("excel", "LOGIN;Id;Active;MFA\nexcel;u5;TRUE;ON\n"),
    ] {
        write(&world, "people.csv", text);
        world.mfactl("user import people.csv").exits(0);
        show(&world, login);
    }
    assert_eq!(show(&world, "semicolon")["memberships"].as_array().unwrap().len(), 2);
    write(&world, "people.csv", "login,\nzed,Zed\n");
    let error = refused(&world, "user import people.csv", 2);
    assert!(error.contains("line 2: \"Zed\" stands below an empty header"), "{error}");
}

#[test]
fn a_header_that_comes_again_is_no_account() {
    let world = world();
    write(&world, "a.csv", "login,name,orgs\nzed,Zed,acme\n");
    write(&world, "b.csv", "\u{feff}Login,Name,Orgs\nyan,Yan,globex\n");
    let files = world.files();
    let run = world.sh("cat a.csv b.csv | mfactl user import - --create-orgs").exits(2);
    assert!(run.stderr.contains("line 3: repeated header"), "{}", run.stderr);
    let list = world.sh("printf 'login\\nbob\\nlogin\\nerin\\n' | mfactl user reset --from-file -");
    assert!(list.exits(2).stderr.contains("line 3: repeated header"));
    assert!(world.files() == files);
}

#[test]
fn columns_of_a_bulk_opt_out_count_for_their_row() {
    let world = world();
    write(
        &world,
        "people.csv",
        "login,until,message\nbob,2027-01-31T00:00:00Z,no phone yet\ndave,2026-12-15T00:00:00Z,on leave\n",
    );
    world.mfactl("user opt-out --org acme --from-file people.csv").exits(0);
    assert_eq!(
        opt_outs(&world),
        ["bob 2027-01-31T00:00:00Z no phone yet", "dave 2026-12-15T00:00:00Z on leave"]
    );
}

#[test]
fn an_empty_cell_means_what_the_option_says() {
    let world = world();
    write(
        &world,
        "people.csv",
        "Login;Until;Org;Message\nbob;;;\ndave;2026-12-15T00:00:00Z;;\nbob;;globex;other\n",
    );
    let run = world.mfactl("user opt-out --org acme --until +30d -m why --from-file people.csv");
    let error = run.exits(2).stderr;
    assert!(error.contains("line 4: bob is already listed in line 2 with other values"), "{error}");
    write(
        &world,
        "people.csv",
        "Login;Until;Org;Message\nbob;;;\ndave;2026-12-15T00:00:00Z;;\nerin;;globex;other\n",
    );
    world.mfactl("user opt-out --org acme --until +30d -m why --from-file people.csv").exits(0);
    assert_eq!(
        opt_outs(&world),
        [
            "bob 2026-12-21T09:00:00Z why",
            "dave 2026-12-15T00:00:00Z why",
            "erin 2026-12-21T09:00:00Z other"
        ]
    );
    assert_eq!(show(&world, "erin")["memberships"][1]["opt_out"]["message"], "other");
    write(&world, "people.csv", "login\nbob\n");
    let error = refused(&world, "user opt-in --from-file people.csv", 2);
    assert!(error.contains("line 2: no org is named") && error.contains("--org"), "{error}");
}

#[test]
fn columns_of_joins_and_grants_count_for_their_row() {
    let world = world();
    write(&world, "people.csv", "login,role\nalice,admin\ndave,\n");
    world.mfactl("user join --org globex --from-file people.csv").exits(0);
    assert_eq!(show(&world, "alice")["memberships"][1]["role"], "admin");
    assert_eq!(show(&world, "dave")["memberships"][1]["role"], "member");
    write(
        &world,
        "people.csv",
        "login,reason,note,for,channel\nbob,other,no power,2h,in-person\nerin,no-signal,,,\n",
    );
    world.mfactl("exception grant --short --org globex --from-file people.csv").exits(0);
    let bob = &show(&world, "bob")["exceptions"][0];
    assert_eq!(
        (&bob["reason"], &bob["note"], &bob["channel"], &bob["ends_at"]),
        (&json!("other"), &json!("no power"), &json!("in-person"), &json!("2026-11-21T11:00:00Z"))
    );
    let erin = &show(&world, "erin")["exceptions"][0];
    assert_eq!((&erin["reason"], &erin["channel"]), (&json!("no-signal"), &json!("phone")));
    write(&world, "people.csv", "login,reason,until\nalice,no-signal,+2h\n");
    let both = "exception grant --short --for 1h --from-file people.csv";
    let error = refused(&world, both, 2);
    assert!(error.contains("line 2: both --for and --until are given"), "{error}");
    write(&world, "people.csv", "login,reason,channel\nalice,no-signal,pigeon\n");
    let error = refused(&world, "exception grant --short --from-file people.csv", 2);
    assert!(error.contains("line 2: ") && error.contains("pigeon"), "{error}");
}

#[test]
fn an_unknown_column_is_refused_by_its_name() {
    let world = world();
    write(&world, "people.csv", "login,until,Colour\nbob,2027-01-31,red\n");
    let error = refused(&world, "user reset --from-file people.csv", 2);
    assert!(error.contains("people.csv, line 1: unknown columns until, Colour"), "{error}");
    assert!(error.contains("--ignore-unknown-columns"), "{error}");
    let error = refused(&world, "user import people.csv", 2);
    assert!(error.contains("unknown columns until, Colour"), "{error}");
    world.mfactl("user reset --from-file people.csv --ignore-unknown-columns").exits(0);
    write(&world, "people.csv", "Kennung,Anzeigename\nzed,Zed Zwei\n");
    world.mfactl("user import people.csv --columns login=Kennung,name=Anzeigename").exits(0);
    assert_eq!(show(&world, "zed")["name"], "Zed Zwei");
    let error = refused(&world, "user import people.csv --columns login=Konto", 2);
    assert!(error.contains("--columns: the header konto was not found"), "{error}");
}

#[test]
fn a_list_without_a_header_loses_nothing_behind_a_comma() {
    let world = world();
    write(&world, "list.txt", "alice\nbob,carol\n");
    let error = refused(&world, "user reset --from-file list.txt", 2);
    assert!(
        error.contains("list.txt, line 2: expected one user per line, found 2 cells"),
        "{error}"
    );
    write(&world, "list.txt", "bob,carol\n");
    let error = refused(&world, "user reset --from-file list.txt", 2);
    assert!(error.contains("list.txt, line 1: "), "{error}");
}

#[test]
fn a_list_names_users_by_login_id_or_address() {
    let world = world();
    let id = show(&world, "alice")["id"].as_str().unwrap().to_owned();
    world.mfactl("user add login@acme.example --email other@acme.example").exits(0);
    write(&world, "list.txt", "BOB@acme.example\nmail:carol@globex.example\nlogin@acme.example\n");
    let rows = world.mfactl("user set-mfa on --from-file list.txt -o json").exits(0).json();
    let logins: Vec<&str> =
        rows.as_array().unwrap().iter().map(|r| r["subject"].as_str().unwrap()).collect();
    assert_eq!(logins, ["bob", "carol", "login@acme.example"]);
    write(&world, "list.csv", format!("ID,Email\n{id},alice@acme.example\n,erin@acme.example\n"));
    let rows = world.mfactl("user set-mfa on --from-file list.csv -o json").exits(0).json();
    assert_eq!((&rows[0]["subject"], &rows[1]["subject"]), (&json!("alice"), &json!("erin")));
    write(&world, "list.csv", format!("login,id\nbob,{id}\n"));
    let error = refused(&world, "user set-mfa off --from-file list.csv", 4);
    assert!(error.contains(&format!("line 2: bob is bob, but id:{id} is alice")), "{error}");
}

#[test]
fn every_user_of_a_list_who_is_not_there_is_named_in_one_run() {
    let world = world();
    write(&world, "list.csv", "login\r\nnobody\r\n\r\nbob\r\nno.one\r\nx@y.example\r\n");
    let error = refused(&world, "user set-mfa on --from-file list.csv", 4);
    for expected in [
        "list.csv has 3 problems",
        "line 2: no user nobody",
        "line 5: no user no.one",
        "line 6: no user x@y.example",
    ] {
        assert!(error.contains(expected), "{error}");
    }
    let run = world.mfactl("user set-mfa on --from-file list.csv --keep-going -o json").exits(1);
    let rows = run.json();
    assert_eq!(rows[0]["error"]["message"], "list.csv, line 2: no user nobody");
    assert_eq!(rows[1]["changed"], true);
}

#[test]
fn a_dry_run_of_many_says_so_and_counts() {
    let world = world();
    let rev = world.rev();
    let dry: Run = world.mfactl("user set-mfa bob dave nobody on --keep-going --dry-run").exits(1);
    assert!(
        dry.stdout
            .ends_with("2 would change, 0 unchanged, 1 failed; dry run: nothing was written\n"),
        "{}",
        dry.stdout
    );
    assert_eq!(world.rev(), rev);
    let done = world.mfactl("user set-mfa bob dave on").exits(0).stdout;
    let revision = rev + 1;
    assert!(
        done.ends_with(&format!("2 changed, 0 unchanged, 0 failed; revision {revision}\n")),
        "{done}"
    );
    let again = world.mfactl("user set-mfa bob dave on").exits(0).stdout;
    assert!(again.ends_with("0 changed, 2 unchanged, 0 failed; nothing was written\n"), "{again}");
    let dry = world.mfactl("user set-mfa bob off --dry-run").exits(0).stdout;
    assert!(dry.contains("dry run: nothing was written"), "{dry}");
    write(&world, "people.csv", "login\nzed\n");
    let dry = world.mfactl("user import people.csv --dry-run").exits(0).stdout;
    assert!(dry.contains("dry run: nothing was written"), "{dry}");
}

#[test]
fn the_date_of_a_sheet_counts_only_for_who_never_enrolled() {
    let world = world();
    write(&world, "future.csv", "login,enrolled\ndave,2099-01-01\nzed,\n");
    for update in ["", "--update"] {
        write(
            &world,
            "future.csv",
            format!(
                "login,enrolled\n{},2099-01-01\n",
                if update.is_empty() { "zed" } else { "dave" }
            ),
        );
        let error = refused(&world, &format!("user import {update} future.csv"), 2);
        assert!(error.contains("cannot be enrolled since 2099-01-01T00:00:00Z"), "{error}");
    }
    write(&world, "sheet.csv", "login,enrolled\ndave,2026-01-05\nbob,2026-02-01\n");
    world.mfactl("user import --update sheet.csv").exits(0);
    let dave = &show(&world, "dave")["enrolment"];
    assert_eq!(
        (&dave["first_at"], &dave["since"]),
        (&json!("2026-01-05T00:00:00Z"), &json!("2026-01-05T00:00:00Z"))
    );
    // The sheet of last night must not undo the reset of this morning.
    world.mfactl("user reset bob -m lost").exits(0);
    world.mfactl("user import --update sheet.csv").exits(0);
    assert_eq!(show(&world, "bob")["enrolment"]["status"], "none");
    // Nor a future date slip in for somebody whom it would not concern.
    write(&world, "future.csv", "login,enrolled\nbob,2099-01-01\n");
    refused(&world, "user import --update future.csv", 2);
}

#[test]
fn a_row_that_names_no_role_says_nothing_of_it() {
    let world = world();
    world.mfactl("org edit acme --mandate-role admin").exits(0);
    write(&world, "sheet.csv", "login,orgs\nalice,acme;globex\n");
    world.mfactl("user import --update sheet.csv").exits(0);
    let alice = show(&world, "alice");
    assert_eq!(alice["memberships"][0]["role"], "admin");
    assert_eq!(alice["memberships"][1]["role"], "member", "joined by the row");
    let decision = world.mfactl("explain alice --org acme -o json").exits(0).json();
    assert_eq!(
        (&decision["requirement"], &decision["rule"]),
        (&json!("required"), &json!("mandated-role"))
    );
}

#[test]
fn a_taken_address_is_no_reason_to_advise_what_is_there_already() {
    let world = world();
    write(&world, "sheet.csv", "login,email\nzed,BOB@acme.example\n");
    for update in ["", "--update "] {
        let error = refused(&world, &format!("user import {update}sheet.csv"), 3);
        assert!(!error.contains("--update"), "{error}");
        assert!(error.contains("mfactl user show mail:BOB@acme.example"), "{error}");
    }
    write(&world, "sheet.csv", "login\nbob\n");
    assert!(refused(&world, "user import sheet.csv", 3).contains("--update"));
}

#[test]
fn what_looks_like_a_policy_and_is_not_read_is_named() {
    let world = World::new();
    std::fs::create_dir_all(world.path("p/real")).unwrap();
    write(&world, "p/acme.yaml", "version: 1\norg: acme\n");
    write(&world, "p/GLOBEX.YAML", "version: 1\norg: globex\n");
    write(&world, "p/notes.txt", "nothing");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, world.path(name)).unwrap();
    link("nowhere.yaml", "p/dangling.yaml");
    link("real", "p/linked");
    let run = world.mfactl("policy check p").exits(0);
    for warning in [
        "p/GLOBEX.YAML: not read: expected a name that ends in .yaml",
        "p/dangling.yaml: a broken link",
        "p/linked: a linked folder is not read",
    ] {
        assert!(run.stderr.contains(&format!("warning: {warning}")), "{}", run.stderr);
    }
    assert!(!run.stderr.contains("notes.txt"), "{}", run.stderr);
}

#[test]
fn what_is_exported_is_imported_again_without_a_change() {
    let world = world();
    for (login, name) in [
        ("eq", "=SUM(A1)"),
        ("quoted", "'=SUM(A1)"),
        ("minus", "-1"),
        ("at", "@x"),
        ("blank", " Two  blanks "),
    ] {
        world
            .sh(&format!("mfactl user add {login} --id u-{login} --org acme --name=\"{name}\""))
            .exits(0);
    }
    world.mfactl("user add sso.user --id u-sso --sign-in sso --provider entra").exits(0);
    world.mfactl("user deactivate erin").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    world.mfactl("user reset bob").exits(0);
    world.sh("mfactl user export > people.csv").exits(0);
    let files = world.files();
    let again = world.mfactl("user import --update people.csv").exits(0).stdout;
    assert!(again.contains("every account is so already"), "{again}");
    assert!(world.files() == files, "nothing is written");
    // A part of the columns says a part.
    world.sh("mfactl user export --org acme | cut -d, -f1,3 > names.csv").exits(0);
    world.mfactl("user import --update names.csv").exits(0);
    assert_eq!(show(&world, "eq")["name"], "=SUM(A1)");
    assert_eq!(show(&world, "quoted")["name"], "'=SUM(A1)");
    assert!(world.files() == files);
    // Elsewhere the accounts are as they are here.
    world.mfactl("--state other user import --init --create-orgs people.csv").exits(0);
    let export =
        |state: &str| world.mfactl(&format!("--state {state} user export")).exits(0).stdout;
    assert_eq!(export("other").replace(",Two  blanks,", ", Two  blanks ,"), export("demo"));
}

#[test]
fn the_list_of_users_is_imported_again_or_its_columns_are_named() {
    let world = world();
    world.mfactl("user add eq --id u-eq --name '=SUM(A1)' --org acme").exits(0);
    world.sh("mfactl user list -o csv > list.csv").exits(0);
    let files = world.files();
    let error = refused(&world, "user import --update list.csv", 2);
    assert!(error.contains("unknown column enrolment"), "{error}");
    let run = world.mfactl("user import --update --ignore-unknown-columns list.csv").exits(0);
    assert!(run.stdout.contains("every account is so already"), "{}", run.stdout);
    world.sh("cut -d, -f1,3 list.csv > names.csv").exits(0);
    world.mfactl("user import --update names.csv").exits(0);
    assert!(world.files() == files);
    assert_eq!(show(&world, "alice")["memberships"][0]["role"], "admin", "orgs without roles");
}

/// An operator may not change their own account, nor one with memberships elsewhere; what
/// their own export says of them changes nothing.
#[test]
fn an_export_named_its_own_operator_and_was_not_taken_back() {
    let world = World::eventful();
    for who in ["sam", "second", "ada", "hal"] {
        world.sh(&format!("MFACTL_TEST_OS_USER={who} mfactl user export >{who}.csv")).exits(0);
        let files = world.files();
        let run = world.as_user(who, &format!("user import --update {who}.csv -o json")).exits(0);
        let report = run.json();
        assert_eq!(report["changed"], false, "{who}");
        assert!(report["after"]["unchanged"].as_u64() > Some(3), "{report}");
        assert!(world.files() == files, "{who}");
        let own = "login|root.admin|second.person|ada.person|hal.person";
        let own = world.sh(&format!("grep -E '^({own})' {who}.csv")).exits(0).stdout;
        std::fs::write(world.path("own.csv"), own.replace(",yes,", ",no,")).unwrap();
        let run = world.as_user(who, "user import --update own.csv -o json").exits(5);
        let code = run.error()["code"].as_str().unwrap().to_owned();
        assert!(
            code == "own-account" || (who == "hal" && code == "not-permitted"),
            "{who}: {code}"
        );
        assert!(world.files() == files, "{who}");
    }
}
