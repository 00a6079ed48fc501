//! What a run is asked for by `args::`: is it declared in the head of the script?

use super::checker::{Checker, said};
use crate::analysis::program::tree::{Call, literal_text};

impl Checker<'_> {
    pub(super) fn argument_of_run(&mut self, call: &Call<'_>) {
        let Some(argument) = call.of.args.first() else { return };
        let Some(name) = literal_text(argument) else { return };
        if self.parameters.is_empty() || self.parameters.iter().any(|known| known == name) {
            return;
        }
        let error = said(format!("the head of the script declares no parameter `{name}`"));
        let error = error.hint_names(name, self.parameters.iter().map(String::as_str));
        self.warning("undeclared_argument", self.spans.piece(argument.position()), error);
    }
}
