//! `exception grant` and `exception request`.

use std::path::Path;

use crate::cli::exception::GrantException;
use crate::commands::Answer;
use crate::commands::bulk::many;
use crate::commands::session::Session;
use crate::domain::change::{Grant, Length};
use crate::domain::ids::Evidence;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::LARGEST_EVIDENCE;

/// A piece of evidence as it was handed in.
enum Piece {
    File(Vec<u8>),
    Url(Evidence),
}

/// `exception grant`, or `request` where it only asks.
pub(super) fn grant(
    session: &Session<'_>,
    args: &GrantException,
    request_only: bool,
) -> Result<Answer> {
    let pieces: Vec<Piece> =
        args.evidence.iter().map(|given| piece(session, given)).collect::<Result<_>>()?;
    let verb = if request_only { "request an exception for" } else { "grant an exception to" };
    many(session, &args.many, &args.change, verb, |login, stage| {
        let mut evidence = std::collections::BTreeSet::new();
        for piece in &pieces {
            evidence.insert(match piece {
                Piece::Url(url) => url.clone(),
                Piece::File(bytes) => Evidence::parse(&stage.evidence(bytes.clone()))
                    .expect("a SHA-256 in hex is evidence"),
            });
        }
        Ok(Box::new(Grant {
            login,
            kind: args.kind(),
            orgs: args.orgs.iter().cloned().collect(),
            services: (!args.services.is_empty()).then(|| args.services.iter().cloned().collect()),
            starts: args.starts.map(|starts| starts.resolve(stage.now())),
            length: length(args, stage.now()),
            reason: args.reason.clone(),
            note: args.note.clone(),
            evidence,
            channel: args.channel,
            requested_by: args.requested_by.clone(),
            replace: args.replace,
            unenrolled_ok: args.unenrolled_ok,
            request_only,
        }))
    })
}

fn length(args: &GrantException, now: Time) -> Option<Length> {
    let until = args.until.map(|until| Length::Until(until.resolve(now)));
    args.length.map(Length::For).or(until)
}

fn piece(session: &Session<'_>, given: &str) -> Result<Piece> {
    if given.contains("://") {
        let url = Evidence::parse(given).map_err(|e| Error::usage(e.to_string()).about(given))?;
        return Ok(Piece::Url(url));
    }
    session.read_regular(Path::new(given), LARGEST_EVIDENCE).map(Piece::File)
}
