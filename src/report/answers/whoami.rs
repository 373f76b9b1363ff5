//! Who the person is to mfactl, for `operator whoami`.

use serde::Serialize;

use crate::report::format::text::{dash, names};
use crate::report::{Human, Page, Style};

/// The OS identity and the operator that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoAmI {
    /// The operator; none where the OS user is none.
    pub operator: Option<String>,
    /// What the operator may do, and where.
    pub roles: Vec<String>,
    /// The login of the operator's own account.
    pub person: Option<String>,
    /// Whether it is a machine account.
    pub service: bool,
    /// The OS user.
    pub os_user: String,
    /// Its number.
    pub uid: u32,
    /// How it was found: `loginuid`, `sudo` or `euid`.
    pub identity_from: String,
}

impl Human for WhoAmI {
    fn page(&self, _style: &Style) -> Page {
        let page = Page::new()
            .field("operator", dash(&self.operator))
            .field("roles", names(&self.roles))
            .field("person", dash(&self.person))
            .field("OS user", format!("{} (uid {})", self.os_user, self.uid))
            .field("found by", self.identity_from.as_str());
        if self.service { page.note("a machine account") } else { page }
    }
}
