//! The two forms of a message: XML, the usual one, and JSON.

use serde_json::{Map, Value};

/// The form of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Elements below `<xml>`.
    Xml,
    /// One object.
    Json,
}

impl Format {
    /// The content type that it is sent with.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Xml => "text/xml",
            Format::Json => "application/json",
        }
    }

    /// Write a message. In XML each name must be one by [`is_name`].
    pub fn write(self, fields: &Map<String, Value>) -> String {
        match self {
            Format::Json => Value::Object(fields.clone()).to_string(),
            Format::Xml => {
                let mut text = "<xml>".to_owned();
                write_fields(fields, &mut text);
                text + "</xml>"
            }
        }
    }
}

/// Whether an element may have this name: a letter or `_` first, then also digits, `-` and `.`.
pub fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    starts && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.'))
}

fn write_fields(fields: &Map<String, Value>, text: &mut String) {
    for (name, value) in fields {
        match value {
            // A list is its element, again and again.
            Value::Array(items) => items.iter().for_each(|item| write_element(name, item, text)),
            _ => write_element(name, value, text),
        }
    }
}

fn write_element(name: &str, value: &Value, text: &mut String) {
    text.extend(["<", name, ">"]);
    match value {
        Value::Null => {}
        Value::String(content) => write_text(content, text),
        Value::Object(fields) => write_fields(fields, text),
        Value::Array(items) => items.iter().for_each(|item| write_element("item", item, text)),
        Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
    text.extend(["</", name, ">"]);
}

fn write_text(content: &str, text: &mut String) {
    for character in content.chars() {
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            // A reader would make a line feed of it.
            '\r' => text.push_str("&#13;"),
            '\n' | '\t' => text.push(character),
            // XML cannot say these.
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => text.push(char::REPLACEMENT_CHARACTER),
            _ => text.push(character),
        }
    }
}
