//! Administration at the shell: partial documents, follow-ups, operators, and
//! what is recorded about the switch.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use serde_json::{Value, json};
use shell::World;

#[test]
fn who_set_the_switch_and_who_asked_is_on_record() {
    let world = World::small();
    world.mfactl("user set-mfa bob on --requested-by 'Bob Quill'").exits(0);
    let set = json!({"by": "sam", "at": shell::NOW, "requested_by": "Bob Quill"});
    assert_eq!(world.mfactl("user show bob -o json").exits(0).json()["mfa_set_by"], set);
    let page = world.mfactl("user show bob").exits(0).stdout;
    let line = "on, set by sam at 2026-11-21T09:00:00Z (now), requested by Bob Quill";
    assert!(page.contains(line), "{page}");
    let nobody = world.mfactl("user show carol -o json").exits(0).json();
    assert_eq!(nobody["mfa_set_by"], Value::Null);
}
