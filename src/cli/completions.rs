//! `juben completions SHELL` — what makes a shell complete the command line of juben.

use super::{Common, write_out};
use crate::{Error, error::Kind};
use clap::Args;
use clap_complete::{CompleteEnv, env::Shells};

/// Write what makes a shell complete operations, fields, scripts and options
#[derive(Debug, Args)]
#[command(
    after_help = "Let the shell read it at its start:\n  bash        echo 'source <(juben completions bash)' >> ~/.bashrc\n  zsh         echo 'source <(juben completions zsh)' >> ~/.zshrc\n  fish        juben completions fish > ~/.config/fish/completions/juben.fish\n  powershell  Add-Content $PROFILE 'juben completions powershell | Out-String | Invoke-Expression'\n  elvish      echo 'eval (juben completions elvish | slurp)' >> ~/.config/elvish/rc.elv"
)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_parser = ["bash", "zsh", "fish", "powershell", "elvish"])]
    shell: String,
}

/// Set by a shell that asks what may be written.
const ASKED: &str = "COMPLETE";

impl Completions {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        let unknown = || Error::new(Kind::Usage, format!("there are no completions for {}", self.shell));
        let shells = Shells::builtins();
        let shell = shells.completer(&self.shell).ok_or_else(unknown)?;
        let mut text = Vec::new();
        shell
            .write_registration(ASKED, "juben", "juben", "juben", &mut text)
            .map_err(|error| Error::new(Kind::File, format!("cannot write the completions: {error}")))?;
        write_out(&String::from_utf8_lossy(&text))
    }
}

/// When a shell asks what may be written, tell it, and be done.
pub(super) fn answer_a_shell() {
    CompleteEnv::with_factory(super::candidates::command).var(ASKED).bin("juben").complete();
}
