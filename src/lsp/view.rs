//! What the analysis says of a place in a document, in the words of the protocol.

use super::{
    Setting,
    documents::Document,
    modules::Modules,
    positions::{Encoding, Text, number},
};
use crate::analysis::{self, Names, Source, Span};
use lsp_types::{
    Hover, HoverContents, Location, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, Position,
    SignatureHelp, SignatureInformation,
};

/// A document with all that it can name.
pub(super) struct View<'a> {
    pub document: &'a Document,
    pub setting: &'a Setting,
    pub names: Names,
    pub modules: Modules<'a>,
    pub encoding: Encoding,
}

impl View<'_> {
    pub(super) fn hover(&self, position: Position) -> Option<Hover> {
        let text = &self.document.text;
        let hover = self.hover_in(text, text.offset(position))?;
        Some(Hover { contents: HoverContents::Markup(markdown(hover.text)), range: Some(text.range(&hover.span)) })
    }

    /// What is known of a word in a text that need not be the document's.
    pub(super) fn hover_in(&self, text: &str, at: usize) -> Option<analysis::Hover> {
        analysis::hover(text, at, &self.setting.library, &self.names, &|importer, name| {
            self.modules.find(importer, name)
        })
    }

    pub(super) fn signature(&self, position: Position) -> Option<SignatureHelp> {
        let text = &self.document.text;
        let find = |importer: &str, name: &str| self.modules.find(importer, name);
        let found = analysis::signature(text, text.offset(position), &self.setting.library, &self.names, &find)?;
        let active = found.active.map(number);
        Some(SignatureHelp {
            signatures: vec![information(found)],
            active_signature: Some(0),
            active_parameter: active,
        })
    }

    pub(super) fn definition(&self, position: Position) -> Option<Location> {
        let source = self.document.source();
        let at = self.document.text.offset(position);
        let place =
            analysis::definition(&source.name, &source.text, at, &|importer, name| self.modules.find(importer, name))?;
        self.location(&place.file, |source| {
            let at = source.offset(place.line, place.column);
            at..at
        })
    }

    /// A piece of this document, or of one of its modules.
    pub(super) fn location(&self, file: &str, span: impl Fn(&Source) -> Span) -> Option<Location> {
        if file == self.document.name() {
            let range = self.document.text.range(&span(&self.document.source()));
            return Some(Location::new(self.document.uri.clone(), range));
        }
        let module = self.modules.named(file)?;
        let span = span(&module);
        let uri = self.modules.uri(&module)?;
        Some(Location::new(uri, Text::new(module.text, self.encoding).range(&span)))
    }
}

pub(super) fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

fn information(found: analysis::Signature) -> SignatureInformation {
    let mut from = found.label.find('(').unwrap_or(0);
    let parameters = found.parameters.into_iter().map(|parameter| {
        // Names can be found in others: `id` is marked after those before it.
        let start = found.label[from..].find(&parameter.name).map(|at| from + at);
        let label = match start {
            Some(start) => {
                from = start + parameter.name.len();
                let columns = |end| number(Encoding::Utf16.columns(&found.label[..end]));
                ParameterLabel::LabelOffsets([columns(start), columns(from)])
            }
            None => ParameterLabel::Simple(parameter.name),
        };
        ParameterInformation { label, documentation: Some(lsp_types::Documentation::String(parameter.detail)) }
    });
    SignatureInformation {
        parameters: Some(parameters.collect()),
        documentation: Some(lsp_types::Documentation::MarkupContent(markdown(found.summary))),
        label: found.label,
        active_parameter: None,
    }
}
