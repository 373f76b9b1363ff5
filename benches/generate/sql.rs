//! The same data as CSV files, one a table of `benches/schema.sql`.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use csv::Writer;
use mfactl::domain::ids::{Login, OrgId};
use mfactl::domain::model::{Exception, Org, User};
use mfactl::domain::time::Time;
use rayon::prelude::*;

use crate::world::World;

type Done = Result<(), Box<dyn Error>>;

const BATCH: u32 = 8_192;

/// The files of the tables about users.
struct Tables {
    users: Writer<File>,
    memberships: Writer<File>,
    exceptions: Writer<File>,
    exception_orgs: Writer<File>,
}

/// Writes all tables into `dir`.
///
/// # Errors
/// What the system says.
pub fn write(dir: &Path, world: &World) -> Done {
    std::fs::create_dir_all(dir)?;
    let mut orgs = Writer::from_path(dir.join("orgs.csv"))?;
    for (id, row) in world.orgs() {
        org(&mut orgs, id, row)?;
    }
    orgs.flush()?;
    let mut tables = Tables {
        users: Writer::from_path(dir.join("users.csv"))?,
        memberships: Writer::from_path(dir.join("memberships.csv"))?,
        exceptions: Writer::from_path(dir.join("exceptions.csv"))?,
        exception_orgs: Writer::from_path(dir.join("exception_orgs.csv"))?,
    };
    let mut first = 0;
    while first < world.shape.users {
        let end = first.saturating_add(BATCH).min(world.shape.users);
        let made: Vec<(Login, User)> = (first..end)
            .into_par_iter()
            .map(|number| (world.login(number), world.user(number)))
            .collect();
        for (login, user) in &made {
            tables.user(login, user)?;
        }
        first = end;
    }
    tables.flush()
}

fn org(file: &mut Writer<File>, id: &OrgId, org: &Org) -> Done {
    let mandated: Vec<&str> = org.mandated_roles.iter().map(|role| role.as_str()).collect();
    file.write_record([
        id.as_str(),
        &text(&org.name),
        org.enforcement.state.as_str(),
        &time(org.enforcement.from),
        &org.grace_days.to_string(),
        &time(org.grace_from),
        org.opt_out.as_str(),
        &mandated.join(" "),
    ])?;
    Ok(())
}

impl Tables {
    fn user(&mut self, login: &Login, user: &User) -> Done {
        let set_by = user.mfa_set_by.as_ref();
        let method = user.enrolment.current.as_ref();
        self.users.write_record([
            login.as_str(),
            user.id.as_str(),
            &text(&user.name),
            &text(&user.email),
            user.sign_in.as_str(),
            &text(&user.provider),
            if user.active { "1" } else { "0" },
            user.mfa.as_str(),
            set_by.map_or("", |set| &set.by),
            &time(set_by.map(|set| set.at)),
            &time(user.enrolment.first_at),
            &text(&method.map(|of| of.method.to_string())),
            &time(method.map(|of| of.since)),
        ])?;
        for (org, of) in &user.memberships {
            let opt_out = of.opt_out.as_ref();
            self.memberships.write_record([
                login.as_str(),
                org.as_str(),
                of.role.as_str(),
                &of.joined_at.to_string(),
                opt_out.map_or("", |out| &out.by),
                &time(opt_out.map(|out| out.at)),
                &time(opt_out.and_then(|out| out.until)),
                &text(&opt_out.and_then(|out| out.message.clone())),
            ])?;
        }
        user.exceptions.iter().try_for_each(|(number, row)| self.exception(login, *number, row))
    }

    fn exception(&mut self, login: &Login, number: u32, row: &Exception) -> Done {
        let services: Vec<&str> = row.services.iter().flatten().map(AsRef::as_ref).collect();
        let evidence: Vec<&str> = row.evidence.iter().map(AsRef::as_ref).collect();
        let number = number.to_string();
        self.exceptions.write_record([
            login.as_str(),
            &number,
            row.kind.as_str(),
            &services.join(" "),
            row.reason.as_str(),
            row.follow_up.code().unwrap_or_default(),
            &evidence.join(" "),
            row.channel.as_str(),
            row.requested_by.as_str(),
            &row.recorded_by.operator,
            row.approved_by.as_deref().unwrap_or_default(),
            &row.starts_at.to_string(),
            &time(row.ends_at),
            "0",
        ])?;
        for org in &row.orgs {
            self.exception_orgs.write_record([login.as_str(), &number, org.as_str()])?;
        }
        Ok(())
    }

    fn flush(mut self) -> Done {
        let files = [
            &mut self.users,
            &mut self.memberships,
            &mut self.exceptions,
            &mut self.exception_orgs,
        ];
        files.into_iter().try_for_each(Writer::flush)?;
        Ok(())
    }
}

fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn time(time: Option<Time>) -> String {
    text(&time)
}
