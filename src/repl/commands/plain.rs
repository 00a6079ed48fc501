//! The parameters of a saved script: a variable that was given a plain value can have another one when the script is run.

use crate::analysis::{Token, TokenKind, tokens};

/// The line of the head that declares such a variable, and the entry that then takes its place.
pub(super) fn parameter(entry: &str) -> Option<(String, String)> {
    let tokens = tokens(entry);
    let word = |token: &Token| &entry[token.span.clone()];
    let [first, name, equals, value @ ..] = &tokens[..] else { return None };
    if word(first) != "let" || word(equals) != "=" {
        return None;
    }
    let value = match value {
        [value @ .., end] if word(end) == ";" => value,
        value => value,
    };
    let (last, start) = (value.last()?, value.first()?.span.start);
    let text = &entry[start..last.span.end];
    let kind = match (value, last.kind) {
        ([_], TokenKind::Text { open: false }) if text.starts_with('"') && !text.contains('\\') => "string",
        ([_], TokenKind::Keyword) if text == "true" || text == "false" => "bool",
        (_, TokenKind::Number) if text.parse::<i64>().is_ok() => "int",
        (_, TokenKind::Number) if text.parse::<f64>().is_ok() => "float",
        _ => return None,
    };
    let name = word(name);
    Some((format!("@param {name} {kind} = {text}"), format!("let {name} = args::get(\"{name}\");")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_values_become_parameters() {
        let head = |entry: &str| parameter(entry).map(|(head, _)| head);
        assert_eq!(head("let days = 30;").as_deref(), Some("@param days int = 30"));
        assert_eq!(head("let days = -2").as_deref(), Some("@param days int = -2"));
        assert_eq!(head("let rate = 0.5;").as_deref(), Some("@param rate float = 0.5"));
        assert_eq!(head("let drama = \"山海 行\";").as_deref(), Some("@param drama string = \"山海 行\""));
        assert_eq!(head("let gaps = true").as_deref(), Some("@param gaps bool = true"));
        for entry in
            ["let a = 1 + 2;", "let a = [];", "days = 3", "let a = b;", "const A = 1;", "let a;", "let a = \"\\n\"", ""]
        {
            assert_eq!(head(entry), None, "{entry}");
        }
    }
}
