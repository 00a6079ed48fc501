//! Reads whose value nobody takes.

use super::checker::{Checker, said};
use crate::{
    analysis::{
        Function,
        program::tree::{Call, Scope},
    },
    catalog::{Effect, Operation},
};

impl Checker<'_> {
    /// The value of a read that nobody takes: either the call or what to do with its value was forgotten.
    pub(super) fn dropped(&mut self, call: &Call<'_>, scope: &Scope) {
        let [module] = &call.of.namespace.path[..] else { return };
        if scope.import(&module.name).is_some() {
            return;
        }
        let name = call.of.name.as_str();
        let is_read = |it: &Operation| it.effects.default == Effect::Read && it.effects.when.is_empty();
        let returns = |it: &Function| {
            let gives = it.text.lines().any(|line| line.starts_with("- returns:"));
            gives && it.calls().is_empty() && it.parameters.len() == call.of.args.len()
        };
        let is_read = self.library.operation(&module.name, name).is_some_and(|it| is_read(&it));
        if is_read || self.library.forms(&module.name, name).any(returns) {
            let error = said(format!("the result of `{}::{name}` is not used", module.name));
            let hint = "give it a name by `let`, or leave the call out";
            self.warning("unused_result", self.span_of(call), error.hint(hint));
        }
    }
}
