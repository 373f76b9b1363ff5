//! `policy export`: the policy that describes the state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::policy::ExportPolicyArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::sight::{seen_orgs, with_people};
use crate::domain::ids::OrgId;
use crate::error::{Error, Kind, Result};
use crate::policy::export::{OrgExport, UsersExport};
use crate::report::answers::policy::WrittenFile;

/// The file that the first line of every policy names.
const SCHEMA: &str = "mfactl-policy.schema.json";

/// `policy export`.
pub(super) fn export(session: &Session<'_>, args: &ExportPolicyArgs) -> Result<Answer> {
    let (mut view, actor, now) = session.view_past(&args.read)?;
    let orgs = seen_orgs(&view, &actor, &args.orgs)?;
    if args.out.is_none() && (args.orgs.is_empty() || orgs.len() != 1) {
        let message = "several files do not fit on stdout";
        return Err(Error::usage(message)
            .words("write them into a folder with --out DIR, or name one org with --org ORG"));
    }
    let mut exports: BTreeMap<&OrgId, OrgExport<'_>> =
        orgs.iter().map(|(id, org)| (id, OrgExport::new(id, org, now))).collect();
    let mut people = UsersExport::default();
    let with_people = with_people(&args.orgs, &actor) && !args.no_members;
    if !args.no_members {
        let progress = session.reading();
        let mut scan = view.scan()?;
        view.release();
        if let [org] = &args.orgs[..] {
            let name = format!("\"{org}\"");
            scan = scan.only_lines(move |line| line.contains(&name));
        }
        for person in scan.flat_map(|login, user| Some((login, user))) {
            let (login, user) = person?;
            progress.one();
            for org in user.memberships.keys() {
                exports.get_mut(org).into_iter().for_each(|export| export.add(&login, &user));
            }
            if with_people {
                people.add(&login, &user);
            }
        }
    }
    if let Some((id, _)) = exports.iter().find(|(_, export)| !export.fits()) {
        return Err(too_large(&format!("the policy of {id} with its members")));
    }
    if !people.fits() {
        return Err(too_large("the policy for people"));
    }
    // No lock is held while a person is asked and files are written.
    drop(view);
    let Some(dir) = &args.out else {
        let text: String = exports.into_values().map(OrgExport::text).collect();
        return Ok(Answer::raw(text.into_bytes()));
    };
    let mut files: Vec<ExportedFile> = Vec::new();
    for (id, export) in exports {
        files.push(ExportedFile::new(format!("{id}.yaml"), format!("the org {id}"), export.text()));
    }
    if with_people && !people.is_empty() {
        // No org's name begins so.
        let taken = orgs.contains_key("users");
        let name = if taken { "_users.yaml" } else { "users.yaml" };
        files.push(ExportedFile::new(name, "people", people.text()));
    }
    files.push(ExportedFile::new(SCHEMA, "the JSON Schema, for editors", super::schema_text()));
    write(session, dir, files)
}

/// What no policy can hold: the reader takes 64 MiB a file, and one file an org.
fn too_large(what: &str) -> Error {
    let message = format!("{what} would be larger than the 64 MiB that a policy file may have");
    Error::new(Kind::Usage, "too-large", message)
        .words("what a policy does not name is not managed: --no-members leaves people out")
}

struct ExportedFile {
    name: String,
    what: String,
    text: String,
}

impl ExportedFile {
    fn new(name: impl Into<String>, what: impl Into<String>, text: String) -> ExportedFile {
        ExportedFile { name: name.into(), what: what.into(), text }
    }
}

fn write(session: &Session<'_>, dir: &Path, files: Vec<ExportedFile>) -> Result<Answer> {
    let env = session.env();
    if env.is_in_state(dir) {
        let shown = dir.display();
        let message = format!("{shown} lies in the state directory, where only mfactl writes");
        return Err(Error::usage(message).about(shown));
    }
    let paths: Vec<PathBuf> = files.iter().map(|file| dir.join(&file.name)).collect();
    let mut there: Vec<&PathBuf> = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with(SCHEMA)) {
        if env.is_there(path)? {
            there.push(path);
        }
    }
    if let Some(first) = there.first() {
        let more = match there.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        session.confirm(&format!("write over {}{more}?", first.display()))?;
    }
    env.make_folder(dir)?;
    env.write_all_named(paths.iter().cloned().zip(files.iter().map(|file| file.text.as_bytes())))?;
    let rows: Vec<WrittenFile> = paths
        .iter()
        .zip(files)
        .map(|(path, file)| WrittenFile { file: path.display().to_string(), what: file.what })
        .collect();
    let made = !rows.is_empty();
    Ok(Answer::list(rows, "nothing to export").made(made))
}
