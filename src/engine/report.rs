//! An error as a person sees it.

use super::Sources;
use crate::{
    Error,
    analysis::{Report, Severity, Source, Spot},
};

/// The report of an error, for a terminal of that width.
pub fn report(error: &Error, sources: &Sources, colour: bool, width: usize) -> String {
    let place = error.place.as_ref();
    let found = place.and_then(|place| Some((place, Source::new(&place.file, sources.get(&place.file)?))));
    let spot = found.as_ref().map(|(place, source)| {
        let start = source.offset(place.line, place.column);
        Spot { source, span: start..start + 1, label: Some("raised here") }
    });
    let (code, hint) = (error.kind.name(), error.hint.as_deref());
    Report { code, severity: Severity::Error, message: message(error), hint, spot }.render(colour, width)
}

fn message(error: &Error) -> String {
    let account = error.account.as_ref().map_or_else(String::new, |name| format!(" (account {name})"));
    let request = error.request_id.as_ref().map_or_else(String::new, |id| format!(" (request {id})"));
    format!("{error}{account}{request}")
}
