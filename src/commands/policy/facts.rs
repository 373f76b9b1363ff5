//! The state as plans look at it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{OwnedText, PolicyOf, User};
use crate::domain::scope::{Needs, Scope};
use crate::error::{Error, Result};
use crate::policy::plan::Facts;
use crate::store::Transaction;
use crate::ui::Progress;

/// Up to this many orgs, lines that name none of them are skipped before they are parsed.
const FEW: usize = 8;

/// One revision: that of a transaction in which nothing is staged yet.
pub(super) struct StateFacts<'a> {
    pub(super) transaction: &'a mut Transaction,
    /// Whether the lock of a question goes once all accounts are open.
    pub(super) releases: bool,
    pub(super) progress: Progress,
}

impl Facts for StateFacts<'_> {
    type Error = Error;

    fn load(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        self.transaction.load(needs, scope)
    }

    fn each_member(
        &mut self,
        orgs: &BTreeSet<OrgId>,
        visit: &mut dyn FnMut(&Login, &User),
    ) -> Result<()> {
        if orgs.is_empty() {
            return Ok(());
        }
        let mut scan = self.transaction.view().scan()?;
        if self.releases {
            self.transaction.release();
        }
        if orgs.len() <= FEW {
            let names: Vec<String> = orgs.iter().map(|org| format!("\"{org}\"")).collect();
            scan = scan.only_lines(move |line| names.iter().any(|name| line.contains(&**name)));
        }
        let of_orgs = |login: Login, user: User| {
            user.memberships.keys().any(|org| orgs.contains(org)).then_some((login, user))
        };
        for member in scan.flat_map(of_orgs) {
            let (login, user) = member?;
            self.progress.one();
            visit(&login, &user);
        }
        Ok(())
    }

    fn owned(&self, policy: &PolicyOf) -> Result<BTreeMap<String, OwnedText>> {
        self.transaction.view().owned(policy)
    }
}
