//! Secrets that are shown once, on purpose: of an enrolment, and recovery codes.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::report::{Human, Page, Style};

/// A secret in an answer. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(Zeroizing<String>);

impl Shown {
    /// Takes the text.
    pub fn new(text: &str) -> Shown {
        Shown(Zeroizing::new(text.to_owned()))
    }

    fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// An enrolment with its new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrolReport {
    /// Whose.
    pub login: String,
    /// The URI that apps read; none where it went elsewhere.
    pub otpauth: Option<Shown>,
    /// The key in base32; none where it went elsewhere.
    pub secret: Option<Shown>,
    /// The revision; none where nothing was written, or not yet.
    pub rev: Option<u64>,
    /// The URI as a QR code; for people only.
    #[serde(skip)]
    pub picture: Option<Shown>,
    /// In one sentence, what is now so; for people only.
    #[serde(skip)]
    pub summary: String,
    /// The files that the secret went to; for people only.
    #[serde(skip)]
    pub files: Vec<String>,
    /// What to do next; for people only.
    #[serde(skip)]
    pub follow_up: Option<String>,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

impl Human for EnrolReport {
    fn page(&self, _: &Style) -> Page {
        let mut page = Page::new().title(self.summary.clone());
        if let Some(picture) = &self.picture {
            page = page.picture(picture.text());
        }
        let grouped = self.secret.as_ref().map(|secret| grouped(secret.text()));
        page = page
            .secret("key", grouped)
            .secret("uri", self.otpauth.as_ref().map(|uri| uri.0.clone()))
            .maybe("written to", files(&self.files))
            .maybe("revision", self.rev)
            .maybe("follow-up", self.follow_up.as_ref());
        if self.dry_run { page.dry_run() } else { page }
    }
}

/// Groups of four, for typing it off a screen.
fn grouped(secret: &str) -> Zeroizing<String> {
    let mut groups = Zeroizing::new(String::with_capacity(secret.len() * 5 / 4 + 1));
    for (index, letter) in secret.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            groups.push(' ');
        }
        groups.push(letter);
    }
    groups
}

fn files(files: &[String]) -> Option<String> {
    (!files.is_empty()).then(|| files.join(", "))
}

/// Recovery codes that were issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodesReport {
    /// Whose.
    pub login: String,
    /// The codes; none where they went elsewhere.
    pub recovery_codes: Option<Vec<Shown>>,
    /// The revision; none where nothing was written.
    pub rev: Option<u64>,
    /// In one sentence, what is now so; for people only.
    #[serde(skip)]
    pub summary: String,
    /// The files that the codes went to; for people only.
    #[serde(skip)]
    pub files: Vec<String>,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

impl Human for CodesReport {
    fn page(&self, _: &Style) -> Page {
        let mut page = Page::new().title(self.summary.clone());
        for pair in self.recovery_codes.iter().flatten().collect::<Vec<_>>().chunks(2) {
            let room = pair.iter().map(|code| "   ".len() + code.text().len()).sum();
            let mut line = Zeroizing::new(String::with_capacity(room));
            for (number, code) in pair.iter().enumerate() {
                line.push_str(if number == 0 { "  " } else { "   " });
                line.push_str(code.text());
            }
            page = page.secret_line(line);
        }
        page = page.maybe("written to", files(&self.files)).maybe("revision", self.rev);
        if self.dry_run {
            return page.dry_run();
        }
        page.note("each recovery code gets in once, in the place of a code of the app; they are not shown again")
    }
}
