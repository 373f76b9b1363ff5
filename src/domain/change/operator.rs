//! Operators: adding, editing, removing. Nobody changes their own entry.

use std::collections::BTreeSet;

use super::own_account::sets_person_once;
use super::{Change, Context, invalid, seen, seen_org};
use crate::domain::ids::{Login, OperatorName, OrgId, OsUser, UserId};
use crate::domain::model::{Operator, OperatorRole, Operators};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Adds an operator.
#[derive(Debug, Clone)]
pub struct AddOperator {
    /// Its name.
    pub name: OperatorName,
    /// The OS users that are this operator.
    pub os_users: BTreeSet<OsUser>,
    /// The operator's own account; none for a machine account.
    pub person: Option<Login>,
    /// Whether it is a machine account.
    pub service: bool,
    /// What it may do.
    pub roles: BTreeSet<OperatorRole>,
}

/// Changes an operator; what is `None` or empty stays.
#[derive(Debug, Clone, Default)]
pub struct EditOperator {
    /// Which; none is a mistake of the caller.
    pub name: Option<OperatorName>,
    /// OS users to add.
    pub add_os_users: BTreeSet<OsUser>,
    /// OS users to take away.
    pub remove_os_users: BTreeSet<OsUser>,
    /// The operator's own account.
    pub person: Option<Login>,
    /// Roles to add.
    pub add_roles: BTreeSet<OperatorRole>,
    /// Roles to take away.
    pub remove_roles: BTreeSet<OperatorRole>,
}

/// Takes an operator away.
#[derive(Debug, Clone)]
pub struct RemoveOperator {
    /// Which.
    pub name: OperatorName,
}

fn missing(name: &OperatorName) -> Refusal {
    Refusal::new(RefusalCode::NotFound, name, format!("no operator {name}"))
        .command("operator list")
}

/// The operator's entry, if there is one. Who may not read the operators learns nothing of
/// which there are: own account is asked, and then the right.
fn known<'a>(
    scope: &'a Scope,
    context: &Context,
    name: &OperatorName,
) -> Result<&'a Operator, Refusal> {
    let operator = scope.operators.operators.get(name);
    if !context.actor.reads_everything() {
        context.actor.permit_other_entry(name, operator, &scope.operators)?;
        context.actor.permit_site(Act::Operators)?;
    }
    operator.ok_or_else(|| missing(name))
}

/// The last site-admin must stay; a machine account is none that could administer.
fn refuse_last(operators: &Operators, name: &OperatorName) -> Result<(), Refusal> {
    let others = operators.operators.iter().filter(|(other, _)| *other != name);
    if others.into_iter().any(|(_, operator)| operator.is_site_admin() && !operator.service) {
        return Ok(());
    }
    let message = format!("{name} is the last operator with the role site-admin");
    Err(Refusal::new(RefusalCode::LastAdministrator, name, message)
        .command("operator add NAME --os-user U --user LOGIN --role site-admin"))
}

fn person(scope: &Scope, context: &Context, login: &Login) -> Result<UserId, Refusal> {
    seen(scope, context, login).map(|user| user.id.clone())
}

fn see_orgs(
    scope: &Scope,
    context: &Context,
    roles: &BTreeSet<OperatorRole>,
) -> Result<(), Refusal> {
    orgs_of(roles).try_for_each(|org| seen_org(scope, context, org).map(|_| ()))
}

fn needs_os_user(name: &OperatorName, operator: &Operator) -> Result<(), Refusal> {
    if operator.os_users.is_empty() {
        return Err(invalid(name, "an operator needs an OS user: nobody could be it without"));
    }
    Ok(())
}

fn orgs_of(roles: &BTreeSet<OperatorRole>) -> impl Iterator<Item = &OrgId> {
    roles.iter().filter_map(OperatorRole::org)
}

/// One OS user may be several operators, and says which with `--as`. Somebody who
/// was only one till now has to begin to: worth a warning.
fn shared_os_users(
    outcome: Outcome,
    operators: &Operators,
    name: &OperatorName,
    os_users: &BTreeSet<OsUser>,
) -> Outcome {
    os_users.iter().fold(outcome, |outcome, os_user| {
        let others = operators.operators.iter().filter(|(other, _)| *other != name);
        let others: Vec<&str> = others
            .filter(|(_, operator)| operator.os_users.contains(os_user))
            .map(|(other, _)| other.as_str())
            .collect();
        if others.is_empty() {
            return outcome;
        }
        outcome.warning(format!(
            "the OS user {os_user} is the operator {} too, and must say which with --as from now on",
            others.join(", ")
        ))
    })
}

impl AddOperator {
    /// As long as an operator has no person, nobody can tell whether two operators are one.
    fn refuse_unnamed(&self, scope: &Scope) -> Result<(), Refusal> {
        let unnamed = |operator: &Operator| !operator.service && operator.person.is_none();
        let Some((other, _)) = scope.operators.operators.iter().find(|(_, o)| unnamed(o)) else {
            return Ok(());
        };
        let message =
            format!("cannot add operator {}: the operator {other} has no person yet", self.name);
        Err(Refusal::new(RefusalCode::NotPermitted, &self.name, message)
            .command(format!("operator edit {other} --user LOGIN")))
    }
}

impl Change for AddOperator {
    fn needs(&self) -> Needs {
        Needs {
            users: self.person.iter().cloned().collect(),
            orgs: orgs_of(&self.roles).cloned().collect(),
            ..Needs::default()
        }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let name = &self.name;
        let person = self.person.as_ref().map(|login| person(scope, context, login)).transpose()?;
        see_orgs(scope, context, &self.roles)?;
        let operator = Operator {
            os_users: self.os_users.clone(),
            roles: self.roles.clone(),
            person,
            service: self.service,
        };
        context.actor.permit_other_entry(name, [&operator], &scope.operators)?;
        context.actor.permit_site(Act::Operators)?;
        if operator.person.is_some() == self.service {
            return Err(invalid(
                name,
                "an operator is a person (--user LOGIN) or a machine (--service)",
            ));
        }
        if scope.operators.operators.contains_key(name) {
            let message = format!("the operator {name} is there already");
            return Err(Refusal::new(RefusalCode::Exists, name, message)
                .command(format!("operator show {name}")));
        }
        self.refuse_unnamed(scope)?;
        needs_os_user(name, &operator)?;
        let objects =
            vec![Object::Operator { name: name.clone(), before: None, after: Some(operator) }];
        let outcome =
            Outcome::done("operator.add", name, format!("the operator {name} is added"), objects)
                .within(orgs_of(&self.roles).cloned())
                .effective(TakesEffect::Now);
        Ok(shared_os_users(outcome, &scope.operators, name, &self.os_users))
    }
}

impl EditOperator {
    fn after(&self, operator: &Operator, person: Option<UserId>) -> Operator {
        let mut after = operator.clone();
        after.os_users.extend(self.add_os_users.iter().cloned());
        after.os_users.retain(|user| !self.remove_os_users.contains(user));
        after.roles.extend(self.add_roles.iter().cloned());
        after.roles.retain(|role| !self.remove_roles.contains(role));
        after.person = person.or(after.person);
        after
    }
}

impl Change for EditOperator {
    fn needs(&self) -> Needs {
        Needs {
            users: self.person.iter().cloned().collect(),
            orgs: orgs_of(&self.add_roles).cloned().collect(),
            ..Needs::default()
        }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "operator.edit";
        let name = self.name.as_ref().ok_or_else(|| invalid("operator", "no operator is named"))?;
        let operator = known(scope, context, name)?;
        let person = self.person.as_ref().map(|login| person(scope, context, login)).transpose()?;
        see_orgs(scope, context, &self.add_roles)?;
        let after = self.after(operator, person);
        if !sets_person_once(Some(operator), Some(&after)) {
            context.actor.permit_other_entry(name, [operator, &after], &scope.operators)?;
        }
        context.actor.permit_site(Act::Operators)?;
        if after == *operator {
            let summary = format!("nothing of the operator {name} is to be changed");
            return Ok(Outcome::unchanged(ACTION, name, summary));
        }
        if after.service && after.person.is_some() {
            return Err(invalid(name, "a machine account has no person"));
        }
        needs_os_user(name, &after)?;
        if operator.is_site_admin() && !after.is_site_admin() {
            refuse_last(&scope.operators, name)?;
        }
        let new: BTreeSet<OsUser> =
            after.os_users.difference(&operator.os_users).cloned().collect();
        let objects = vec![Object::Operator {
            name: name.clone(),
            before: Some(operator.clone()),
            after: Some(after),
        }];
        let outcome =
            Outcome::done(ACTION, name, format!("the operator {name} is changed"), objects)
                .effective(TakesEffect::Now);
        Ok(shared_os_users(outcome, &scope.operators, name, &new))
    }
}

impl Change for RemoveOperator {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let name = &self.name;
        let operator = known(scope, context, name)?;
        context.actor.permit_other_entry(name, [operator], &scope.operators)?;
        context.actor.permit_site(Act::Operators)?;
        if operator.is_site_admin() {
            refuse_last(&scope.operators, name)?;
        }
        let objects = vec![Object::Operator {
            name: name.clone(),
            before: Some(operator.clone()),
            after: None,
        }];
        Ok(Outcome::done(
            "operator.remove",
            name,
            format!("the operator {name} is removed"),
            objects,
        )
        .effective(TakesEffect::Now))
    }
}
