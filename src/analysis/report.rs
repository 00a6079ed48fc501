//! What is wrong as a person sees it: the message, the line with the place marked, and what to do.

use super::{Finding, Severity, Source, Span};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use std::fmt;

/// What is wrong, and where.
#[derive(Debug)]
pub struct Report<'a> {
    /// A word for it, at the top.
    pub code: &'a str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'a str>,
    /// Where it is.
    pub spot: Option<Spot<'a>>,
}

/// A marked piece of a text.
#[derive(Debug)]
pub struct Spot<'a> {
    /// The text.
    pub source: &'a Source,
    /// The piece.
    pub span: Span,
    /// A word beside the mark.
    pub label: Option<&'a str>,
}

impl<'a> Report<'a> {
    /// The report of a finding in this text.
    pub fn of(finding: &'a Finding, source: &'a Source) -> Report<'a> {
        Report {
            code: finding.code,
            severity: finding.severity,
            message: finding.message.clone(),
            hint: finding.hint.as_deref(),
            spot: Some(Spot { source, span: finding.span.clone(), label: None }),
        }
    }

    /// For a terminal of that width.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        let mut out = String::new();
        match handler.render_report(&mut out, &Shown::of(self)) {
            Ok(()) => out,
            Err(fmt::Error) => format!("{}\n", self.message),
        }
    }
}

#[derive(Debug)]
struct Shown<'a> {
    report: &'a Report<'a>,
    text: Option<Text<'a>>,
}

impl<'a> Shown<'a> {
    fn of(report: &'a Report<'a>) -> Shown<'a> {
        Shown { report, text: report.spot.as_ref().map(|spot| Text(spot.source)) }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.report.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.report.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.report.hint.map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let spot = self.report.spot.as_ref()?;
        let label = spot.label.map(str::to_owned);
        Some(Box::new(std::iter::once(LabeledSpan::new(label, spot.span.start, spot.span.len()))))
    }
}

/// A text whose columns are counted in characters: reports count in bytes.
#[derive(Debug)]
struct Text<'a>(&'a Source);

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Source { name, text } = self.0;
        let found = text.read_span(span, lines_before, lines_after)?;
        let start = found.span().offset();
        let column = text[start - found.column()..start].chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            name.clone(),
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}
