//! The scripts that complete command lines, one a shell.

use super::top_level::Shell;

/// The completions for `shell`: a script that asks the program itself
/// ([`super::complete`]) whenever something is to be completed.
pub fn completions(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("complete/mfactl.bash"),
        Shell::Zsh => include_str!("complete/_mfactl"),
        Shell::Fish => include_str!("complete/mfactl.fish"),
    }
}
