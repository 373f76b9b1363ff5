//! Who acts, by the operators of a state: found by the OS user, or named with `--as`.

use crate::domain::ids::{OperatorName, OsUser};
use crate::domain::model::{Operator, Operators};
use crate::domain::rights::Actor;
use crate::error::{Error, Kind, Result};

fn actor_of(name: &OperatorName, operator: &Operator) -> Actor {
    Actor::Operator { name: name.clone(), operator: operator.clone() }
}

fn is(operator: &Operator, os_user: &str) -> bool {
    operator.os_users.iter().any(|user: &OsUser| user.as_str() == os_user)
}

/// `--as NAME`: root may be anybody, others only who they are.
pub(super) fn named(
    operators: &Operators,
    name: &OperatorName,
    os_user: &str,
    root: bool,
) -> Result<Actor> {
    match operators.operators.get(name) {
        Some(operator) if root || is(operator, os_user) => Ok(actor_of(name, operator)),
        // Who may not be NAME is not told whether there is one.
        _ if !root => Err(not_permitted(os_user, &format!("{os_user} is not the operator {name}"))),
        _ => Err(Error::not_found(name, format!("no operator {name}")).command("operator list")),
    }
}

/// The operator that the OS user is; root itself needs none.
///
/// # Errors
/// Not permitted (5): the OS user is not an operator. Usage (2): it is several.
pub(super) fn found(operators: &Operators, os_user: &str, root: bool) -> Result<Actor> {
    let mut mine = operators.operators.iter().filter(|(_, operator)| is(operator, os_user));
    match (mine.next(), mine.next()) {
        (Some((name, operator)), None) => Ok(actor_of(name, operator)),
        (Some((first, _)), Some((second, _))) => {
            let message =
                format!("{os_user} is several operators ({first}, {second}, …): say which");
            Err(Error::usage(message).about(os_user).words(format!("add --as {first}")))
        }
        (None, _) if root => Ok(Actor::Root),
        (None, _) => {
            Err(not_permitted(os_user, &format!("{os_user} is not an operator of this state")))
        }
    }
}

fn not_permitted(os_user: &str, message: &str) -> Error {
    Error::new(Kind::NotPermitted, "not-permitted", message)
        .about(os_user)
        .words("a site-admin adds operators with: mfactl operator add NAME --os-user U --user LOGIN --role ROLE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operators() -> Operators {
        let operator = |os: &[&str]| Operator {
            os_users: os.iter().map(|u| OsUser::parse(u).unwrap()).collect(),
            roles: Default::default(),
            person: None,
            service: false,
        };
        let entry = |name: &str, os: &[&str]| (OperatorName::parse(name).unwrap(), operator(os));
        Operators { operators: [entry("one", &["ann"]), entry("two", &["ann", "bob"])].into() }
    }

    #[test]
    fn who_acts_is_found_or_named() {
        let name = |name: &str| OperatorName::parse(name).unwrap();
        let all = operators();
        let kind = |result: Result<Actor>| result.map(|a| a.name().to_owned()).map_err(|e| e.kind);
        assert_eq!(kind(found(&all, "bob", false)), Ok("two".to_owned()));
        assert_eq!(kind(found(&all, "ann", false)), Err(Kind::Usage));
        assert_eq!(kind(found(&all, "eve", false)), Err(Kind::NotPermitted));
        assert_eq!(kind(found(&all, "root", true)), Ok("root".to_owned()));
        assert_eq!(kind(named(&all, &name("one"), "ann", false)), Ok("one".to_owned()));
        assert_eq!(kind(named(&all, &name("one"), "bob", false)), Err(Kind::NotPermitted));
        assert_eq!(kind(named(&all, &name("none"), "bob", false)), Err(Kind::NotPermitted));
        assert_eq!(kind(named(&all, &name("one"), "root", true)), Ok("one".to_owned()));
        assert_eq!(kind(named(&all, &name("none"), "root", true)), Err(Kind::NotFound));
    }
}
