//! Helpers that are given the name of an operation and its parameters.

use super::{checker::Checker, fields::Written};
use crate::{
    analysis::{
        Called, Function,
        place::wanted::OPERATION,
        program::tree::{Call, literal_text},
    },
    catalog::{Operation, Schema},
};
use rhai::Expr;
use std::collections::BTreeSet;

/// The module whose functions take only listings.
const LISTINGS: &str = "pages";
/// The parameter of a helper that takes the fields of an operation; the helper sets the position of a page itself.
const FIELDS: &str = "fields";
/// The parameter of a helper that takes the fields of many calls.
const ROWS: &str = "rows";

impl Checker<'_> {
    pub(super) fn call_of_helper(&mut self, function: &Function, call: &Call<'_>) {
        let argument = |name: &str| {
            let position = function.parameters.iter().position(|it| it == name)?;
            call.of.args.get(position)
        };
        let told = function.calls().into_iter().filter_map(|called| match called {
            Called::Argument(parameter) => Some(parameter),
            Called::Operation(_) => None,
        });
        let names: BTreeSet<String> = told.chain([OPERATION.to_owned()]).collect();
        for parameter in names {
            let Some((argument_of_name, name)) = argument(&parameter).and_then(|it| Some((it, literal_text(it)?)))
            else {
                continue;
            };
            let operation = match self.library.catalog.named(name) {
                Ok(operation) => operation,
                Err(error) => {
                    self.error("unknown_operation", self.spans.piece(argument_of_name.position()), error);
                    continue;
                }
            };
            let span = self.spans.piece(argument_of_name.position());
            if let (LISTINGS, Err(error)) = (function.module.as_str(), operation.paged()) {
                self.error("no_listing", span, error);
                continue;
            }
            if let Some(fields) = argument(FIELDS) {
                let schema = without_position(&operation);
                self.fields(&schema, &operation.full_name(), &Written::Map(fields), span.clone());
            }
            if let Some(Expr::Array(rows, _)) = argument(ROWS) {
                for row in rows.iter() {
                    let start = self.spans.value(row.start_position());
                    self.fields(&operation.input, &operation.full_name(), &Written::Map(row), start);
                }
            }
        }
    }
}

/// What a helper that pages takes: it need not be told of the page.
fn without_position(operation: &Operation) -> Schema {
    let mut schema = operation.input.clone();
    if let Some(pages) = &operation.pages {
        schema.required.retain(|name| *name != pages.position && Some(name) != pages.limit.as_ref());
    }
    schema
}
