//! Reads a message that a stranger has sent, within limits: XML without a document type, or JSON.

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, Event},
};
use serde_json::{Map, Value, map::Entry};
use std::fmt;

/// An element or a value may lie so deep.
pub const DEEPEST: usize = 32;
/// A message may have so many elements or values.
pub const MOST: usize = 10_000;

/// What is blank in XML; other spaces are text.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// Why a message was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// It begins neither as XML nor as a JSON object.
    Form,
    /// It is not well-formed.
    Syntax,
    /// It has a document type.
    Doctype,
    /// It has a processing instruction.
    Instruction,
    /// It has an entity that XML does not know by itself.
    Entity,
    /// An element has text beside other elements.
    Mixed,
    /// It is deeper than [`DEEPEST`].
    Depth,
    /// It has more values than [`MOST`].
    Size,
}

/// Read a message, whose first sign tells its form. An element that is repeated becomes a list, and one without others a
/// text: what is blank around it is left out, unless it is CDATA.
pub fn read(text: &str) -> Result<Map<String, Value>, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_matches(BLANK);
    match text.as_bytes().first() {
        Some(b'<') => read_xml(text),
        Some(b'{') => read_json(text),
        _ => Err(Malformed::Form),
    }
}

fn read_json(text: &str) -> Result<Map<String, Value>, Malformed> {
    let message = serde_json::from_str(text).map_err(|_| Malformed::Syntax)?;
    let mut left = MOST;
    measure(&message, 0, &mut left)?;
    match message {
        Value::Object(fields) => Ok(fields),
        _ => Err(Malformed::Form),
    }
}

fn measure(value: &Value, depth: usize, left: &mut usize) -> Result<(), Malformed> {
    if depth > DEEPEST {
        return Err(Malformed::Depth);
    }
    *left = left.checked_sub(1).ok_or(Malformed::Size)?;
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| measure(item, depth + 1, left)),
        Value::Object(fields) => fields.values().try_for_each(|field| measure(field, depth + 1, left)),
        _ => Ok(()),
    }
}

fn read_xml(text: &str) -> Result<Map<String, Value>, Malformed> {
    let mut elements = Elements { reader: Reader::from_str(text), left: MOST };
    let mut first = elements.next()?;
    if let Event::Decl(_) = first {
        first = elements.next()?;
    }
    while is_blank(&first) {
        first = elements.next()?;
    }
    let message = match first {
        Event::Start(_) => elements.content(0)?,
        Event::Empty(_) => Value::Object(Map::new()),
        _ => return Err(Malformed::Syntax),
    };
    if !matches!(elements.next()?, Event::Eof) {
        return Err(Malformed::Syntax);
    }
    match message {
        Value::Object(fields) => Ok(fields),
        Value::String(text) if text.is_empty() => Ok(Map::new()),
        _ => Err(Malformed::Mixed),
    }
}

fn is_blank(event: &Event<'_>) -> bool {
    matches!(event, Event::Text(text) if text.trim_matches(BLANK).is_empty())
}

struct Elements<'a> {
    reader: Reader<&'a [u8]>,
    left: usize,
}

impl<'a> Elements<'a> {
    fn next(&mut self) -> Result<Event<'a>, Malformed> {
        loop {
            match self.reader.read_event().map_err(|_| Malformed::Syntax)? {
                Event::Comment(_) => {}
                Event::DocType(_) => return Err(Malformed::Doctype),
                Event::PI(_) => return Err(Malformed::Instruction),
                event => return Ok(event),
            }
        }
    }

    /// What stands in an element that has begun, up to its end.
    fn content(&mut self, depth: usize) -> Result<Value, Malformed> {
        let mut fields = Map::new();
        let mut text = Text::default();
        loop {
            match self.next()? {
                Event::Start(start) => {
                    self.enter(depth + 1)?;
                    let value = self.content(depth + 1)?;
                    add(&mut fields, start.name().as_ref(), value);
                }
                Event::Empty(start) => {
                    self.enter(depth + 1)?;
                    add(&mut fields, start.name().as_ref(), Value::String(String::new()));
                }
                Event::Text(part) => text.all.push_str(&part.xml10_content()),
                Event::CData(part) => text.add_verbatim(&part.xml10_content()),
                Event::GeneralRef(reference) => text.all.push_str(&resolved(&reference)?),
                Event::End(_) => break,
                _ => return Err(Malformed::Syntax),
            }
        }
        match (fields.is_empty(), text.trimmed()) {
            (true, text) => Ok(Value::String(text)),
            (false, text) if text.is_empty() => Ok(Value::Object(fields)),
            (false, _) => Err(Malformed::Mixed),
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed::Size)?;
        if depth > DEEPEST { Err(Malformed::Depth) } else { Ok(()) }
    }
}

/// The text of an element.
#[derive(Default)]
struct Text {
    all: String,
    /// From the first CDATA to the end of the last.
    verbatim: Option<(usize, usize)>,
}

impl Text {
    fn add_verbatim(&mut self, part: &str) {
        let start = self.verbatim.map_or(self.all.len(), |(start, _)| start);
        self.all.push_str(part);
        self.verbatim = Some((start, self.all.len()));
    }

    fn trimmed(&self) -> String {
        let Some((start, end)) = self.verbatim else { return self.all.trim_matches(BLANK).to_owned() };
        let (before, after) = (&self.all[..start], &self.all[end..]);
        [before.trim_start_matches(BLANK), &self.all[start..end], after.trim_end_matches(BLANK)].concat()
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Malformed> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.into()),
        Ok(None) => resolve_predefined_entity(reference).map(str::to_owned).ok_or(Malformed::Entity),
        Err(_) => Err(Malformed::Entity),
    }
}

/// The second of that name makes a list of both.
fn add(fields: &mut Map<String, Value>, name: &str, value: Value) {
    match fields.entry(name) {
        Entry::Vacant(place) => drop(place.insert(value)),
        Entry::Occupied(mut place) => match place.get_mut() {
            Value::Array(items) => items.push(value),
            first => *first = Value::Array(vec![first.take(), value]),
        },
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::Form => "it is neither XML nor a JSON object",
            Malformed::Syntax => "it is not well-formed",
            Malformed::Doctype => "it has a document type",
            Malformed::Instruction => "it has a processing instruction",
            Malformed::Entity => "it has an entity that XML does not know by itself",
            Malformed::Mixed => "it has text beside elements",
            Malformed::Depth => "it is too deep",
            Malformed::Size => "it has too many fields",
        })
    }
}

impl std::error::Error for Malformed {}
