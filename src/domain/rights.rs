//! Who may do what. Rights come from operators and from nothing else.

use std::collections::BTreeSet;

use super::ids::{Login, OperatorName, OrgId, OsUser, UserId};
use super::model::{Exception, Granter, Operator, OperatorRole, Operators, Role, User};
use super::refusal::{Refusal, RefusalCode};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// An operator.
    Operator {
        /// Its name.
        name: OperatorName,
        /// Its entry.
        operator: Operator,
    },
    /// Root itself, where the state has no operator for it: all rights, recorded as `root`.
    Root,
    /// The owner of the state or root, for sign-ins and for recording ends; recorded as `system`.
    System,
}

/// How much a role gives in an org, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Works at the org's helpdesk.
    Helpdesk,
    /// Administers the org.
    OrgAdmin,
    /// Administers everything.
    SiteAdmin,
}

/// Acts, as the rights table groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Grant a short exception, revoke a short one.
    ShortException,
    /// Reset, unlock, enrol, confirm, codes.
    Enrolment,
    /// Request a long exception.
    RequestLong,
    /// Grant, approve, reject or revoke a long exception; approve or reject a short one.
    Approve,
    /// The per-user switch.
    Switch,
    /// Opt-out, opt-in.
    OptOut,
    /// Enforcement.
    Enforce,
    /// Settings of an org.
    OrgSettings,
    /// Join, leave, role.
    Members,
    /// Policy of an org.
    OrgPolicy,
    /// Add, import, edit, rename, activate, deactivate accounts.
    Accounts,
    /// Add and remove orgs, org reasons for long exceptions.
    Orgs,
    /// Operators.
    Operators,
    /// Remove users.
    RemoveUser,
    /// Policy of users.
    UserPolicy,
    /// Keys, state, prune, convert.
    Site,
}

impl Act {
    /// Every act, for tests of the table.
    pub const ALL: [Act; 16] = [
        Act::ShortException,
        Act::Enrolment,
        Act::RequestLong,
        Act::Approve,
        Act::Switch,
        Act::OptOut,
        Act::Enforce,
        Act::OrgSettings,
        Act::Members,
        Act::OrgPolicy,
        Act::Accounts,
        Act::Orgs,
        Act::Operators,
        Act::RemoveUser,
        Act::UserPolicy,
        Act::Site,
    ];

    /// The least level that may do it: the rights table.
    pub fn least(self) -> Level {
        match self {
            Act::ShortException | Act::Enrolment | Act::RequestLong => Level::Helpdesk,
            Act::Approve
            | Act::Switch
            | Act::OptOut
            | Act::Enforce
            | Act::OrgSettings
            | Act::Members
            | Act::OrgPolicy
            | Act::Accounts => Level::OrgAdmin,
            Act::Orgs | Act::Operators | Act::RemoveUser | Act::UserPolicy | Act::Site => {
                Level::SiteAdmin
            }
        }
    }

    /// The act in words, after «may not».
    pub fn words(self) -> &'static str {
        match self {
            Act::ShortException => "grant or revoke short exceptions",
            Act::Enrolment => "reset, unlock or enrol",
            Act::RequestLong => "request long exceptions",
            Act::Approve => "decide about long or requested exceptions",
            Act::Switch => "switch MFA of a user",
            Act::OptOut => "opt members out or in",
            Act::Enforce => "switch enforcement",
            Act::OrgSettings => "change the settings",
            Act::Members => "change memberships",
            Act::OrgPolicy => "apply a policy",
            Act::Accounts => "add or edit accounts",
            Act::Orgs => "add, remove or widen orgs",
            Act::Operators => "change operators",
            Act::RemoveUser => "remove users",
            Act::UserPolicy => "apply a policy for users",
            Act::Site => "administer the state",
        }
    }
}

impl Actor {
    /// The name in the audit.
    pub fn name(&self) -> &str {
        match self {
            Actor::Operator { name, .. } => name.as_str(),
            Actor::Root => "root",
            Actor::System => "system",
        }
    }

    /// The user id of the operator's own person.
    pub fn person(&self) -> Option<&UserId> {
        match self {
            Actor::Operator { operator, .. } => operator.person.as_ref(),
            Actor::Root | Actor::System => None,
        }
    }

    /// For the record of an exception: enough to tell later whether somebody else approves it.
    pub fn granter(&self) -> Granter {
        let os_users = match self {
            Actor::Operator { operator, .. } => operator.os_users.clone(),
            Actor::Root | Actor::System => BTreeSet::new(),
        };
        Granter { operator: self.name().to_owned(), person: self.person().cloned(), os_users }
    }

    /// Everything that is the human being who acts, as far as `operators` tells: one OS user
    /// is one person, and so is one linked account.
    pub fn oneself<'a>(&'a self, operators: &'a Operators) -> Oneself<'a> {
        let mut own = Oneself::default();
        let Actor::Operator { name, operator } = self else { return own };
        own.add(name, operator, true);
        loop {
            let before = own.names.len();
            for (name, operator) in &operators.operators {
                if own.is(operator) {
                    // People share a machine account without being one person.
                    own.add(name, operator, !operator.service);
                }
            }
            if own.names.len() == before {
                return own;
            }
        }
    }

    fn roles(&self) -> Option<&BTreeSet<OperatorRole>> {
        match self {
            Actor::Operator { operator, .. } => Some(&operator.roles),
            Actor::Root | Actor::System => None,
        }
    }

    /// Whether the actor has all rights everywhere.
    pub fn is_site_admin(&self) -> bool {
        match self {
            Actor::Operator { operator, .. } => operator.is_site_admin(),
            Actor::Root => true,
            Actor::System => false,
        }
    }

    /// Whether the actor may read everything.
    pub fn reads_everything(&self) -> bool {
        self.is_site_admin()
            || self.roles().is_some_and(|roles| roles.contains(&OperatorRole::Auditor))
            || *self == Actor::System
    }

    /// What the actor is in one org.
    pub fn level_in(&self, org: &OrgId) -> Option<Level> {
        if self.is_site_admin() {
            return Some(Level::SiteAdmin);
        }
        let roles = self.roles()?;
        if roles.contains(&OperatorRole::Admin(org.clone())) {
            return Some(Level::OrgAdmin);
        }
        roles.contains(&OperatorRole::Helpdesk(org.clone())).then_some(Level::Helpdesk)
    }

    /// Whether the actor is a machine account, which may only apply policy and record ends.
    fn is_service(&self) -> bool {
        matches!(self, Actor::Operator { operator, .. } if operator.service)
    }

    /// The actor within a policy that it may apply ([`Act::OrgPolicy`], [`Act::UserPolicy`]):
    /// there a machine account makes the changes that its roles allow.
    #[must_use]
    pub fn applying_policy(&self) -> Actor {
        let mut actor = self.clone();
        if let Actor::Operator { operator, .. } = &mut actor {
            operator.service = false;
        }
        actor
    }

    /// Whether the actor may see this org.
    pub fn sees_org(&self, org: &OrgId) -> bool {
        self.reads_everything() || self.level_in(org).is_some()
    }

    /// Whether the actor may see this account: a member of an org of theirs.
    pub fn sees(&self, user: &User) -> bool {
        self.sees_members_of(user.memberships.keys())
    }

    /// Whether the actor may see an account with these orgs.
    pub fn sees_members_of<'a>(&self, orgs: impl IntoIterator<Item = &'a OrgId>) -> bool {
        self.reads_everything() || orgs.into_iter().any(|org| self.level_in(org).is_some())
    }

    /// Whether the actor may see this exception of an account in sight: it covers an org of theirs.
    pub fn sees_exception(&self, exception: &Exception) -> bool {
        self.sees_members_of(&exception.orgs)
    }

    /// Whether the actor may do `act` in `org`, as far as roles go.
    pub fn may_in(&self, act: Act, org: &OrgId) -> bool {
        self.allows(act) && self.level_in(org).is_some_and(|level| level >= act.least())
    }

    fn allows(&self, act: Act) -> bool {
        !self.is_service() || matches!(act, Act::OrgPolicy | Act::UserPolicy)
    }

    /// Asks for `act` in each of `orgs`; without any org it is for site-admins.
    ///
    /// # Errors
    /// `not-permitted`, naming the first org in which the actor may not.
    pub fn permit<'a>(
        &self,
        act: Act,
        orgs: impl IntoIterator<Item = &'a OrgId>,
    ) -> Result<(), Refusal> {
        let mut any = false;
        for org in orgs {
            any = true;
            if !self.may_in(act, org) {
                return Err(self.refuse_in(act, org));
            }
        }
        if any { Ok(()) } else { self.permit_site(act) }
    }

    /// Asks for `act` on everything.
    ///
    /// # Errors
    /// `not-permitted` where the actor is no site-admin.
    pub fn permit_site(&self, act: Act) -> Result<(), Refusal> {
        if self.is_site_admin() && self.allows(act) {
            return Ok(());
        }
        let message = format!("{} may not {}: it takes a site-admin", self.name(), act.words());
        Err(Refusal::new(RefusalCode::NotPermitted, self.name(), message)
            .command("operator whoami"))
    }

    /// Asks to read what concerns the whole state (audit, operators, files).
    ///
    /// # Errors
    /// `not-permitted` where the actor is neither site-admin nor auditor.
    pub fn permit_reading_everything(&self) -> Result<(), Refusal> {
        if self.reads_everything() {
            return Ok(());
        }
        let message =
            format!("{} may not read this: it takes a site-admin or an auditor", self.name());
        Err(Refusal::new(RefusalCode::NotPermitted, self.name(), message)
            .command("operator whoami"))
    }

    fn refuse_in(&self, act: Act, org: &OrgId) -> Refusal {
        // An org out of sight is not named: the account or exception says no more than that
        // there is another.
        if !self.sees_org(org) {
            let message = format!(
                "{} may not {}: it takes a role in every org concerned",
                self.name(),
                act.words()
            );
            return Refusal::new(RefusalCode::NotPermitted, self.name(), message)
                .command("operator whoami");
        }
        let least = match act.least() {
            Level::Helpdesk => format!("helpdesk:{org}"),
            Level::OrgAdmin => format!("admin:{org}"),
            Level::SiteAdmin => "site-admin".to_owned(),
        };
        let message =
            format!("{} may not {} in {org}: it takes the role {least}", self.name(), act.words());
        Refusal::new(RefusalCode::NotPermitted, org, message).command("operator whoami")
    }

    /// Asks whether the actor may touch this account: the account of an
    /// operator's person takes a site-admin, and a helpdesk (no more than that in
    /// one of `orgs`) acts on ordinary members only.
    ///
    /// # Errors
    /// `not-permitted`.
    pub fn permit_account<'a>(
        &self,
        login: &Login,
        user: &User,
        orgs: impl IntoIterator<Item = &'a OrgId>,
        operators: &Operators,
    ) -> Result<(), Refusal> {
        if self.is_site_admin() {
            return Ok(());
        }
        let refused = |why: &str| {
            let message = format!("{} may not act on {login}, {why}", self.name());
            Err(Refusal::new(RefusalCode::NotPermitted, login, message).command("operator whoami"))
        };
        if operators.operators.values().any(|o| o.person.as_ref() == Some(&user.id)) {
            return refused("who is an operator's person: it takes a site-admin");
        }
        let helpdesk = orgs.into_iter().any(|org| self.level_in(org) == Some(Level::Helpdesk));
        if helpdesk && user.memberships.values().any(|m| m.role != Role::Member) {
            return refused("who is more than a member somewhere: a helpdesk may not");
        }
        Ok(())
    }

    /// Asks whether the account is somebody else's than the actor's own: that of any operator
    /// who is the same person.
    ///
    /// # Errors
    /// `own-account`.
    pub fn permit_other(
        &self,
        login: &Login,
        user: &User,
        operators: &Operators,
    ) -> Result<(), Refusal> {
        let linked = |operator: &Operator| operator.person.as_ref() == Some(&user.id);
        // Few accounts are linked to any operator: the others need no closer look.
        let is_linked = self.person() == Some(&user.id) || operators.operators.values().any(linked);
        if !is_linked || !self.oneself(operators).persons.contains(&user.id) {
            return Ok(());
        }
        let message =
            format!("{login} is {}'s own account: somebody else has to do this", self.name());
        Err(Refusal::new(RefusalCode::OwnAccount, login, message)
            .words("ask a site-admin other than yourself"))
    }

    /// Asks whether an operator's entry is somebody else's, before and after a change of it.
    ///
    /// # Errors
    /// `own-account`.
    pub fn permit_other_entry<'a>(
        &self,
        name: &OperatorName,
        entries: impl IntoIterator<Item = &'a Operator>,
        operators: &Operators,
    ) -> Result<(), Refusal> {
        let own = self.oneself(operators);
        let message = match entries.into_iter().find(|entry| own.is(entry)) {
            _ if own.names.contains(name) => {
                format!("{name} is your own operator entry: somebody else has to change it")
            }
            Some(entry) => match entry.os_users.iter().find(|user| own.os_users.contains(user)) {
                Some(os_user) => format!(
                    "the OS user {os_user} is yours, and nobody changes their own operator entry: \
                     somebody else has to change {name}"
                ),
                None => format!(
                    "the linked account is yours, and nobody changes their own operator entry: \
                     somebody else has to change {name}"
                ),
            },
            None => return Ok(()),
        };
        Err(Refusal::new(RefusalCode::OwnAccount, name, message)
            .words("ask a site-admin other than yourself"))
    }
}

/// One human being, as far as the operators tell: every entry that shares an OS user or a
/// linked account with the one that acts, and every OS user and account of these.
#[derive(Debug, Default)]
pub struct Oneself<'a> {
    names: BTreeSet<&'a OperatorName>,
    os_users: BTreeSet<&'a OsUser>,
    persons: BTreeSet<&'a UserId>,
}

impl<'a> Oneself<'a> {
    fn add(&mut self, name: &'a OperatorName, operator: &'a Operator, with_os_users: bool) {
        self.names.insert(name);
        self.persons.extend(&operator.person);
        if with_os_users {
            self.os_users.extend(&operator.os_users);
        }
    }

    /// Whether an entry is that of the same person.
    fn is(&self, operator: &Operator) -> bool {
        operator.os_users.iter().any(|os_user| self.os_users.contains(os_user))
            || operator.person.as_ref().is_some_and(|person| self.persons.contains(person))
    }

    /// The ids of the accounts that are this person's own.
    pub fn persons(&self) -> impl Iterator<Item = &'a UserId> + '_ {
        self.persons.iter().copied()
    }

    /// Whether this person is the one who granted or requested something.
    pub fn is_granter(&self, granter: &Granter) -> bool {
        self.names.iter().any(|name| name.as_str() == granter.operator)
            || granter.person.as_ref().is_some_and(|person| self.persons.contains(person))
            || granter.os_users.iter().any(|os_user| self.os_users.contains(os_user))
    }
}
