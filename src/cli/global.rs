//! Options that stand anywhere on the command line, for every verb.
//!
//! clap's own global options are copied into every verb of a noun, chosen or
//! not: most of the time that parsing takes. So they are declared once at each
//! of the three levels (program, noun, verb) where that level is built, and put
//! together here; the one nearest to the verb wins.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, ArgMatches, Args, ColorChoice};

use crate::domain::ids::OperatorName;
use crate::domain::time::Span;
use crate::report::Format;

/// What the global options say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// The state directory as it was typed.
    pub state: Option<PathBuf>,
    /// The configuration file as it was typed.
    pub config: Option<PathBuf>,
    /// The operator to act as, one of those that the OS user is.
    pub acting_as: Option<OperatorName>,
    /// How the answer is printed.
    pub format: Format,
    /// Every question is answered yes.
    pub yes: bool,
    /// How long to wait for the state's lock.
    pub lock_timeout: Span,
    /// Whether to colour.
    pub color: ColorChoice,
    /// No warnings and hints.
    pub quiet: bool,
    /// How much more to say.
    pub verbose: u8,
    /// Cut nothing in tables.
    pub wide: bool,
    /// Work on a state that lies on NFS.
    pub allow_nfs: bool,
}

/// The same as declared at each level.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
#[group(skip)]
pub(crate) struct Declared {
    /// The state directory, or a backup to read [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    state: Option<PathBuf>,
    /// The configuration file, TOML [default: MFACTL_CONFIG, then the user's, then /etc/mfactl/config.toml]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Act as this operator, one of those that this OS user is; in a backup as any
    #[arg(long = "as", value_name = "OPERATOR")]
    acting_as: Option<OperatorName>,
    /// How the answer is printed [default: table]
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = formats())]
    format: Option<Format>,
    /// Answer yes to every question
    #[arg(short = 'y', long)]
    yes: bool,
    /// How long to wait for the state's lock [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    lock_timeout: Option<Span>,
    /// Whether to colour (NO_COLOR is respected) [default: auto]
    #[arg(long, value_name = "WHEN")]
    color: Option<ColorChoice>,
    /// Print no warnings and hints
    #[arg(short, long)]
    quiet: bool,
    /// Say on stderr which state and configuration count, and who acts
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Cut nothing in tables, however wide they get
    #[arg(long)]
    wide: bool,
    /// Work on a state that lies on NFS, where durability is not promised
    #[arg(long)]
    allow_nfs: bool,
}

/// Every format; those that only some answers know are shown by [`review_formats`] alone.
fn formats() -> impl TypedValueParser<Value = Format> {
    parser(|format| PossibleValue::new(format.as_str()).hide(format.is_review()))
}

/// The formats of answers about policies that are reviewed.
pub(super) fn review_formats() -> impl TypedValueParser<Value = Format> {
    parser(|format| PossibleValue::new(format.as_str()))
}

fn parser(value: fn(Format) -> PossibleValue) -> impl TypedValueParser<Value = Format> {
    let every = || Format::ALL.iter().chain(Format::REVIEW).copied();
    PossibleValuesParser::new(every().map(value)).try_map(move |typed| {
        let found = every().find(|format| format.as_str() == typed);
        found.ok_or_else(|| format!("{typed:?} is no format"))
    })
}

impl Default for Global {
    /// What counts where nothing is typed.
    fn default() -> Global {
        Global {
            state: None,
            config: None,
            acting_as: None,
            format: Format::default(),
            yes: false,
            lock_timeout: Span::seconds(10),
            color: ColorChoice::Auto,
            quiet: false,
            verbose: 0,
            wide: false,
            allow_nfs: false,
        }
    }
}

impl Global {
    /// What stands at all levels of `matches`.
    pub(crate) fn collect(matches: &ArgMatches) -> Global {
        let mut global = Global::default();
        let mut level = Some(matches);
        while let Some(matches) = level {
            global.read(matches);
            level = matches.subcommand().map(|(_, deeper)| deeper);
        }
        global
    }

    /// What stands at one level goes over what stood above it. Read by name: the
    /// derived reader of [`Declared`] copies all matches below for each level.
    fn read(&mut self, matches: &ArgMatches) {
        let path = |name| matches.get_one::<PathBuf>(name).cloned();
        self.state = path("state").or(self.state.take());
        self.config = path("config").or(self.config.take());
        self.acting_as = matches.get_one("acting_as").cloned().or(self.acting_as.take());
        self.format = matches.get_one("format").copied().unwrap_or(self.format);
        self.lock_timeout = matches.get_one("lock_timeout").copied().unwrap_or(self.lock_timeout);
        self.color = matches.get_one("color").copied().unwrap_or(self.color);
        self.verbose = self.verbose.saturating_add(matches.get_count("verbose"));
        self.yes |= matches.get_flag("yes");
        self.quiet |= matches.get_flag("quiet");
        self.wide |= matches.get_flag("wide");
        self.allow_nfs |= matches.get_flag("allow_nfs");
    }
}
