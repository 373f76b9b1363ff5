//! `exception evidence`: what was handed in with an exception.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::exception::ShowEvidenceArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::sight::seen_exception;
use crate::domain::ids::FileName;
use crate::env::Output;
use crate::error::Result;
use crate::report::answers::evidence::{EvidenceRow, EvidenceStatus};
use crate::store::KeptEvidence;

/// What follows the last dot of a name is a part of it where it is longer (bytes).
const LONGEST_END: usize = 16;
/// A file without a name: it was handed in before names were kept, or by another program.
const UNNAMED: &str = "evidence";

/// `exception evidence`.
pub(super) fn evidence(session: &Session<'_>, args: &ShowEvidenceArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    let exception = seen_exception(&view, &actor, &args.exception)?;
    let mut pieces = Vec::new();
    for evidence in &exception.evidence {
        let is_url = evidence.is_url();
        let kept = if is_url { None } else { view.evidence(evidence.as_str())? };
        let status = match (&kept, is_url) {
            (Some(_), _) => EvidenceStatus::Kept,
            (None, true) => EvidenceStatus::Elsewhere,
            (None, false) => {
                view.evidence_was_removed(evidence.as_str())?;
                EvidenceStatus::Pruned
            }
        };
        let name = exception.evidence_names.get(evidence).cloned();
        let name = name.unwrap_or_else(|| FileName::of(Path::new(UNNAMED)));
        let row = EvidenceRow {
            id: args.exception.clone(),
            name: (!is_url).then(|| name.to_string()),
            url: is_url.then(|| evidence.clone()),
            size: None,
            sha256: (!is_url).then(|| evidence.clone()),
            handed_in_at: exception.recorded_at,
            status,
            file: None,
        };
        pieces.push(FoundEvidence { row, name, kept });
    }
    // The files are open: nobody who writes waits while they are read and copied.
    drop(view);
    for FoundEvidence { row, kept, .. } in &mut pieces {
        if let Some(kept) = kept {
            row.size = Some(kept.read()?.len() as u64);
        }
    }
    if let Some(dir) = &args.out {
        write(session, dir, &mut pieces)?;
    }
    let warnings = match &args.out {
        Some(_) => pieces.iter().filter_map(not_written).collect(),
        None => Vec::new(),
    };
    let rows: Vec<EvidenceRow> = pieces.into_iter().map(|piece| piece.row).collect();
    Ok(Answer::list(rows, "no evidence was handed in").warn(warnings))
}

/// A piece of evidence as it was found.
struct FoundEvidence {
    row: EvidenceRow,
    name: FileName,
    kept: Option<KeptEvidence>,
}

fn not_written(piece: &FoundEvidence) -> Option<String> {
    let EvidenceRow { name, url, status, .. } = &piece.row;
    match (status, name, url) {
        (EvidenceStatus::Pruned, Some(name), _) => {
            Some(format!("{name} was not written: audit prune removed it from the state"))
        }
        (EvidenceStatus::Elsewhere, _, Some(url)) => {
            Some(format!("{url} was not written: only its address was handed in"))
        }
        _ => None,
    }
}

/// Writes all files or none.
fn write(session: &Session<'_>, dir: &Path, pieces: &mut [FoundEvidence]) -> Result<()> {
    session.env().make_private_folder(dir)?;
    let mut taken = BTreeSet::new();
    let mut made: Vec<Output> = Vec::new();
    for FoundEvidence { row, name, kept } in pieces {
        let Some(kept) = kept else { continue };
        let path = dir.join(free_name(name, &mut taken));
        let mut file = session.new_output(&path)?;
        file.write(&kept.read()?)?;
        row.file = Some(path.display().to_string());
        made.push(file);
    }
    Output::put_all(&mut made)
}

/// The name to write a file under: two files of one name get different ones.
fn free_name(name: &FileName, taken: &mut BTreeSet<String>) -> String {
    let wanted = name.to_write();
    let (stem, end) = match wanted.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= LONGEST_END => {
            (stem, format!(".{end}"))
        }
        _ => (wanted.as_str(), String::new()),
    };
    let numbered = |number: u32| {
        let end = format!("-{number}{end}");
        let room = FileName::LONGEST - end.len();
        let cut = (0..=room).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
        format!("{}{end}", &stem[..cut])
    };
    let mut names = std::iter::once(wanted.clone()).chain((2..).map(numbered));
    let free = names.find(|name| !taken.contains(name)).expect("numbers do not run out");
    taken.insert(free.clone());
    free
}
