//! The state as plans look at it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::scope::{Needs, Scope};
use crate::error::{Error, Result};
use crate::policy::plan::Facts;
use crate::store::Transaction;

/// So many names are looked for in a line before it is parsed; with more, most lines have one.
const FEW: usize = 8;

/// One revision, under the lock of a transaction in which nothing is staged yet.
pub(super) struct StateFacts<'a>(pub(super) &'a Transaction);

impl Facts for StateFacts<'_> {
    type Error = Error;

    fn load(&mut self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        self.0.load(needs, scope)
    }

    fn each_member(
        &mut self,
        orgs: &BTreeSet<OrgId>,
        visit: &mut dyn FnMut(&Login, &User),
    ) -> Result<()> {
        if orgs.is_empty() {
            return Ok(());
        }
        let mut scan = self.0.view().scan()?;
        if orgs.len() <= FEW {
            let names: Vec<String> = orgs.iter().map(|org| format!("\"{org}\"")).collect();
            scan = scan.only_lines(move |line| names.iter().any(|name| line.contains(&**name)));
        }
        scan.for_each(|login, user| {
            if user.memberships.keys().any(|org| orgs.contains(org)) {
                visit(login, user);
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}
