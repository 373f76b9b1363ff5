//! The text of a user as it stands in a shard and in the log, written. Of a million users
//! nearly all are an account with memberships and an enrolment: these are written here, which
//! takes a fraction of the time of a JSON library. Everybody else is for the library, which
//! writes the same of whoever is written here (`super::user` reads them).

use crate::domain::model::{
    Enrolment, Membership, Memberships, Method, MethodKind, Role, SetBy, SignIn, Switch, User,
};
use crate::domain::time::Time;

use super::keyed_lines::push_token;

/// Appends a user as JSON.
pub(crate) fn push(text: &mut String, user: &User) {
    // All fields by name, so that none that is new is left out.
    let User {
        id,
        name,
        email,
        sign_in,
        provider,
        active,
        mfa,
        mfa_set_by,
        unlocks,
        memberships,
        left,
        enrolment,
        last_exception,
        exceptions,
    } = user;
    let is_known =
        *unlocks == 0 && left.is_empty() && *last_exception == 0 && exceptions.is_empty();
    if !(is_known && are_known(memberships) && is_known_enrolment(enrolment)) {
        text.push_str(&serde_json::to_string(user).expect("state types are plain data"));
        return;
    }
    text.push_str("{\"id\":\"");
    text.push_str(id.as_str());
    text.push('"');
    push_field(text, ",\"name\":", name.as_ref());
    push_field(text, ",\"email\":", email.as_ref());
    text.push_str(match sign_in {
        SignIn::Password => ",\"sign_in\":\"password\"",
        SignIn::Sso => ",\"sign_in\":\"sso\"",
    });
    push_field(text, ",\"provider\":", provider.as_ref());
    text.push_str(match (*active, *mfa) {
        (true, Switch::On) => ",\"active\":true,\"mfa\":\"on\"",
        (true, Switch::Off) => ",\"active\":true,\"mfa\":\"off\"",
        (false, Switch::On) => ",\"active\":false,\"mfa\":\"on\"",
        (false, Switch::Off) => ",\"active\":false,\"mfa\":\"off\"",
    });
    if let Some(set_by) = mfa_set_by {
        push_set_by(text, set_by);
    }
    push_memberships(text, memberships);
    if !enrolment.is_empty() {
        push_enrolment(text, enrolment);
    }
    text.push('}');
}

/// Whether none is opted out.
fn are_known(memberships: &Memberships) -> bool {
    memberships
        .values()
        .all(|Membership { opt_out, role: _, joined_at: _, first_joined_at: _ }| opt_out.is_none())
}

/// Whether it begins with its first instant, and nothing is under way.
fn is_known_enrolment(enrolment: &Enrolment) -> bool {
    let Enrolment { first_at, current, pending, exports } = enrolment;
    pending.is_none() && exports.is_empty() && (first_at.is_some() || current.is_none())
}

fn push_field(text: &mut String, before: &str, value: Option<&impl AsRef<str>>) {
    if let Some(value) = value {
        text.push_str(before);
        push_token(text, value.as_ref());
    }
}

fn push_time(text: &mut String, before: &str, time: Option<Time>) {
    if let Some(time) = time {
        text.push_str(before);
        time.push_to(text);
        text.push('"');
    }
}

fn push_set_by(text: &mut String, set_by: &SetBy) {
    let SetBy { by, at, requested_by } = set_by;
    push_field(text, ",\"mfa_set_by\":{\"by\":", Some(by));
    push_time(text, ",\"at\":\"", Some(*at));
    push_field(text, ",\"requested_by\":", requested_by.as_ref());
    text.push('}');
}

fn push_memberships(text: &mut String, memberships: &Memberships) {
    text.push_str(",\"memberships\":{");
    for (number, (org, membership)) in memberships.iter().enumerate() {
        text.push_str(if number == 0 { "\"" } else { ",\"" });
        text.push_str(org.as_str());
        text.push_str(match membership.role {
            Role::Member => "\":{\"role\":\"member\"",
            Role::Helpdesk => "\":{\"role\":\"helpdesk\"",
            Role::Admin => "\":{\"role\":\"admin\"",
        });
        push_time(text, ",\"joined_at\":\"", Some(membership.joined_at));
        push_time(text, ",\"first_joined_at\":\"", membership.first_joined_at);
        text.push('}');
    }
    text.push('}');
}

fn push_enrolment(text: &mut String, enrolment: &Enrolment) {
    text.push_str(",\"enrolment\":{");
    push_time(text, "\"first_at\":\"", enrolment.first_at);
    if let Some(Method { method, since }) = &enrolment.current {
        text.push_str(",\"current\":{\"method\":\"");
        match method {
            MethodKind::Totp => text.push_str("totp"),
            MethodKind::External(name) => {
                text.push_str("external:");
                text.push_str(name.as_str());
            }
        }
        push_time(text, "\",\"since\":\"", Some(*since));
        text.push('}');
    }
    text.push('}');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A user, some of whose parts are there and some not.
    fn user(parts: &[bool], name: &str) -> User {
        let part = |number: usize, text: &str| {
            if parts[number] { text.to_owned() } else { String::new() }
        };
        let name = serde_json::to_string(name).unwrap();
        let member = part(11, ",\"first_joined_at\":\"2025-01-01T00:00:00Z\"")
            + &part(12, ",\"opt_out\":{\"by\":\"root\",\"at\":\"2025-02-01T00:00:00Z\"}");
        let members = part(
            3,
            &format!(
                "\"acme\":{{\"role\":\"admin\",\"joined_at\":\"2025-01-03T04:05:06Z\"{member}}}"
            ),
        ) + &part(
            4,
            ",\"globex\":{\"role\":\"member\",\"joined_at\":\"2025-01-03T04:05:06Z\"}",
        );
        let current =
            "\"current\":{\"method\":\"external:app\",\"since\":\"2024-12-31T23:59:59Z\"}";
        let enrolment = [
            part(5, "\"first_at\":\"2024-01-01T00:00:00Z\""),
            part(
                6,
                if parts[7] {
                    current
                } else {
                    "\"current\":{\"method\":\"totp\",\"since\":\"2024-01-01T00:00:00Z\"}"
                },
            ),
            part(8, "\"pending\":{\"since\":\"2025-01-01T00:00:00Z\"}"),
        ];
        let enrolment: Vec<String> =
            enrolment.into_iter().filter(|part| !part.is_empty()).collect();
        let json = [
            "{\"id\":\"u_1\"".to_owned(),
            part(0, &format!(",\"name\":{name}")),
            part(1, ",\"email\":\"Alice@acme.example\""),
            ",\"sign_in\":".to_owned()
                + if parts[2] { "\"sso\",\"provider\":\"idp\"" } else { "\"password\"" },
            format!(",\"active\":{},\"mfa\":\"{}\"", parts[0], if parts[1] { "on" } else { "off" }),
            part(
                9,
                &format!(
                    ",\"mfa_set_by\":{{\"by\":{name},\"at\":\"2025-01-01T00:00:00Z\",\"requested_by\":{name}}}"
                ),
            ),
            part(10, ",\"unlocks\":2"),
            format!(",\"memberships\":{{{}}}", members.trim_start_matches(',')),
            part(13, ",\"left\":{\"initech\":\"2025-01-01T00:00:00Z\"}"),
            if enrolment.is_empty() {
                String::new()
            } else {
                format!(",\"enrolment\":{{{}}}", enrolment.join(","))
            },
            "}".to_owned(),
        ];
        serde_json::from_str(&json.concat()).unwrap()
    }

    proptest! {
        #[test]
        fn it_is_what_the_library_writes(
            parts in prop::collection::vec(any::<bool>(), 10),
            rare in prop::collection::vec(prop::bool::weighted(0.1), 4),
            name in "[a-zé\"\\\\ ]{1,12}",
        ) {
            let user = user(&[parts, rare].concat(), &name);
            let mut text = "before".to_owned();
            push(&mut text, &user);
            prop_assert_eq!(text, "before".to_owned() + &serde_json::to_string(&user).unwrap());
        }
    }
}
