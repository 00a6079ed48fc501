//! Signs that nobody sees, and that turn what is seen.

/// Whether a sign is none that a person reads: one that steers a terminal, turns the direction of the text, or has no width.
pub(crate) fn is_hidden(sign: char) -> bool {
    matches!(sign, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')
}
