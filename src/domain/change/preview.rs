//! What switching enforcement would do to the members of an org, counted one
//! member at a time, so that a million of them need no memory.

use crate::domain::decision::{Decision, Question, Requirement, Rule, decide};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Org, User};
use crate::domain::time::Time;

/// How many logins a list of names in a preview holds.
pub const NAMES: usize = 20;

/// How many logins the lists of those who must enrol hold: they are to be written to.
const MOST_TO_ENROL: usize = 10_000;

/// The effect on the members of an org, at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effect {
    /// All members.
    pub members: usize,
    /// Members whose account is not active: denied before and after.
    pub inactive: usize,
    /// Members that sign in through SSO: outside (R2).
    pub sso: usize,
    /// Members that are asked for a code and have one: before, after.
    pub required: (usize, usize),
    /// Members that must enrol at their next sign-in: before, after.
    pub must_enrol: (usize, usize),
    /// Who must enrol at the next sign-in, afterwards.
    pub enrol_now: NameSample,
    /// Who must enrol when their grace ends, afterwards.
    pub enrol_after_grace: NameSample,
    /// The last of those ends.
    pub last_grace: Option<Time>,
    /// Members in grace: before, after.
    pub in_grace: (usize, usize),
    /// Members exempt by an exception, after.
    pub exempt_by_exception: usize,
    /// Members exempt by an opt-out, after.
    pub exempt_by_opt_out: usize,
    /// Members of whom nothing is asked, after.
    pub not_required: usize,
    /// Opt-outs that stop working, counted, with the first of them by name.
    pub opt_outs_stopping: NameSample,
    /// Active members with the role admin.
    pub admins: usize,
    /// Those of them that would be let in, counted, with the first of them by name.
    pub admins_let_in: NameSample,
}

/// A count with the first names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameSample {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Login>,
}

impl NameSample {
    fn add(&mut self, login: &Login) {
        self.add_of(NAMES, login);
    }

    fn add_of(&mut self, most: usize, login: &Login) {
        self.count += 1;
        if self.first.len() < most {
            self.first.push(login.clone());
        }
    }
}

impl Effect {
    /// Counts one user, if a member of the org.
    pub fn add(
        &mut self,
        id: &OrgId,
        before: &Org,
        after: &Org,
        at: Time,
        login: &Login,
        user: &User,
    ) {
        if !user.memberships.contains_key(id) {
            return;
        }
        self.members += 1;
        let ask = |org| decide(&Question { user, org_id: id, org, service: None, at });
        let (was, is) = (ask(before), ask(after));
        self.count(was, is);
        if is.requirement == Requirement::Enrol {
            self.enrol_now.add_of(MOST_TO_ENROL, login);
        }
        if let Some(end) = is.until.filter(|_| is.requirement == Requirement::Grace) {
            let then = decide(&Question { user, org_id: id, org: after, service: None, at: end });
            if then.requirement == Requirement::Enrol {
                self.enrol_after_grace.add_of(MOST_TO_ENROL, login);
                self.last_grace = self.last_grace.max(Some(end));
            }
        }
        if was.rule == Rule::OptOut && is.rule != Rule::OptOut {
            self.opt_outs_stopping.add(login);
        }
        if user.is_active_admin_of(id) {
            self.admins += 1;
            if is.requirement.lets_in() {
                self.admins_let_in.add(login);
            }
        }
    }

    fn count(&mut self, was: Decision, is: Decision) {
        let both = |pair: &mut (usize, usize), requirement: Requirement| {
            pair.0 += usize::from(was.requirement == requirement);
            pair.1 += usize::from(is.requirement == requirement);
        };
        both(&mut self.required, Requirement::Required);
        both(&mut self.must_enrol, Requirement::Enrol);
        both(&mut self.in_grace, Requirement::Grace);
        match (is.requirement, is.rule) {
            (Requirement::Denied, _) => self.inactive += 1,
            (Requirement::Delegated, _) => self.sso += 1,
            (Requirement::Exempt, Rule::Exception) => self.exempt_by_exception += 1,
            (Requirement::Exempt, _) => self.exempt_by_opt_out += 1,
            (Requirement::NotRequired, _) => self.not_required += 1,
            _ => {}
        }
    }
}
