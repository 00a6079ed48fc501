//! The functions of a document, for its outline.

use super::positions::Text;
use crate::analysis::functions_of;
use lsp_types::{DocumentSymbol, SymbolKind};

/// The functions, in the order of the text.
pub(super) fn symbols(text: &Text) -> Vec<DocumentSymbol> {
    #[allow(deprecated)] // the field cannot be left out
    let functions = functions_of(text).into_iter().map(|(name, whole, parameters)| DocumentSymbol {
        name: text[name.clone()].to_owned(),
        detail: Some(parameters),
        kind: SymbolKind::FUNCTION,
        range: text.range(&whole),
        selection_range: text.range(&name),
        tags: None,
        deprecated: None,
        children: None,
    });
    functions.collect()
}
