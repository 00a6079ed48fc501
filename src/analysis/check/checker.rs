//! One text on its way through the checks.

use super::{Finding, Severity, known::Known};
use crate::{
    Error,
    analysis::{
        Library, Rights, Span,
        dialect::parsing,
        parameters::declared,
        program::tree::{Call, Scope, Spans, Visitor},
        program::{File, Program},
    },
    error::Kind,
};
use rhai::{Expr, Ident, Namespace, ParseErrorType, Position};

/// Looks through one text; the other files in this folder say at what.
pub(super) struct Checker<'a> {
    pub(super) program: &'a Program,
    pub(super) library: &'a Library,
    /// What the whole program can call.
    pub(super) rights: &'a Rights,
    pub(super) file: &'a File,
    /// Its place among the files of the program.
    pub(super) place: usize,
    pub(super) spans: Spans<'a>,
    /// What the text names itself.
    pub(super) known: Known,
    /// The parameters that a run of the program takes; not known where a head is wrong.
    pub(super) parameters: Option<Vec<String>>,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(program: &'a Program, library: &'a Library, rights: &'a Rights, place: usize) -> Checker<'a> {
        let known = Known::of(program, place);
        let file = &program.files[place];
        Checker {
            program,
            library,
            rights,
            file,
            place,
            spans: Spans::new(&file.source),
            known,
            parameters: of_all(program),
            findings: Vec::new(),
        }
    }

    /// What is wrong with the text, in its order.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        if let Some(error) = &self.file.broken {
            let span = match error.err_type() {
                // The language marks where the map begins, not the word that it refuses.
                ParseErrorType::Reserved(word) => self.spans.word(error.position(), word),
                _ => self.spans.piece(error.position()),
            };
            self.error("syntax", span, parsing(error.err_type()));
            return self.findings;
        }
        for error in declared(&self.file.source).into_iter().filter_map(Result::err) {
            let at = error.place.as_ref().map_or(0, |place| self.file.source.offset(place.line, place.column));
            self.error("wrong_parameter", self.spans.piece_at(at), error);
        }
        self.imports();
        self.file.tree.walk(&mut self);
        self.findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
        self.findings.dedup();
        self.findings
    }

    /// Something that cannot work.
    pub(super) fn error(&mut self, code: &'static str, span: Span, error: Error) {
        self.found(Severity::Error, code, span, error);
    }

    /// Something that may be meant.
    pub(super) fn warning(&mut self, code: &'static str, span: Span, error: Error) {
        self.found(Severity::Warning, code, span, error);
    }

    fn found(&mut self, severity: Severity, code: &'static str, span: Span, error: Error) {
        self.findings.push(Finding {
            severity,
            code,
            message: error.to_string(),
            hint: error.hint.clone(),
            file: self.file.source.name.clone(),
            span,
        });
    }

    /// All of `module::name`.
    pub(super) fn span_of(&self, call: &Call<'_>) -> Span {
        match call.of.namespace.path.first() {
            Some(first) => self.spans.between(first.pos, call.at),
            None => self.spans.piece(call.at),
        }
    }
}

/// A run takes what the script declares, and by name what the scripts that it imports declare.
fn of_all(program: &Program) -> Option<Vec<String>> {
    let all = program.files.iter().flat_map(|file| declared(&file.source));
    all.map(|parameter| parameter.ok().map(|parameter| parameter.name)).collect()
}

/// What is wrong, in one sentence.
pub(super) fn said(message: impl Into<String>) -> Error {
    Error::new(Kind::Script, message)
}

/// `time::format(moment, pattern)`, …
pub(super) fn quoted(forms: impl IntoIterator<Item = String>) -> String {
    let forms: Vec<_> = forms.into_iter().map(|form| format!("`{form}`")).collect();
    forms.join(", ")
}

impl Visitor for Checker<'_> {
    fn call(&mut self, call: &Call<'_>, scope: &Scope) {
        if call.of.op_token.is_some() {
            return self.comparison(call);
        }
        if call.is_dropped {
            self.dropped(call, scope);
        }
        self.call_of_something(call, scope);
    }

    fn variable(&mut self, name: &str, of: &Namespace, at: Position, scope: &Scope) {
        self.use_of_variable(name, of, at, scope);
    }

    fn import(&mut self, module: &Expr, alias: &Ident, _: Position, _: &Scope) {
        self.imported(module, alias);
    }
}
