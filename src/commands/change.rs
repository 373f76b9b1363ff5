//! How every change is made: load what it needs, ask the domain, stage, commit
//! once, report. `--dry-run` goes the same way and writes nothing.

use std::collections::BTreeSet;

use crate::cli::ChangeArgs;
use crate::domain::change::{Change, Context, OwnAccount, apply, consider, permit_others};
use crate::domain::ids::{Email, Login, OrgId, Text, UserId, UserRef};
use crate::domain::model::{Org, User};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::Refusal;
use crate::domain::rights::{Act, Actor};
use crate::domain::scope::{Key, Needs, Scope};
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::parallel;
use crate::secret::line::UserSecrets;
use crate::secret::seal::Sealed;
use crate::store::{Author, Committed, Edited, Meta, StateProblem, Transaction, View};

use super::session::Session;
use super::sight::{login, seen_owner};

/// The account that a name meant when a person was asked about it.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    /// Its login then.
    pub(super) login: Login,
    /// Its id, which stays when logins change hands.
    pub(super) id: UserId,
}

/// A change under way: the transaction, the scope that it loaded, and who acts.
pub(super) struct Stage<'s> {
    transaction: Transaction,
    scope: Scope,
    context: Context,
    author: Author,
    arguments: &'s ChangeArgs,
    /// The accounts that are the actor's own, once somebody asked.
    own_logins: Option<BTreeSet<Login>>,
    /// Files of evidence for the change to be made next; kept only if that changes something.
    offered: Vec<Vec<u8>>,
    /// When it is recorded.
    at: Time,
}

impl<'s> Stage<'s> {
    /// Begins a change as the operator that the session is.
    pub(super) fn begin(session: &Session<'_>, arguments: &'s ChangeArgs) -> Result<Stage<'s>> {
        let transaction = open(session, arguments)?;
        Stage::acting(session, transaction, arguments)
    }

    /// Begins a repair: what is damaged is made again first, and without that it
    /// may not even be known who acts. Returns what was wrong.
    pub(super) fn begin_repair(
        session: &Session<'_>,
        arguments: &'s ChangeArgs,
    ) -> Result<(Stage<'s>, Vec<StateProblem>)> {
        let store = session.live_store()?;
        let dry_run = arguments.dry_run;
        let mut transaction = if dry_run { store.dry_run() } else { store.begin_repair() }?;
        let wrong = transaction.rebuild()?;
        Ok((Stage::acting(session, transaction, arguments)?, wrong))
    }

    fn acting(
        session: &Session<'_>,
        transaction: Transaction,
        arguments: &'s ChangeArgs,
    ) -> Result<Stage<'s>> {
        let operators = transaction.view().operators()?;
        let (actor, author) = session.actor(&operators)?;
        Ok(Stage::new(session, transaction, arguments, actor, author))
    }

    /// The same, of which nothing is ever committed: to find out beforehand whether it
    /// would be refused.
    pub(super) fn rehearse(session: &Session<'_>, arguments: &'s ChangeArgs) -> Result<Stage<'s>> {
        let transaction = session.live_store()?.dry_run()?;
        let operators = transaction.view().operators()?;
        let (actor, author) = session.actor(&operators)?;
        Ok(Stage::new(session, transaction, arguments, actor, author))
    }

    /// Who acts.
    pub(super) fn actor(&self) -> &Actor {
        &self.context.actor
    }

    /// Begins a change that needs no operator: only who owns the state counts (recorded as `system`).
    pub(super) fn begin_as_system(
        session: &Session<'_>,
        arguments: &'s ChangeArgs,
    ) -> Result<Stage<'s>> {
        let transaction = open(session, arguments)?;
        let author = session.author("system")?;
        Ok(Stage::new(session, transaction, arguments, Actor::System, author))
    }

    fn new(
        session: &Session<'_>,
        transaction: Transaction,
        arguments: &'s ChangeArgs,
        actor: Actor,
        author: Author,
    ) -> Stage<'s> {
        let clock = session.clock();
        let now = clock.max(transaction.view().head().at);
        let context = Context { actor, now, clock, message: arguments.message.clone() };
        let (scope, own_logins, offered) = (Scope::default(), None, Vec::new());
        Stage { transaction, scope, context, author, arguments, own_logins, offered, at: now }
    }

    /// The state that the change began from.
    pub(super) fn view(&self) -> &View {
        self.transaction.view()
    }

    /// Whether nothing is to be written.
    pub(super) fn is_dry_run(&self) -> bool {
        self.arguments.dry_run
    }

    /// When the change is made: the later of the clock and the newest record.
    pub(super) fn now(&self) -> Time {
        self.context.now
    }

    /// What is kept sealed of a user; what was made so far counts.
    pub(super) fn secrets(&self, login: &Login) -> Result<UserSecrets> {
        Ok(self.transaction.secrets(login)?.unwrap_or_default())
    }

    /// Keeps something sealed of a user; it is part of the commit.
    ///
    /// # Errors
    /// `own-account` (5): nobody keeps a secret for their own account.
    pub(super) fn keep_secrets(&mut self, login: &Login, secrets: &UserSecrets) -> Result<()> {
        if self.own_logins()?.contains(login)
            && let Some(user) = self.view().user(login)?
        {
            self.context.actor.permit_other(login, &user, &self.view().operators()?)?;
        }
        self.transaction.keep_secrets(login, secrets);
        Ok(())
    }

    /// The accounts that are the actor's own.
    fn own_logins(&mut self) -> Result<&BTreeSet<Login>> {
        if self.own_logins.is_none() {
            let operators = self.view().operators()?;
            let own = self.context.actor.oneself(&operators);
            let login = |person: &UserId| self.view().owner(&Key::Id(person.clone())).transpose();
            self.own_logins = Some(own.persons().filter_map(login).collect::<Result<_>>()?);
        }
        Ok(self.own_logins.get_or_insert_default())
    }

    /// Keeps the same secrets encrypted with another key, everybody's alike.
    pub(super) fn keep_resealed(&mut self, login: &Login, secrets: &UserSecrets) {
        self.transaction.keep_secrets(login, secrets);
    }

    /// Keeps the check value of a new key; it is part of the commit.
    pub(super) fn keep_key_check(&mut self, check: Sealed) {
        self.transaction.keep_key_check(check);
    }

    /// A user that was loaded, as what was made so far left it.
    ///
    /// # Errors
    /// Not found (4).
    pub(super) fn user(&self, login: &Login) -> Result<&User> {
        Ok(self.scope.user(login).ok_or_else(|| Refusal::missing_user(login))?)
    }

    /// What a person wrote into a file of the state, after it was rebuilt.
    pub(super) fn accept(&self, path: &str) -> Result<Edited> {
        self.transaction.edited(path)
    }

    /// The change under way, for those who ask more of it than single changes do.
    pub(super) fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Who acts, and when.
    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// Stages what a plan made of objects, each under its own name.
    ///
    /// # Errors
    /// `own-account` (5), as of every change.
    pub(super) fn stage_all(&mut self, objects: &[Object]) -> Result<()> {
        self.permit_others(objects)?;
        self.transaction.stage(None, objects)
    }

    /// Own account, of objects that come of no single change.
    fn permit_others(&self, objects: &[Object]) -> Result<()> {
        let operators = self.view().operators()?;
        Ok(permit_others(objects, OwnAccount::Refused, &self.context.actor, &operators)?)
    }

    /// Stages what a plan made of one object.
    ///
    /// # Errors
    /// `own-account` (5), as of every change.
    pub(super) fn stage(&mut self, subject: &str, object: Object) -> Result<()> {
        self.permit_others(std::slice::from_ref(&object))?;
        self.transaction.stage(Some(subject), &[object])
    }

    /// Offers a file of evidence for the change that is made next: it is part of the commit
    /// only where that change is made and changes something.
    pub(super) fn offer_evidence(&mut self, bytes: Vec<u8>) {
        self.offered.push(bytes);
    }

    /// Asks for a right on the whole state, before anything is worked out.
    pub(super) fn permit_site(&self) -> Result<()> {
        Ok(self.context.actor.permit_site(Act::Site)?)
    }

    /// What is staged without the domain: evidence, secrets, files that are lost.
    pub(super) fn transaction_mut(&mut self) -> &mut Transaction {
        &mut self.transaction
    }

    /// The login that a reference means.
    ///
    /// # Errors
    /// Not found (4).
    pub(super) fn login(&self, user: &UserRef) -> Result<Login> {
        login(self.view(), self.actor(), user)
    }

    /// An account as a person is asked about it, who may answer much later.
    ///
    /// # Errors
    /// Not found (4).
    pub(super) fn account(&self, login: Login) -> Result<Meant> {
        let user = self.view().user(&login)?.ok_or_else(|| Refusal::missing_user(&login))?;
        Ok(Meant { login, id: user.id })
    }

    /// The login of an account. With `meant`, it must still be the account that a person was
    /// asked about or shown.
    ///
    /// # Errors
    /// Not found (4); busy (6): the name means another account by now.
    pub(super) fn still(&self, user: &UserRef, meant: Option<&Meant>) -> Result<Login> {
        let login = self.login(user)?;
        let Some(meant) = meant else { return Ok(login) };
        if self.account(login.clone())?.id == meant.id {
            return Ok(login);
        }
        let message = format!("{user} names another account than when the command began");
        Err(Error::new(Kind::Busy, "busy", message).about(user).words("run it again"))
    }

    /// The same for a name in a list: where no login is spelled so, it may be the address of
    /// an account in sight.
    pub(super) fn login_or_address(&self, user: &UserRef) -> Result<Login> {
        if let UserRef::Login(login) = user
            && let Ok(mail) = Email::parse(login.as_str())
            && self.view().user(login)?.is_none()
            && let Some(owner) = seen_owner(self.view(), self.actor(), &Key::mail(&mail))?
        {
            return Ok(owner);
        }
        self.login(user)
    }

    /// One user, if there is one; what was made so far counts.
    pub(super) fn known(&mut self, needs: &Needs, login: &Login) -> Result<Option<User>> {
        self.transaction.load(needs, &mut self.scope)?;
        Ok(self.scope.user(login).cloned())
    }

    /// One org, if there is one; what was made so far counts.
    pub(super) fn org(&mut self, id: &OrgId) -> Result<Option<&Org>> {
        let needs = Needs { orgs: [id.clone()].into(), ..Needs::default() };
        self.transaction.load(&needs, &mut self.scope)?;
        Ok(self.scope.org(id))
    }

    /// Makes changes none of which depends on another, and returns which were refused. Their
    /// needs are loaded at once; what was loaded before is forgotten.
    pub(super) fn make_all<C: Change>(&mut self, changes: &[C]) -> Result<Vec<Result<()>>> {
        let mut needs = Needs::default();
        changes.iter().for_each(|change| needs.extend(change.needs()));
        self.scope.forget_people();
        self.transaction.load(&needs, &mut self.scope)?;
        let (scope, context) = (&self.scope, &self.context);
        let decided = parallel::map_slice(changes, |change| consider(change, scope, context));
        let (mut objects, mut made) = (Vec::new(), Vec::with_capacity(changes.len()));
        for decided in decided {
            made.push(decided.map(|outcome| objects.extend(outcome.objects)).map_err(Into::into));
        }
        self.transaction.stage(None, &objects)?;
        Ok(made)
    }

    /// Whether an account that was loaded exists and is in sight.
    pub(super) fn sees(&self, login: &Login) -> bool {
        self.scope.user(login).is_some_and(|user| self.context.actor.sees(user))
    }

    /// Makes one change in the scope and stages what comes of it.
    pub(super) fn make(&mut self, change: &dyn Change) -> Result<Outcome> {
        let offered = std::mem::take(&mut self.offered);
        self.transaction.load(&change.needs(), &mut self.scope)?;
        let outcome = apply(change, &mut self.scope, &self.context)?;
        if change.mends_clock() {
            // A corrected clock is recorded with its own time; everything else never goes back.
            self.at = self.context.clock;
        }
        for bytes in offered.into_iter().filter(|_| outcome.changed()) {
            self.transaction.evidence(bytes);
        }
        if outcome.subject.is_empty() {
            for object in &outcome.objects {
                self.transaction
                    .stage(Some(&object.key().subject()), std::slice::from_ref(object))?;
            }
        } else {
            self.transaction.stage(Some(&outcome.subject), &outcome.objects)?;
        }
        Ok(outcome)
    }

    /// Puts the calendar of ends right where the clock stands before the newest record: ends
    /// that were recorded and have not come are in it again, and so are exceptions that left
    /// the lines of their users.
    pub(super) fn settle_calendar(&mut self) -> Result<()> {
        let clock = self.context.clock;
        if clock < self.context.now {
            self.transaction.bring_back(clock)?;
            self.transaction.settle_calendar(clock)?;
        }
        Ok(())
    }

    /// Forgets what was loaded: for changes of many users, whose scopes have nothing in common.
    pub(super) fn forget(&mut self) {
        self.offered.clear();
        self.scope.forget_people();
    }

    /// Commits what was staged as one record of `action` about `subject`.
    pub(super) fn commit(
        self,
        action: &str,
        subject: Option<String>,
        orgs: Vec<OrgId>,
    ) -> Result<Option<Committed>> {
        let message = self.arguments.message.clone();
        self.commit_saying(action, subject, orgs, message)
    }

    /// The same with a message that says more than what was typed.
    pub(super) fn commit_saying(
        self,
        action: &str,
        subject: Option<String>,
        orgs: Vec<OrgId>,
        message: Option<Text>,
    ) -> Result<Option<Committed>> {
        self.transaction.commit(Meta {
            author: self.author,
            action: action.to_owned(),
            subject,
            message,
            ticket: self.arguments.ticket.clone(),
            at: self.at,
            orgs,
        })
    }
}

fn open(session: &Session<'_>, arguments: &ChangeArgs) -> Result<Transaction> {
    let store = session.live_store()?;
    if arguments.dry_run { store.dry_run() } else { store.begin() }
}
