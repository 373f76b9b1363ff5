//! `state migrate`.

use serde_json::{Value, json};

use super::finish::finish;
use crate::cli::state as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::domain::change::{Keep, OwnAccount};
use crate::domain::outcome::Object;
use crate::error::Result;

const ACTION: &str = "state.migrate";

/// `state migrate`.
pub(super) fn migrate(session: &Session<'_>, args: &cli::MigrateArgs) -> Result<Answer> {
    let mut stage = Stage::begin(session, &args.change)?;
    stage.permit_site()?;
    let from = stage.transaction().format();
    let steps = stage.transaction_mut().migrate()?;
    let to = u64::from(from) + steps as u64;
    let (mut objects, mut summary) =
        (Vec::new(), format!("format {from} is the newest: there is nothing to do"));
    if steps > 0 {
        let (before, after): (Value, Value) = (json!({"format": from}), json!({"format": to}));
        objects.push(Object::State { what: "migrate", before, after });
        summary = format!("the state has format {to}");
    }
    let own_account = OwnAccount::Refused;
    let keep = Keep { action: ACTION, summary, objects, warnings: Vec::new(), own_account };
    finish(session, stage, &keep)
}
