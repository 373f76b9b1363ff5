//! Enrolments and codes as real files and real people bring them: each case is a folder
//! of fixtures/signin with inputs, the commands (`cmd`) and what they must print (`expected`).

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::process::Command;

use shell::{World, finish, fixture, tool};

/// Runs a case in a copy of its folder, by the real clock.
#[track_caller]
fn case(name: &str, tools: &[&str]) {
    if !["jq", "oathtool"].iter().chain(tools).all(|name| tool(name)) {
        return;
    }
    let world = World::new();
    let folder = fixture(&format!("signin/{name}"));
    let copied = Command::new("cp").arg("-r").arg(folder.join(".")).arg(world.dir()).status();
    assert!(copied.unwrap().success());
    let mut command = world.shell("sh cmd");
    for variable in
        ["TZ", "MFACTL_STATE", "MFACTL_TEST_NOW", "MFACTL_TEST_SEED", "MFACTL_TEST_OS_USER"]
    {
        command.env_remove(variable);
    }
    let run = finish(command);
    let expected = std::fs::read_to_string(folder.join("expected")).unwrap();
    assert_eq!(run.stdout, expected, "{name}: {}", run.stderr);
}

#[test]
fn parameters_escaped_as_html_are_not_dropped() {
    case("parameters-escaped-as-html", &[]);
}

#[test]
fn an_issuer_with_a_colon_refuses_nothing() {
    case("an-issuer-with-a-colon", &[]);
}

#[test]
fn the_output_of_a_qr_reader_is_read() {
    case("the-output-of-a-qr-reader", &[]);
}

#[test]
fn a_key_is_read_as_pam_google_authenticator_reads_it() {
    case("a-key-as-pam-google-authenticator-reads-it", &[]);
}

#[test]
fn an_old_key_under_another_spelling_does_not_stay_in_silence() {
    case("an-old-key-under-another-spelling", &[]);
}

#[test]
fn a_last_used_code_does_not_go_back_where_the_clock_is_not_utc() {
    case("a-last-used-code-does-not-go-back", &["faketime"]);
}

#[test]
fn a_clock_that_was_ahead_once_does_not_lock_out_for_ever() {
    case("a-clock-that-was-ahead-once", &["faketime"]);
}

#[test]
fn entra_csv_is_read_as_vendors_and_spreadsheets_write_it() {
    case("entra-csv-as-vendors-and-spreadsheets-write-it", &[]);
}

#[test]
fn the_same_token_twice_is_one() {
    case("the-same-token-twice", &[]);
}

#[test]
fn one_account_of_a_whole_phone_can_be_taken() {
    case("a-phone-with-accounts-of-other-services", &[]);
}

#[test]
fn foreign_kinds_are_left_out_alike_by_all_readers() {
    case("foreign-kinds-in-a-list", &[]);
}

#[test]
fn blanks_of_every_kind_inside_a_code_are_left_out() {
    case("blanks-inside-a-code", &[]);
}

#[test]
fn a_phone_whose_clock_is_off_is_told_from_a_wrong_secret() {
    case("a-phone-whose-clock-is-off", &[]);
}

#[test]
fn a_second_enrol_says_that_it_voids_the_first_qr_code() {
    case("a-second-enrol-voids-the-first-qr-code", &[]);
}

#[test]
fn the_uri_that_enrol_prints_is_the_one_that_every_app_reads() {
    case("the-uri-that-enrol-prints", &[]);
}

#[test]
fn a_google_authenticator_file_in_use_loses_nothing() {
    case("a-google-authenticator-file-in-use", &[]);
}

#[test]
fn a_hexadecimal_seed_in_a_base32_column_is_refused_and_not_shown() {
    case("a-hexadecimal-seed-in-a-base32-column", &[]);
}

#[test]
fn digits_of_other_scripts_are_read_as_their_values() {
    case("digits-of-other-scripts", &[]);
}
