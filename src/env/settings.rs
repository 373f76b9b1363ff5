//! Where the state is, and which configuration counts.
//!
//! Under sudo, on a state that is not their own, the person who typed the
//! command decides neither: a configuration of theirs would switch guards off
//! or name another key. Then only the one in /etc counts, and only if it is root's.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::file::{MAX_CONFIG_BYTES, read_all};
use super::key_file::KeyPlace;
use super::{Env, unreadable, variable};
use crate::error::{Error, Kind, Result};

const SYSTEM_CONFIG: &str = "/etc/mfactl/config.toml";
pub(super) const SYSTEM_STATE: &str = "/var/lib/mfactl";

/// What the command line says about it.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// `--state`.
    pub state: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
}

/// What counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The state directory, there or not.
    pub state: PathBuf,
    /// The configuration; the empty one where there is none.
    pub config: Config,
    /// The file that it is from.
    pub config_file: Option<PathBuf>,
    /// Where the sealing key is.
    pub key: KeyPlace,
    /// What the person should know.
    pub warnings: Vec<String>,
}

/// What the answer depends on, apart from files.
#[derive(Debug, Clone, Default)]
struct World {
    typed: Typed,
    state_variable: Option<PathBuf>,
    config_variable: Option<PathBuf>,
    config_home: Option<PathBuf>,
    state_home: Option<PathBuf>,
    system_config: PathBuf,
    credentials: Option<PathBuf>,
    person: u32,
    euid: u32,
}

pub(super) fn find(env: &Env, typed: &Typed) -> Result<Settings> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let home = path("HOME");
    let below_home = |name: &str, folder: &str| {
        // A relative path in one of these variables is to be ignored (XDG base directories).
        let set = path(name).filter(|set| set.is_absolute());
        set.or_else(|| home.as_ref().map(|home| home.join(folder)))
    };
    let world = World {
        typed: typed.clone(),
        state_variable: path("MFACTL_STATE"),
        config_variable: path("MFACTL_CONFIG"),
        config_home: below_home("XDG_CONFIG_HOME", ".config"),
        state_home: below_home("XDG_STATE_HOME", ".local/state"),
        system_config: PathBuf::from(SYSTEM_CONFIG),
        credentials: env.credentials(),
        person: env.identity().uid,
        euid: env.euid(),
    };
    world.settings(|path| env.read_named(path, MAX_CONFIG_BYTES))
}

impl World {
    fn settings(&self, read: impl Fn(&Path) -> Result<Vec<u8>>) -> Result<Settings> {
        let mut warnings = Vec::new();
        let (config, config_file) = if self.persons_config_counts() {
            self.any_config(read)?
        } else {
            if let Some(path) = &self.typed.config {
                let message = format!(
                    "--config {} does not count: the state is not yours, so that only {} does",
                    path.display(),
                    self.system_config.display()
                );
                return Err(Error::usage(message).about(path.display()));
            }
            if let Some(path) = &self.config_variable {
                warnings.push(format!(
                    "MFACTL_CONFIG={} does not count: the state is not yours",
                    path.display()
                ));
            }
            self.system_config()?
        };
        let state = self.typed_state().cloned().or_else(|| config.state_dir.clone());
        let state = state.map_or_else(|| self.default_state(), Ok)?;
        // Under sudo a variable of the person's names no key.
        let credentials = self.credentials.as_deref().filter(|_| self.person == self.euid);
        let key = KeyPlace::find(credentials, config.key_file.as_ref(), &state);
        Ok(Settings { state, config, config_file, key, warnings })
    }

    /// Whether what the person set up for themselves may decide: not for a state
    /// that is somebody else's. Under sudo only for one named outright that is
    /// their own: a file of theirs is not even opened to find out which state it names.
    fn persons_config_counts(&self) -> bool {
        match self.typed_state().and_then(|state| owner(state)) {
            Some(owner) => owner == self.person,
            None => self.person == self.euid,
        }
    }

    fn typed_state(&self) -> Option<&PathBuf> {
        self.typed.state.as_ref().or(self.state_variable.as_ref())
    }

    fn any_config(
        &self,
        read: impl Fn(&Path) -> Result<Vec<u8>>,
    ) -> Result<(Config, Option<PathBuf>)> {
        if let Some(path) = self.typed.config.as_ref().or(self.config_variable.as_ref()) {
            return Ok((Config::parse(&read(path)?, path)?, Some(path.clone())));
        }
        let own = self.config_home.as_ref().map(|home| home.join("mfactl/config.toml"));
        match own.filter(|own| std::fs::symlink_metadata(own).is_ok()) {
            Some(own) => Ok((Config::parse(&read(&own)?, &own)?, Some(own))),
            None => self.system_config(),
        }
    }

    /// The configuration in /etc, if there is one. It counts for everybody, so it must be root's.
    fn system_config(&self) -> Result<(Config, Option<PathBuf>)> {
        let path = &self.system_config;
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok((Config::default(), None));
            }
            Err(e) => return Err(unreadable(path, e)),
        };
        let found = file.metadata().map_err(|e| unreadable(path, e))?;
        if found.uid() != 0 || found.mode() & 0o022 != 0 {
            let message = format!("{} is not root's alone to write", path.display());
            let error = Error::new(Kind::Usage, "usage", message).about(path.display());
            let mend = format!("chown root {0} && chmod go-w {0}", path.display());
            return Err(error.words(mend));
        }
        let bytes = read_all(file, path, MAX_CONFIG_BYTES)?;
        Ok((Config::parse(&bytes, path)?, Some(path.clone())))
    }

    fn default_state(&self) -> Result<PathBuf> {
        if self.euid == 0 {
            return Ok(PathBuf::from(SYSTEM_STATE));
        }
        let home = self.state_home.as_ref().map(|home| home.join("mfactl"));
        home.ok_or_else(|| Error::usage("no state directory: name it with --state DIR"))
    }
}

fn owner(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|found| found.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A home with a configuration, and a state whose owner is whoever runs the test.
    struct Home {
        folder: tempfile::TempDir,
        own: u32,
    }

    impl Home {
        fn new() -> Home {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("config/mfactl")).unwrap();
            std::fs::create_dir(folder.path().join("state")).unwrap();
            let home = Home { own: owner(folder.path()).unwrap(), folder };
            home.write("config/mfactl/config.toml", "state_dir = \"/from/home\"");
            home
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        fn world(&self) -> World {
            World {
                config_home: Some(self.path("config")),
                state_home: Some(self.path("state-home")),
                system_config: self.path("etc.toml"),
                person: self.own,
                euid: self.own,
                ..World::default()
            }
        }
    }

    fn settings(world: &World) -> Result<Settings> {
        world.settings(|path| std::fs::read(path).map_err(|e| unreadable(path, e)))
    }

    fn state(world: &World) -> String {
        settings(world).unwrap().state.display().to_string()
    }

    #[test]
    fn the_first_that_is_set_names_the_state() {
        let home = Home::new();
        let mut world = home.world();
        assert_eq!(state(&world), "/from/home");
        home.write("chosen.toml", "state_dir = \"/from/variable\"");
        world.config_variable = Some(home.path("chosen.toml"));
        assert_eq!(state(&world), "/from/variable");
        home.write("typed.toml", "state_dir = \"/from/option\"");
        world.typed.config = Some(home.path("typed.toml"));
        assert_eq!(state(&world), "/from/option");
        world.state_variable = Some("/variable".into());
        assert_eq!(state(&world), "/variable");
        world.typed.state = Some("/option".into());
        assert_eq!(state(&world), "/option");
    }

    #[test]
    fn without_any_word_the_state_is_at_its_usual_place() {
        let home = Home::new();
        let nobody = World { config_home: None, euid: 1000, person: 1000, ..home.world() };
        assert_eq!(state(&nobody), home.path("state-home/mfactl").display().to_string());
        assert!(settings(&World { state_home: None, ..nobody.clone() }).is_err());
        assert_eq!(state(&World { euid: 0, person: 0, ..nobody }), SYSTEM_STATE);
    }

    #[test]
    fn a_configuration_that_was_named_must_be_there() {
        let home = Home::new();
        let mut world = home.world();
        world.typed.config = Some(home.path("nowhere.toml"));
        assert_eq!(settings(&world).unwrap_err().kind.exit_code(), 2);
    }

    #[test]
    fn under_sudo_only_etc_counts_unless_the_state_is_ones_own() {
        let home = Home::new();
        let person = home.own + 1;
        let sudo = World { person, euid: 0, ..home.world() };
        assert_eq!(state(&sudo), SYSTEM_STATE, "the home does not count");

        let named = World { state_variable: Some(home.path("state")), ..sudo.clone() };
        let found = settings(&named).unwrap();
        assert_eq!((found.config_file, found.config), (None, Config::default()));

        let with_variable = World { config_variable: Some("/nowhere".into()), ..sudo.clone() };
        assert_eq!(settings(&with_variable).unwrap().warnings.len(), 1);
        let mut with_option = sudo;
        with_option.typed.config = Some(home.path("config/mfactl/config.toml"));
        assert_eq!(settings(&with_option).unwrap_err().kind.exit_code(), 2);

        let own = World { person: home.own, euid: home.own + 1, ..named };
        let found = settings(&own).unwrap();
        assert_eq!(found.config_file, Some(home.path("config/mfactl/config.toml")));
    }

    #[test]
    fn root_itself_has_no_say_of_its_own_over_another_s_state() {
        let home = Home::new();
        let named = World { state_variable: Some(home.path("state")), ..home.world() };
        assert_eq!(settings(&named).unwrap().config_file.is_some(), home.own == named.person);
        if home.own == 0 {
            std::os::unix::fs::chown(home.path("state"), Some(1), None).unwrap();
            assert_eq!(settings(&named).unwrap().config_file, None);
            let with_option =
                Typed { config: Some(home.path("config/mfactl/config.toml")), state: None };
            assert!(settings(&World { typed: with_option, ..named }).is_err());
        }
    }

    #[test]
    fn etc_must_be_root_s_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = Home::new();
        home.write("etc.toml", "state_dir = \"/from/etc\"");
        let world = World { config_home: None, ..home.world() };
        if home.own == 0 {
            assert_eq!(state(&world), "/from/etc");
        }
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(home.path("etc.toml"), open).unwrap();
        assert_eq!(settings(&world).unwrap_err().kind.exit_code(), 2);
    }
}
