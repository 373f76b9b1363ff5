//! The file of one org.

use serde_json::{Value, json};

use super::fields::KnownKey;
use super::fields::{Fields, Map};
use super::keys;
use crate::domain::change::LONGEST_GRACE_DAYS;
use crate::domain::ids::Text;
use crate::domain::model::{Approval, ExceptionKind, OptOutPolicy, Role, Switch};
use crate::domain::time::{Span, Time};
use crate::policy::model::{
    EnforcementPolicy, ExceptionRules, MemberPolicy, OptOutRule, OrgPolicy, Ownership,
};
use crate::policy::problem::Located;
use crate::policy::yaml::node::{Node, Value as Content};

/// The keys at the top of the file.
pub(super) const ORG: [KnownKey<OrgPolicy>; 10] = [
    KnownKey::<OrgPolicy>::new("version", |_, _, _| {})
        .described("The version of the format.", keys::version),
    KnownKey::<OrgPolicy>::new("org", |_, _, _| {}).described("The id of the org.", keys::id),
    KnownKey::<OrgPolicy>::new("name", |fields, node, org| org.name = fields.name(node, "name"))
        .described("Its name in words.", keys::text),
    KnownKey::<OrgPolicy>::new("enforcement", enforcement)
        .described("Whether, and from when, the org enforces MFA.", enforcement_schema),
    KnownKey::<OrgPolicy>::new("opt_out", |fields, node, org| {
        org.opt_out = fields.word(node, "opt_out")
    })
    .described("Whether members may be opted out of MFA.", keys::word::<OptOutPolicy>),
    KnownKey::<OrgPolicy>::new("mandated_roles", |fields, node, org| {
        org.mandated_roles = fields
            .list(node, "mandated_roles", |fields, node| fields.word(node, "a mandated role"));
    })
    .described("Membership roles that always need MFA: these and no others.", || {
        keys::set(keys::word::<Role>())
    }),
    KnownKey::<OrgPolicy>::new("exceptions", |fields, node, org| {
        fields.mapping(node, "exceptions", &EXCEPTIONS, &mut org.exceptions);
    })
    .described("Caps and approval of exceptions.", || keys::mapping(&EXCEPTIONS)),
    KnownKey::<OrgPolicy>::new("services", |fields, node, org| {
        org.services = fields.list(node, "services", |fields, node| fields.name(node, "a service"));
    })
    .described("Services that an exception may be limited to: these and no others.", || {
        keys::set(keys::id())
    }),
    KnownKey::<OrgPolicy>::new("ownership", |fields, node, org| {
        org.ownership = fields.word(node, "ownership")
    })
    .described(
        "Whether members that are not listed stay (additive) or lose the membership \
             (authoritative).",
        keys::word::<Ownership>,
    ),
    KnownKey::<OrgPolicy>::new("members", |fields, node, org| {
        org.members = fields.by_login(node, "members", member);
    })
    .described("The members by login. Whoever is listed is a member.", || {
        keys::by_login(keys::mapping(&MEMBER))
    }),
];

const ENFORCEMENT: [KnownKey<EnforcementPolicy>; 3] = [
    KnownKey::<EnforcementPolicy>::new("state", |fields, node, to| {
        to.state = fields.word(node, "state")
    })
    .described("On or off.", keys::word::<Switch>),
    KnownKey::<EnforcementPolicy>::new("from", |fields, node, to| {
        to.from = fields.time(node, "from")
    })
    .described(
        "From when; in the past: on when applied, and any enforcement that has begun.",
        keys::time,
    ),
    KnownKey::<EnforcementPolicy>::new("grace_days", |fields, node, to| {
        to.grace_days = fields.whole(node, "grace_days", LONGEST_GRACE_DAYS);
    })
    .described("Days in which a member who is not enrolled may sign in without MFA.", || {
        keys::whole(LONGEST_GRACE_DAYS)
    }),
];

const EXCEPTIONS: [KnownKey<ExceptionRules>; 2] = [
    KnownKey::<ExceptionRules>::new("short", |fields, node, rules| {
        fields.mapping(node, "short", &SHORT, rules)
    })
    .described("Caps of short exceptions; null removes a cap.", || keys::mapping(&SHORT)),
    KnownKey::<ExceptionRules>::new("long", |fields, node, rules| {
        fields.mapping(node, "long", &LONG, rules)
    })
    .described("Cap and approval of long exceptions; null removes a cap.", || keys::mapping(&LONG)),
];

const SHORT: [KnownKey<ExceptionRules>; 2] = [
    KnownKey::<ExceptionRules>::new("max", |fields, node, rules| {
        rules.short_max = cap(fields, node, ExceptionKind::Short)
    })
    .described("The longest, at most 24h.", || keys::or_null(keys::length())),
    KnownKey::<ExceptionRules>::new("per_30_days", |fields, node, rules| {
        rules.short_per_30_days = if Fields::is_null(node) {
            Some(Located::new(None, fields.at(node)))
        } else {
            let count = fields.whole(node, "per_30_days", u32::MAX);
            count.map(|count| Located::new(Some(count.value), count.place))
        };
    })
    .described("How many a user may be granted in 30 days.", || {
        keys::or_null(keys::whole(u32::MAX))
    }),
];

const LONG: [KnownKey<ExceptionRules>; 2] = [
    KnownKey::<ExceptionRules>::new("max", |fields, node, rules| {
        rules.long_max = cap(fields, node, ExceptionKind::Long)
    })
    .described("The longest, at most 180d.", || keys::or_null(keys::length())),
    KnownKey::<ExceptionRules>::new("approval", |fields, node, rules| {
        rules.approval = fields.word(node, "approval");
    })
    .described("Whether a second person is needed.", keys::word::<Approval>),
];

const MEMBER: [KnownKey<MemberPolicy>; 2] = [
    KnownKey::<MemberPolicy>::new("role", |fields, node, member| {
        member.role = fields.word(node, "role")
    })
    .described("The role in the org.", keys::word::<Role>),
    KnownKey::<MemberPolicy>::new("opt_out", |fields, node, member| {
        member.opt_out = opt_out(fields, node)
    })
    .described(
        "Opted out of MFA in this org, or none.",
        || json!({"anyOf": [{"const": "none"}, keys::mapping(&OPT_OUT)]}),
    ),
];

/// The message and the end of an opt-out, each where it is managed.
type OptOutFields = (Option<Text>, Option<Option<Time>>);

const OPT_OUT: [KnownKey<OptOutFields>; 2] = [
    KnownKey::<OptOutFields>::new("message", |fields, node, (message, _)| {
        *message = fields.name(node, "message").map(|read| read.value);
    })
    .described("Why.", keys::text),
    KnownKey::<OptOutFields>::new("until", |fields, node, (_, until)| {
        *until = match Fields::is_null(node) {
            true => Some(None),
            false => fields.end(node, "until").map(|read| Some(read.value)),
        };
    })
    .described("When it expires, that instant not included; null: never.", || {
        keys::or_null(keys::time())
    }),
];

pub(super) fn read(map: &Map<'_>, fields: &mut Fields<'_>) -> OrgPolicy {
    let mut org = OrgPolicy::default();
    fields.keys(map, "the policy of an org", &ORG, &mut org);
    let lists_members = map.iter().any(|(key, _)| &*key.word.text == "members");
    if let Some(ownership) = org.ownership.as_ref().filter(|_| !lists_members)
        && ownership.value == Ownership::Authoritative
    {
        let hint = "list the members; members: {} says that there are none".to_owned();
        let message = "ownership: authoritative requires members";
        fields.problems.at(&ownership.place, message, Some(hint));
    }
    org
}

fn enforcement(fields: &mut Fields<'_>, node: &Node<'_>, org: &mut OrgPolicy) {
    if let Content::Scalar(_) = node.value {
        return fields.expected(node, "enforcement", "a mapping as in {state: on}");
    }
    let enforcement = &mut org.enforcement;
    fields.mapping(node, "enforcement", &ENFORCEMENT, enforcement);
    let on = enforcement.state.as_ref().is_some_and(|state| state.value == Switch::On);
    if let Some(from) = enforcement.from.take_if(|_| !on) {
        let hint = "write state: on as well".to_owned();
        fields.problems.at(&from.place, "from without state: on", Some(hint));
    }
}

fn enforcement_schema() -> Value {
    let mut schema = keys::mapping(&ENFORCEMENT);
    schema["dependentSchemas"] =
        json!({"from": {"required": ["state"], "properties": {"state": {"const": "on"}}}});
    schema
}

fn cap(
    fields: &mut Fields<'_>,
    node: &Node<'_>,
    kind: ExceptionKind,
) -> Option<Located<Option<Span>>> {
    if Fields::is_null(node) {
        return Some(Located::new(None, fields.at(node)));
    }
    let longest = kind.longest();
    let Content::Scalar(word) = &node.value else {
        fields.expected(node, "max", "a length of time such as 12h, or null for none");
        return None;
    };
    let span = fields.checked(node, Span::parse(&word.text))?;
    let message = match span.value {
        value if value > longest => {
            let kind = kind.as_str();
            format!("{value} is above {longest}: a cap may only shorten {kind} exceptions")
        }
        value if value == Span::seconds(0) => {
            "a cap of 0s would allow no exception at all".to_owned()
        }
        value => return Some(Located::new(Some(value), span.place)),
    };
    fields.problems.at(&span.place, message, None);
    None
}

fn member(fields: &mut Fields<'_>, node: &Node<'_>) -> MemberPolicy {
    let mut member = MemberPolicy::default();
    if Fields::is_null(node) {
        let hint = "write {} where it only is a member";
        fields.say(node.line, node.column, "nothing is said of this member", Some(hint));
        return member;
    }
    for entry in fields.map(node, "a member").unwrap_or_default() {
        let key = &entry.0;
        match &*key.word.text {
            "mfa" => fields.say(
                key.line,
                key.column,
                "unknown key \"mfa\" in a member",
                Some("the switch belongs to the whole account: it goes into the file for people, under users"),
            ),
            _ => fields.keys(std::slice::from_ref(entry), "a member", &MEMBER, &mut member),
        }
    }
    member
}

fn opt_out(fields: &mut Fields<'_>, node: &Node<'_>) -> Option<Located<OptOutRule>> {
    let place = fields.at(node);
    if let Content::Scalar(word) = &node.value {
        if word.text == "none" {
            return Some(Located::new(OptOutRule::None, place));
        }
        fields.expected(node, "opt_out", "none, or a mapping with message and until");
        return None;
    }
    let map = fields.map(node, "opt_out")?;
    let mut read = OptOutFields::default();
    fields.keys(map, "opt_out", &OPT_OUT, &mut read);
    let (message, until) = read;
    Some(Located::new(OptOutRule::Set { message, until }, place))
}
