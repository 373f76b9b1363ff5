//! `mfactl policy`: what people decide about MFA, kept as files in a repository.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::{ChangeArgs, ReadArgs};
use crate::domain::ids::OrgId;

/// The verbs of `policy`.
#[derive(Debug, Clone, Subcommand)]
pub enum PolicyCommand {
    /// Read policy files and say everything that is wrong with them; needs no state
    #[command(after_help = "Examples:
  mfactl policy check policies/
  mfactl policy check policies/ -o github")]
    Check(Deferred<CheckPolicyArgs, true>),
    /// Say what a policy would change, with its class and its line; changes nothing
    #[command(after_help = "Examples:
  mfactl policy plan policies/
  mfactl policy plan policies/ -o markdown --out plan.json
  mfactl policy plan policies/ --exit-code -q")]
    Plan(Deferred<PlanPolicyArgs, true>),
    /// Make the state what a policy says, all of it in one revision
    #[command(after_help = "Examples:
  mfactl policy apply policies/ -m 'merge request 42'
  mfactl policy apply --plan plan.json --ticket MR-42
  mfactl policy apply policies/ --allow-weaken 3 -m 'pilot ends'
  mfactl policy apply policies/ --init --create-users")]
    Apply(Deferred<ApplyPolicyArgs>),
    /// Write the policy that describes the state
    #[command(after_help = "Examples:
  mfactl policy export --out policies/
  mfactl policy export --org st-marys")]
    Export(Deferred<ExportPolicyArgs>),
    /// List what was changed by hand since a policy was applied, by whom and when
    #[command(after_help = "Examples:
  mfactl policy drift
  mfactl policy drift --org st-marys --exit-code -o json")]
    Drift(Deferred<DriftPolicyArgs>),
    /// Try assertions about decisions against a policy; needs no state
    #[command(after_help = "Examples:
  mfactl policy test policies/ --tests tests/
  mfactl policy test policies/ --tests tests/ -o junit")]
    Test(Deferred<TestPolicyArgs, true>),
    /// Print the JSON Schema of policy files, for editors
    #[command(after_help = "Examples:
  mfactl policy schema")]
    Schema(Deferred<PolicySchemaArgs>),
}

impl PolicyCommand {
    /// Whether the answer is one for merge requests and CI systems.
    pub fn is_reviewed(&self) -> bool {
        matches!(self, PolicyCommand::Check(_) | PolicyCommand::Plan(_) | PolicyCommand::Test(_))
    }
}

/// `policy check`.
#[derive(Debug, Clone, Args)]
pub struct CheckPolicyArgs {
    /// Policy files, or folders of them (`-`: stdin)
    #[arg(required = true, value_name = "POLICY", value_hint = clap::ValueHint::AnyPath)]
    pub policies: Vec<PathBuf>,
}

/// What may be made on the way.
#[derive(Debug, Clone, Args)]
pub struct Creating {
    /// Add the users that the policy lists and that are not there
    #[arg(long)]
    pub create_users: bool,
    /// Add the orgs that the policy names and that are not there
    #[arg(long)]
    pub create_orgs: bool,
}

/// What is let pass although a guard stops it; each counted, each recorded.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Guards")]
pub struct Allowing {
    /// Let up to this many changes pass the guard max_changes
    #[arg(long, value_name = "N")]
    pub allow_changes: Option<u64>,
    /// Let up to this many weakenings pass the guard max_weaken
    #[arg(long, value_name = "N")]
    pub allow_weaken: Option<u64>,
    /// Let up to this many lock-outs pass the guard max_lock_out
    #[arg(long, value_name = "N")]
    pub allow_lock_out: Option<u64>,
    /// Let up to this many ended memberships pass the guard max_removals
    #[arg(long, value_name = "N")]
    pub allow_removals: Option<u64>,
    /// Let the enforcement of this org end or be put off; can be repeated
    #[arg(long = "allow-unenforce", value_name = "ORG")]
    pub allow_unenforce: Vec<OrgId>,
}

/// `policy plan`.
#[derive(Debug, Clone, Args)]
pub struct PlanPolicyArgs {
    /// Policy files, or folders of them (`-`: stdin)
    #[arg(required = true, value_name = "POLICY", value_hint = clap::ValueHint::AnyPath)]
    pub policies: Vec<PathBuf>,
    /// Keep the plan with its policy files in this file, for apply --plan
    #[arg(long, value_name = "PLAN", value_hint = clap::ValueHint::FilePath, conflicts_with = "at")]
    pub out: Option<PathBuf>,
    /// Exit 1 if there is anything to change
    #[arg(long)]
    pub exit_code: bool,
    /// What may be made.
    #[command(flatten)]
    pub creating: Creating,
    /// What is let pass.
    #[command(flatten)]
    pub allowing: Allowing,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `policy apply`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("policy").required(true).args(["policies", "plan"]))]
pub struct ApplyPolicyArgs {
    /// Policy files, or folders of them (`-`: stdin)
    #[arg(value_name = "POLICY", value_hint = clap::ValueHint::AnyPath)]
    pub policies: Vec<PathBuf>,
    /// A plan of policy plan --out: only what was reviewed is done
    #[arg(long, value_name = "PLAN", value_hint = clap::ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// Make the state directory first, if there is none; adds missing orgs
    #[arg(long)]
    pub init: bool,
    /// What may be made.
    #[command(flatten)]
    pub creating: Creating,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
    /// What is let pass.
    #[command(flatten)]
    pub allowing: Allowing,
}

/// `policy export`.
#[derive(Debug, Clone, Args)]
pub struct ExportPolicyArgs {
    /// Only this org [default: all orgs and the file for people]; can be repeated
    #[arg(long = "org", value_name = "ORG")]
    pub orgs: Vec<OrgId>,
    /// Write a file an org into this folder [default: stdout, for one org]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Leave out members and people: the settings of orgs alone
    #[arg(long)]
    pub no_members: bool,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `policy drift`.
#[derive(Debug, Clone, Args)]
pub struct DriftPolicyArgs {
    /// Only this org [default: all]; can be repeated
    #[arg(long = "org", value_name = "ORG")]
    pub orgs: Vec<OrgId>,
    /// Exit 1 if anything has drifted
    #[arg(long)]
    pub exit_code: bool,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `policy test`.
#[derive(Debug, Clone, Args)]
pub struct TestPolicyArgs {
    /// Policy files, or folders of them (`-`: stdin)
    #[arg(required = true, value_name = "POLICY", value_hint = clap::ValueHint::AnyPath)]
    pub policies: Vec<PathBuf>,
    /// Files of assertions, or folders of them; can be repeated
    #[arg(long, required = true, num_args = 1.., value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub tests: Vec<PathBuf>,
}

/// `policy schema`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct PolicySchemaArgs {}
