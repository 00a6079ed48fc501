//! CSV texts as records, and records as CSV texts.

use super::{tables, texts};
use crate::{Error, error::Kind};
use encoding_rs::Encoding;
use rhai::{Array, Dynamic, Identifier, ImmutableString, Map};

/// The records of a larger file would not fit into what a run may use.
pub const MOST_BYTES: u64 = 1 << 30;

/// How a CSV text is read.
#[derive(Debug, Clone)]
pub struct Form {
    /// What stands between two cells.
    pub separator: u8,
    /// The columns that hold whole numbers; the others are texts.
    pub ints: Vec<String>,
    /// The encoding of a text that is not UTF-8.
    pub otherwise: Option<&'static Encoding>,
}

impl Default for Form {
    fn default() -> Self {
        Form { separator: b',', ints: Vec::new(), otherwise: None }
    }
}

/// The records of a text whose first line names the columns.
pub fn read(bytes: Vec<u8>, form: &Form) -> Result<Array, Error> {
    let text = texts::text(bytes, form.otherwise)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new().delimiter(form.separator).from_reader(text.as_bytes());
    let head = reader.headers().map_err(unreadable)?.clone();
    tables::has_columns(&form.ints, head.iter())?;
    let column = |name: &str| (Identifier::from(name), form.ints.iter().any(|column| column == name));
    let columns: Vec<_> = head.iter().map(column).collect();
    // A cell often says the same as the one above it; they share their text.
    let mut above = vec![ImmutableString::new(); columns.len()];
    let (mut records, mut record) = (Array::new(), csv::StringRecord::new());
    while reader.read_record(&mut record).map_err(unreadable)? {
        let mut fields = Map::new();
        for (((name, is_int), cell), above) in columns.iter().zip(&record).zip(&mut above) {
            if !is_int && above.as_str() != cell {
                *above = cell.into();
            }
            let value = if *is_int { number(name, cell, record.position())? } else { above.clone().into() };
            fields.insert(name.clone(), value);
        }
        records.push(Dynamic::from_map(fields));
    }
    Ok(records)
}

fn number(name: &str, cell: &str, position: Option<&csv::Position>) -> Result<Dynamic, Error> {
    let line = position.map_or(0, csv::Position::line);
    let number = cell.trim().parse::<i64>();
    number
        .map(Dynamic::from)
        .map_err(|_| wrong(format!("line {line}: `{name}` is {cell:?}; it must be a whole number")))
}

/// Records as a text: a line that names the columns, then one for each record.
pub fn write(columns: &[String], records: &[Map], cell: impl Fn(&Dynamic) -> String) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(unreadable)?;
    for record in records {
        let cells = columns.iter().map(|name| record.get(name.as_str()).map(&cell).unwrap_or_default());
        writer.write_record(cells).map_err(unreadable)?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(error: csv::Error) -> Error {
    wrong(error.to_string()).hint("every line must have as many cells as the first; quote a cell that has commas")
}

fn wrong(message: String) -> Error {
    Error::new(Kind::File, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let cells = ["第1集", "a,b", "say \"hi\"", "two\nlines", ""];
        let record: Map =
            cells.iter().enumerate().map(|(at, cell)| (format!("c{at}").into(), (*cell).into())).collect();
        let columns: Vec<String> = (0..cells.len()).map(|at| format!("c{at}")).collect();
        let text = write(&columns, std::slice::from_ref(&record), ToString::to_string).unwrap();
        let again = read(text.into(), &Form::default()).unwrap();
        assert_eq!(format!("{:?}", again[0]), format!("{:?}", Dynamic::from_map(record)));
    }
}
