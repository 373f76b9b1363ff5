//! `exception grant` and `exception request`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::exception::{GrantExceptionArgs, GrantTerms};
use crate::commands::Answer;
use crate::commands::bulk::many_prepared;
use crate::commands::session::Session;
use crate::domain::change::Grant;
use crate::domain::ids::{Evidence, FileName};
use crate::domain::model::Term;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::{LARGEST_EVIDENCE, evidence_name};

/// A piece of evidence as it was handed in.
enum EvidenceInput {
    File { name: FileName, sha256: Evidence, bytes: Vec<u8> },
    Url(Evidence),
}

/// `exception grant`, or `request` where it only asks.
pub(super) fn grant(
    session: &Session<'_>,
    args: &GrantExceptionArgs,
    request_only: bool,
) -> Result<Answer> {
    let verb = match request_only {
        true => ("exception.request", "request an exception for"),
        false => ("exception.grant", "grant an exception to"),
    };
    let (many, change, base) = (&args.many, &args.change, &args.terms);
    // Evidence is read with the rights of the person who names it, before the state is opened.
    let pieces = |terms: &GrantTerms| -> Result<Vec<EvidenceInput>> {
        terms.evidence.iter().map(|given| piece(session, given)).collect()
    };
    many_prepared(session, many, change, verb, base, pieces, |login, terms, pieces, stage| {
        let (mut evidence, mut evidence_names) = (BTreeSet::new(), BTreeMap::new());
        for piece in pieces {
            match piece {
                EvidenceInput::Url(url) => drop(evidence.insert(url.clone())),
                EvidenceInput::File { name, sha256, bytes } => {
                    evidence.insert(sha256.clone());
                    evidence_names.entry(sha256.clone()).or_insert_with(|| name.clone());
                    stage.offer_evidence(bytes.clone());
                }
            }
        }
        Ok(Box::new(Grant {
            login,
            kind: args.kind(),
            orgs: terms.orgs.iter().cloned().collect(),
            services: (!terms.services.is_empty())
                .then(|| terms.services.iter().cloned().collect()),
            starts: terms.starts.map(|starts| starts.resolve(stage.now())),
            length: length(terms, stage.now())?,
            reason: terms.reason.clone().ok_or_else(no_reason)?,
            note: terms.note.clone(),
            evidence,
            evidence_names,
            channel: terms.channel,
            requested_by: terms.requested_by.clone(),
            replace: args.replace,
            unenrolled_ok: args.unenrolled_ok,
            request_only,
        }))
    })
}

fn length(terms: &GrantTerms, now: Time) -> Result<Option<Term>> {
    match (terms.length, terms.until) {
        (Some(_), Some(_)) => {
            let message = "both --for and --until are given, on the command line and in the file";
            Err(Error::usage(message))
        }
        (Some(span), None) => Ok(Some(Term::For(span))),
        (None, until) => Ok(until.map(|until| Term::Until(until.resolve(now)))),
    }
}

fn no_reason() -> Error {
    Error::usage("no reason is given")
        .words("give it with --reason, or in a column reason")
        .command("exception reasons")
}

fn piece(session: &Session<'_>, given: &str) -> Result<EvidenceInput> {
    if given.contains("://") {
        let url = Evidence::parse(given).map_err(|e| Error::usage(e.to_string()).about(given))?;
        return Ok(EvidenceInput::Url(url));
    }
    let path = Path::new(given);
    let bytes = session.read_regular(path, LARGEST_EVIDENCE)?;
    if bytes.is_empty() {
        let message = format!("cannot keep {given} as evidence: the file is empty");
        return Err(Error::usage(message).about(given));
    }
    Ok(EvidenceInput::File { name: FileName::of(path), sha256: evidence_name(&bytes), bytes })
}
