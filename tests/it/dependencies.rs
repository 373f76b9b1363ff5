//! Every dependency has a license and a source that deny.toml allows. `cargo deny` says more,
//! where it is installed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn deny_toml() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn words(list: &toml::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn licenses_sources_and_bans() {
    let deny = deny_toml();
    let allowed = words(&deny["licenses"]["allow"]);
    let registries = words(&deny["sources"]["allow-registry"]);
    let bans = deny["bans"]["deny"].as_array().unwrap();
    let banned: Vec<&str> = bans.iter().map(|ban| ban["crate"].as_str().unwrap()).collect();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "{} packages", packages.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package["source"].as_str() else { continue };
        let license = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(license, &allowed), "{name} is licensed {license}");
        assert!(registries.iter().any(|at| source.ends_with(at)), "{name} is from {source}");
        assert!(!banned.contains(&name), "{name} is banned");
    }
}

/// An SPDX expression with `OR`, `AND` and brackets, as the dependencies have them.
fn is_allowed(license: &str, allowed: &[&str]) -> bool {
    let one = |part: &str| allowed.contains(&part.trim().trim_matches(['(', ')']));
    let any = |part: &str| part.replace('/', " OR ").split(" OR ").any(one);
    license.split(" AND ").all(any)
}

#[test]
fn a_license_that_is_not_allowed_would_be_seen() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
    for license in
        ["MIT", "MIT OR GPL-3.0", "Apache-2.0/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"]
    {
        assert!(is_allowed(license, &allowed), "{license}");
    }
    for license in ["GPL-3.0-only", "none", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND OpenSSL"] {
        assert!(!is_allowed(license, &allowed), "{license}");
    }
}
