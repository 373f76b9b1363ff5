//! Policy as code: what people decide about MFA, kept as files in a repository.
//!
//! - [`files`], [`read`]: from files to a [`Policy`], strictly, every problem with its file,
//!   line and column; and the JSON Schema, made from the same tables of keys.
//! - [`plan`]: what a policy would change in a state, classed, and the guards.
//! - [`assertions`]: tests of a policy, without any state.
//! - [`drift`]: what was changed by hand since a policy was applied.
//! - [`export`]: the policy that describes a state.
//! - [`render`]: plans, problems and test results for merge requests and CI systems.
//!
//! Pure but for [`files`]: the state comes in as values. This room imports from
//! the domain only.

mod applied_format;
pub mod assertions;
pub mod drift;
pub mod export;
pub mod files;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod model;
pub mod plan;
mod problem;
pub mod read;
pub mod render;
#[cfg(test)]
mod schema_tests;
mod yaml;

pub use files::PolicySource;
pub use model::{
    EnforcementPolicy, ExceptionRules, MemberPolicy, OptOutRule, OrgPolicy, Ownership, Policy,
    UserPolicy,
};
pub use problem::{Located, Place, Problem, Problems, SHOWN};
pub use read::schema;
