//! What `check` finds in a document. What it finds in a module stands where that is imported.

use super::view::View;
use crate::analysis::{self, Checked, Finding, Severity, Span};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString, PublishDiagnosticsParams,
};
use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
};

impl View<'_> {
    /// What to show of the document, and the texts that were read.
    pub(super) fn check(&self) -> (PublishDiagnosticsParams, BTreeSet<PathBuf>) {
        let find = |importer: &str, name: &str| self.modules.find(importer, name);
        let Checked { findings, sources, .. } = analysis::check(&self.document.source(), &self.setting.library, &find);
        let name = self.document.name();
        let (own, of_modules): (Vec<_>, Vec<_>) = findings.into_iter().partition(|it| it.file == name);
        let mut diagnostics: Vec<_> = own.iter().map(|finding| self.diagnostic(finding)).collect();
        diagnostics.extend(self.at_imports(of_modules));
        let shown = PublishDiagnosticsParams::new(self.document.uri.clone(), diagnostics, Some(self.document.version));
        (shown, sources.into_iter().map(|source| source.name.into()).collect())
    }

    fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        Diagnostic {
            range: self.document.text.range(&finding.span),
            severity: Some(severity(finding.severity)),
            code: Some(NumberOrString::String(finding.code.to_owned())),
            source: Some("juben".to_owned()),
            message: message(finding),
            ..Diagnostic::default()
        }
    }

    /// The errors of modules, at the imports that lead there. A warning concerns who opens the module.
    fn at_imports(&self, mut findings: Vec<Finding>) -> Vec<Diagnostic> {
        findings.retain(|finding| finding.severity == Severity::Error);
        let mut diagnostics = Vec::new();
        for (span, import) in analysis::imports_of(&self.document.text) {
            let mut files = HashSet::new();
            self.reach(&self.document.name(), &import, &mut files);
            let (here, others) = findings.into_iter().partition(|it: &Finding| files.contains(&it.file));
            findings = others;
            diagnostics.extend(self.broken_module(&import, span, here));
        }
        diagnostics
    }

    /// The names of the texts that are read by an import.
    fn reach(&self, importer: &str, import: &str, files: &mut HashSet<String>) {
        let Some(module) = self.modules.find(importer, import) else { return };
        if files.insert(module.name.clone()) {
            let imports = analysis::imports_of(&module.text);
            imports.iter().for_each(|(_, import)| self.reach(&module.name, import, files));
        }
    }

    fn broken_module(&self, import: &str, span: Span, findings: Vec<Finding>) -> Option<Diagnostic> {
        let first = findings.first()?;
        let count = match findings.len() {
            1 => "an error".to_owned(),
            more => format!("{more} errors"),
        };
        let related = findings.iter().filter_map(|finding| {
            let location = self.location(&finding.file, |_| finding.span.clone())?;
            Some(DiagnosticRelatedInformation { location, message: message(finding) })
        });
        Some(Diagnostic {
            message: format!("the module `{import}` has {count}: {}", first.message),
            related_information: Some(related.collect()),
            ..self.diagnostic(&Finding { span, ..first.clone() })
        })
    }
}

fn message(finding: &Finding) -> String {
    finding.hint.iter().fold(finding.message.clone(), |message, hint| format!("{message}\n{hint}"))
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
    }
}
