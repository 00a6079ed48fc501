//! What a run is asked for by `args::`: is it declared in the head of the script?

use super::checker::{Checker, said};
use crate::analysis::program::tree::{Call, literal_text};

impl Checker<'_> {
    pub(super) fn argument_of_run(&mut self, call: &Call<'_>) {
        let Some(argument) = call.of.args.first() else { return };
        let Some(name) = literal_text(argument) else { return };
        // Where a head is wrong, that is what is told.
        let Some(parameters) = &self.parameters else { return };
        if parameters.iter().any(|known| known == name) {
            return;
        }
        let error = said(format!("the head of the script declares no parameter `{name}`"));
        let error = error.hint(format!("declare it in the first lines: //! @param {name} int = 30 \"what it is for\""));
        let error = error.hint_names(name, parameters.iter().map(String::as_str));
        let (code, span) = ("undeclared_argument", self.spans.piece(argument.position()));
        if call.of.args.len() == 1 {
            self.error(code, span, error);
        } else if !parameters.is_empty() {
            self.warning(code, span, error);
        }
    }
}
