//! The operators of the second implementation, and what they may.

/// 0 nothing, 1 helpdesk, 2 org admin, 3 site-admin.
pub(super) fn level(who: &str, org: &str) -> u8 {
    match (who, org) {
        ("root" | "sue" | "sue2", _) => 3,
        ("both", _) | ("pat" | "adm" | "mixed", "acme") => 2,
        ("help", "acme") | ("mixed", "globex") => 1,
        _ => 0,
    }
}

pub(super) fn person_of(who: &str) -> Option<&'static str> {
    match who {
        "pat" => Some("carol"),
        "sue" | "sue2" => Some("dan"),
        _ => None,
    }
}

pub(super) fn site_admin(who: &str) -> bool {
    level(who, "") == 3
}

pub(super) fn reads_all(who: &str) -> bool {
    site_admin(who) || who == "aud" || who == "svc"
}

pub(super) fn sees(who: &str, org: &str) -> bool {
    reads_all(who) || level(who, org) > 0
}
