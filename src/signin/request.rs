//! What a sign-in asks for.

use crate::domain::ids::{OrgId, Service, UserRef};

/// Who wants to enter what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The user, as typed.
    pub user: &'a UserRef,
    /// The org to be entered.
    pub org: &'a OrgId,
    /// The service to be entered; none in particular where none was named.
    pub service: Option<&'a Service>,
}
