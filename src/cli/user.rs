//! `mfactl user`: accounts, their switch, memberships and enrolment.

mod account;
mod factor;
mod membership;
mod secret;

use clap::{Args, Subcommand};

pub use account::{AddUserArgs, EditUserArgs, ImportUsersArgs, RenameUserArgs};
pub use factor::{AskedBy, SetMfaArgs};
pub use membership::{
    EditMembershipArgs, InOrg, JoinOrgArgs, JoinPlace, LeaveOrgArgs, OptInArgs, OptOutArgs,
    OptOutRowArgs, OptOutTerms, SetRoleArgs,
};

pub use secret::{ConfirmUserArgs, EnrolUserArgs, NewCodesArgs, ShowSecretsArgs};

use super::deferred::Deferred;
use super::shared_args::{ChangeArgs, Many, ReadArgs};
use super::value::Where;
use crate::domain::ids::{OrgId, Text, UserRef};

/// The verbs of `user`.
#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Add an account
    #[command(after_help = "Examples:
  mfactl user add new.starter --name 'New Starter' --org st-marys --mfa on
  mfactl user add locum --sign-in sso --provider entra --org st-marys:member")]
    Add(Deferred<AddUserArgs>),
    /// Change name, e-mail address or way of signing in
    #[command(after_help = "Examples:
  mfactl user edit alice.jones --name 'Alice Jones-Hughes'
  mfactl user edit alice.jones --sign-in sso --provider entra")]
    Edit(Deferred<EditUserArgs>),
    /// Give an account another login; its id stays
    #[command(after_help = "Examples:
  mfactl user rename alice.jones alice.hughes")]
    Rename(Deferred<RenameUserArgs>),
    /// Remove an account for good
    #[command(after_help = "Examples:
  mfactl user remove gbq --yes")]
    Remove(Deferred<OneUserArgs>),
    /// Let accounts sign in again
    #[command(after_help = "Examples:
  mfactl user activate sion.d nerys.glynmarch")]
    Activate(Deferred<ManyUsersArgs>),
    /// Deny accounts everywhere, without removing them
    #[command(after_help = "Examples:
  mfactl user deactivate gbq -m 'left on 30 November'")]
    Deactivate(Deferred<ManyUsersArgs>),
    /// Take accounts over from CSV, all in one revision
    #[command(after_help = "Examples:
  mfactl user import fixtures/hospital.csv --create-orgs --update
  mfactl user import - --init --create-orgs

The header names the columns, out of login, id, name, email, sign_in, provider,
mfa, orgs (acme:admin;globex), active, enrolled (a date; the method is external).")]
    Import(Deferred<ImportUsersArgs>),
    /// Show one account: switch, enrolment, memberships, exceptions
    #[command(after_help = "Examples:
  mfactl user show alice.jones
  mfactl user show mail:alice.jones@st-marys.example -o json")]
    Show(Deferred<ShowUserArgs>),
    /// List accounts
    #[command(after_help = "Examples:
  mfactl user list --org st-marys --where mfa=off,active=yes
  mfactl user list -o jsonl")]
    List(Deferred<ListUsersArgs>),
    /// Export accounts as CSV that user import --update takes back without a change
    #[command(after_help = "Examples:
  mfactl user export
  mfactl user export --org st-marys --where active=yes

The columns are those of user import. Texts that a spreadsheet would run as a formula
begin with a ', which the import takes away again.")]
    Export(Deferred<ExportUsersArgs>),
    /// Find accounts by a part of login, name, id or e-mail address
    #[command(after_help = "Examples:
  mfactl user find jones
  mfactl user find jones -o csv")]
    Find(Deferred<FindUsersArgs>),
    /// Switch MFA on or off for accounts
    #[command(after_help = "Examples:
  mfactl user set-mfa alice.jones on --requested-by 'Alice Jones'
  mfactl user set-mfa --where org=valley-gps,mfa=off on --dry-run")]
    SetMfa(Deferred<SetMfaArgs>),
    /// Opt memberships of one org out of MFA
    #[command(after_help = "Examples:
  mfactl user opt-out alice.jones --org st-marys --until +30d -m 'no phone on the ward'")]
    OptOut(Deferred<OptOutArgs>),
    /// End the opt-out of memberships of one org
    #[command(after_help = "Examples:
  mfactl user opt-in alice.jones --org st-marys")]
    OptIn(Deferred<OptInArgs>),
    /// Make accounts members of an org
    #[command(after_help = "Examples:
  mfactl user join alice.jones --org valley-gps --role helpdesk")]
    Join(Deferred<JoinOrgArgs>),
    /// End the membership of an org
    #[command(after_help = "Examples:
  mfactl user leave alice.jones --org northern-ambulance")]
    Leave(Deferred<LeaveOrgArgs>),
    /// Change what a member is in an org
    #[command(after_help = "Examples:
  mfactl user role alice.jones --org st-marys admin")]
    Role(Deferred<SetRoleArgs>),
    /// Change just the fields of a membership that a document names
    #[command(after_help = "Examples:
  mfactl user membership alice.jones --org st-marys --from-file membership.json
  mfactl user membership alice.jones --org st-marys --from-file - --dry-run

The document is JSON or YAML, such as {\"mfaOptOut\": true}. It names one or both of
mfaOptOut (or opt_out), true or false, and role: member, helpdesk or admin. What it
does not name stays as it is; an opt-out that is there already keeps its end.")]
    Membership(Deferred<EditMembershipArgs>),
    /// Clear the enrolment, so that a new one is asked for when MFA is needed
    #[command(after_help = "Examples:
  mfactl user reset alice.jones --ticket INC-20417
  mfactl user reset --from-file - --keep-going")]
    Reset(Deferred<ManyUsersArgs>),
    /// Let locked-out accounts try again; the enrolment stays
    #[command(after_help = "Examples:
  mfactl user unlock alice.jones --ticket INC-20418")]
    Unlock(Deferred<OneUserArgs>),
    /// Hand out a TOTP secret, or record the method that a user registered elsewhere
    #[command(after_help = "Examples:
  mfactl user enrol alice.jones
  mfactl user enrol alice.jones --verify-code -
  mfactl user enrol alice.jones --out alice.txt --png alice.png
  mfactl user enrol alice.jones --external authenticator-app

The secret is shown once: on a terminal, in new files (--out, --png, --svg), or in a
pipe with --reveal. It counts when user confirm has seen a code of it.
--verify-code answers twice, with the secret and then with the recovery codes:
as a table, or with -o jsonl in two lines. Stopped before the code, it leaves
the files of --out, --png and --svg, whose secret counts for nothing: remove
them, or name others.")]
    Enrol(Deferred<EnrolUserArgs>),
    /// Confirm an enrolment with a code of the app; prints the recovery codes once
    #[command(after_help = "Examples:
  mfactl user confirm alice.jones
  mfactl user confirm alice.jones --code-from - --out codes.txt")]
    Confirm(Deferred<ConfirmUserArgs>),
    /// Issue new recovery codes and print them once; the old ones are void
    #[command(after_help = "Examples:
  mfactl user codes alice.jones
  mfactl user codes alice.jones --out codes.txt")]
    Codes(Deferred<NewCodesArgs>),
}

/// A change of one account that needs nothing more.
#[derive(Debug, Clone, Args)]
pub struct OneUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// A change of many accounts that needs nothing more.
#[derive(Debug, Clone, Args)]
pub struct ManyUsersArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user show`.
#[derive(Debug, Clone, Args)]
pub struct ShowUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `user list`.
#[derive(Debug, Clone, Args)]
pub struct ListUsersArgs {
    /// Only members of this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Only users that meet all conditions: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes
    #[arg(long = "where", value_name = "CONDITIONS")]
    pub filter: Option<Where>,
    /// Sort jsonl by login too; costs memory
    #[arg(long)]
    pub sort: bool,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `user export`.
#[derive(Debug, Clone, Args)]
pub struct ExportUsersArgs {
    /// Only members of this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Only users that meet all conditions: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes
    #[arg(long = "where", value_name = "CONDITIONS")]
    pub filter: Option<Where>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `user find`.
#[derive(Debug, Clone, Args)]
pub struct FindUsersArgs {
    /// What to look for, without regard to case
    pub text: Text,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}
