//! The calendar of ends: what ends on which day or in which hour, and what waits
//! for approval.
//! It is derived from the users, whole enough to list live exceptions without
//! reading any user. An entry goes when its end has been recorded; whether
//! something has ended is never read from here but computed from the clock.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{ExceptionId, Login, OrgId, Text};
use super::model::{Exception, ExceptionKind, OptOut, User};
use super::time::Time;

/// Which entry: the page it stands on and its key there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueKey {
    /// The UTC day of the end (`yyyy-mm-dd`); of a short exception the hour
    /// (`yyyy-mm-ddThh`), because many of them end on one day; or [`REQUESTED`].
    pub page: String,
    /// `alice#3` for an exception, `alice acme` for the opt-out of a membership.
    pub entry: String,
}

/// The page of what waits for approval.
pub const REQUESTED: &str = "requested";

impl fmt::Display for DueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.page, self.entry)
    }
}

/// One entry: an exception or an opt-out with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueEntry {
    /// Whose it is.
    pub login: Login,
    /// The owner's name, for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// The orgs of the owner, for who may see it.
    pub member_of: Vec<OrgId>,
    /// What ends.
    pub what: DueWhat,
}

/// What ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DueWhat {
    /// An exception, live, scheduled or requested.
    Exception {
        /// Its number.
        number: u32,
        /// All of it.
        exception: Box<Exception>,
    },
    /// The opt-out of one membership.
    OptOut {
        /// The org.
        org: OrgId,
        /// All of it.
        opt_out: OptOut,
    },
}

impl DueEntry {
    /// The end, not itself part of the term; none for what waits for approval with a length.
    pub fn ends_at(&self) -> Option<Time> {
        match &self.what {
            DueWhat::Exception { exception, .. } => exception.ends_at,
            DueWhat::OptOut { opt_out, .. } => opt_out.until,
        }
    }

    /// The exception's id, if it is one.
    pub fn exception_id(&self) -> Option<ExceptionId> {
        match &self.what {
            DueWhat::Exception { number, .. } => {
                Some(ExceptionId { login: self.login.clone(), number: *number })
            }
            DueWhat::OptOut { .. } => None,
        }
    }
}

/// The entries that `user` has in the calendar as long as none of its ends was recorded.
pub fn entries(login: &Login, user: &User) -> BTreeMap<DueKey, DueEntry> {
    let entry = |what| DueEntry {
        login: login.clone(),
        name: user.name.clone(),
        member_of: user.memberships.keys().cloned().collect(),
        what,
    };
    let exceptions = user.exceptions.iter().filter_map(|(number, exception)| {
        let page = page_of(exception)?;
        let key = DueKey { page, entry: format!("{login}#{number}") };
        let what = DueWhat::Exception { number: *number, exception: Box::new(exception.clone()) };
        Some((key, entry(what)))
    });
    let opt_outs = user.memberships.iter().filter_map(|(org, membership)| {
        let opt_out = membership.opt_out.as_ref()?;
        let key = DueKey { page: opt_out.until?.day(), entry: format!("{login} {org}") };
        Some((key, entry(DueWhat::OptOut { org: org.clone(), opt_out: (**opt_out).clone() })))
    });
    exceptions.chain(opt_outs).collect()
}

fn page_of(exception: &Exception) -> Option<String> {
    match (&exception.ended, &exception.approved_by) {
        (Some(_), _) => None,
        (None, None) => Some(REQUESTED.to_owned()),
        (None, Some(_)) => exception.ends_at.map(|end| match exception.kind {
            ExceptionKind::Short => end.hour(),
            ExceptionKind::Long => end.day(),
        }),
    }
}
