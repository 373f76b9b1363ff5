//! What an import did, for `user import`: a change of many accounts, counted.

use serde::Serialize;
use serde::ser::SerializeStruct;
use serde_json::json;

use crate::report::format::text::names;
use crate::report::{Human, Page, Style};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The revision that it made; none where nothing was written.
    pub rev: Option<u64>,
    /// Whether anything changed, or would on a dry run.
    pub changed: bool,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Accounts added.
    pub added: usize,
    /// Accounts brought up to date.
    pub updated: usize,
    /// Accounts that were so already.
    pub unchanged: usize,
    /// Orgs made.
    pub orgs_created: Vec<String>,
    /// What went wrong after the commit.
    pub warnings: Vec<String>,
}

impl Serialize for ImportReport {
    /// The fields of every change; what was counted is `after`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let after = json!({
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "orgs_created": self.orgs_created,
        });
        let mut object = serializer.serialize_struct("ImportReport", 9)?;
        object.serialize_field("rev", &self.rev)?;
        object.serialize_field("changed", &self.changed)?;
        object.serialize_field("action", "user.import")?;
        object.serialize_field("subject", &None::<String>)?;
        object.serialize_field("before", &None::<String>)?;
        object.serialize_field("after", &after)?;
        object.serialize_field("takes_effect", &self.changed.then_some("next-sign-in"))?;
        object.serialize_field("follow_up", &None::<String>)?;
        object.serialize_field("warnings", &self.warnings)?;
        object.end()
    }
}

impl Human for ImportReport {
    fn page(&self, _: &Style) -> Page {
        let count = self.added + self.updated;
        let accounts = format!("{count} account{}", if count == 1 { "" } else { "s" });
        let title = match (self.changed, self.dry_run) {
            (false, _) => "nothing to import: every account is so already".to_owned(),
            (true, false) => format!("{accounts} imported"),
            (true, true) => format!("{accounts} would be imported"),
        };
        let page = Page::new()
            .title(title)
            .field("added", self.added.to_string())
            .field("updated", self.updated.to_string())
            .field("unchanged", self.unchanged.to_string())
            .field("orgs created", names(&self.orgs_created))
            .maybe("revision", self.rev);
        if self.dry_run && self.changed { page.dry_run() } else { page }
    }
}
