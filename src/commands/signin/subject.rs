//! What the state says of somebody at the door.

use crate::cli::signin as cli;
use crate::commands::user::factor::Factor;
use crate::domain::decision::{Decision, Question, Requirement, Rule, decide};
use crate::domain::ids::{Login, UserId, UserRef};
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::report::answers::signin::SigninReport;
use crate::secret::line::UserSecrets;
use crate::store::signin::missing_line;
use crate::store::{Store, View};

/// Somebody at the door, in the light of one revision.
pub(super) struct Asked {
    pub(super) known: Option<(Login, User)>,
    pub(super) secrets: UserSecrets,
    pub(super) decision: Decision,
    pub(super) now: Time,
    /// The hash of the last record.
    pub(super) head: String,
}

impl Asked {
    /// Reads what the state says of them at `at`, or now.
    pub(super) fn read(
        view: &View,
        clock: Time,
        at: Option<Time>,
        entry: &cli::EntryArgs,
    ) -> Result<Asked> {
        let now = at.unwrap_or_else(|| clock.max(view.head().at));
        let org = view.org(&entry.org)?.ok_or_else(|| no_org(view, entry))?;
        if let Some(service) = entry.service.as_ref().filter(|name| !org.services.contains(*name)) {
            let message = format!("no service {service} in {}", entry.org);
            let error = Error::not_found(service, message);
            return Err(error.command(format!("org show {}", entry.org)));
        }
        let head = view.head().hash.clone();
        // Somebody unknown is answered like a stranger to the org.
        let stranger =
            Decision { requirement: Requirement::Denied, rule: Rule::NotAMember, until: None };
        let unknown =
            Asked { known: None, secrets: UserSecrets::default(), decision: stranger, now, head };
        let Some(login) = login_of(view, &entry.user)? else { return Ok(unknown) };
        let Some(user) = view.user(&login)? else { return Ok(unknown) };
        let service = entry.service.as_ref();
        let question = Question { user: &user, org_id: &entry.org, org: &org, service, at: now };
        let decision = decide(&question);
        let secrets = match decision.requirement {
            Requirement::Required => view.secrets(&login)?.unwrap_or_default(),
            _ => UserSecrets::default(),
        };
        Ok(Asked { known: Some((login, user)), secrets, decision, ..unknown })
    }

    /// The answer that needs no code.
    pub(super) fn report(&self, entry: &cli::EntryArgs) -> SigninReport {
        let (ok, reason) = match self.decision.requirement {
            Requirement::Exempt | Requirement::NotRequired | Requirement::Grace => (true, None),
            Requirement::Required => (false, Some("code-required")),
            Requirement::Enrol => (false, Some("enrol-first")),
            Requirement::Delegated => (false, Some("delegated")),
            Requirement::Denied => (false, Some("denied")),
        };
        SigninReport {
            ok,
            reason,
            requirement: self.decision.requirement.as_str(),
            rule: self.decision.rule.as_str(),
            until: self.decision.until,
            locked_until: None,
            recovery_codes_left: None,
            login: entry.user.to_string(),
        }
    }

    /// The local factor that is asked for, whose line must be there; none where none is
    /// asked for or kept here.
    pub(super) fn factor(&self, store: &Store) -> Result<Option<Factor>> {
        let Some((_, user)) = &self.known else { return Ok(None) };
        let factor = Factor::read(store, user, self.secrets.clone())?;
        match factor {
            Some(Factor { state: None, .. }) => Err(missing_line(&user.id)),
            factor => Ok(factor),
        }
    }

    pub(super) fn user_id(&self) -> Option<UserId> {
        self.known.as_ref().map(|(_, user)| user.id.clone())
    }

    pub(super) fn is(&self, id: &UserId) -> bool {
        self.known.as_ref().is_some_and(|(_, user)| user.id == *id)
    }
}

/// The error of an org that is not there, which is damage where the user is in it.
fn no_org(view: &View, entry: &cli::EntryArgs) -> Error {
    let is_member = || -> Result<bool> {
        let Some(login) = login_of(view, &entry.user)? else { return Ok(false) };
        let user = view.user(&login)?;
        Ok(user.is_some_and(|user| user.memberships.contains_key(&entry.org)))
    };
    match is_member() {
        Ok(true) => {
            let message = format!("{} is in {}, of which there is no file", entry.user, entry.org);
            Error::damaged(&entry.org, message).command("state check")
        }
        Ok(false) => {
            Error::not_found(&entry.org, format!("no org {}", entry.org)).command("org list")
        }
        Err(e) => e,
    }
}

fn login_of(view: &View, user: &UserRef) -> Result<Option<Login>> {
    match user {
        UserRef::Login(login) => Ok(Some(login.clone())),
        UserRef::Id(id) => view.owner(&Key::Id(id.clone())),
        UserRef::Mail(mail) => view.owner(&Key::mail(mail)),
    }
}
