//! An XLSX file as records.

use super::{BEYOND_DIGITS, cell_name, wrong};
use crate::{Error, helpers::tables};
use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use jiff::{SignedDuration, Unit, civil};
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use std::{
    collections::{BTreeMap, HashMap},
    io::{Cursor, Read, copy, sink},
};
use zip::ZipArchive;

/// How large a file may be: packed, unpacked, and in cells. A small file can unpack to more than a machine has.
pub const MOST_BYTES: u64 = 32 << 20;
const MOST_UNPACKED: u64 = 512 << 20;
const MOST_CELLS: usize = 2_000_000;
/// Where a part of a file says how much it has.
const HEAD: u64 = 64 << 10;

/// How an XLSX file is read.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Which of its sheets.
    pub sheet: Sheet,
    /// The columns that hold whole numbers, whether as numbers or as texts.
    pub ints: Vec<String>,
}

/// One sheet of a file.
#[derive(Debug, Clone)]
pub enum Sheet {
    /// By its name.
    Named(String),
    /// By its place among those that a person sees, from 1.
    At(usize),
}

impl Default for Sheet {
    fn default() -> Self {
        Sheet::At(1)
    }
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A row of a sheet: its cells that are not empty, by their columns.
struct Row {
    number: u32,
    cells: Vec<(u32, Dynamic)>,
}

/// A column and its name.
struct Column {
    name: ImmutableString,
    int: bool,
}

type Columns = BTreeMap<u32, Column>;

/// The records of a sheet whose first row names the columns. Rows without content are passed over.
pub fn read(file: &[u8], form: &Form) -> Result<Array, Error> {
    bounded(file)?;
    let mut book: Book = Xlsx::new(Cursor::new(file)).map_err(no_book)?;
    let sheet = found(&book, &form.sheet)?;
    let mut rows = rows(&mut book, &sheet)?.into_iter();
    let columns = rows.next().map_or(Ok(Columns::new()), |head| columns(head, &form.ints))?;
    tables::has_columns(&form.ints, columns.values().map(|column| column.name.as_str()))?;
    // Every record has every column, so that a few cells far apart make many.
    if rows.len().saturating_mul(columns.len()) > MOST_CELLS {
        return Err(too_many_cells(&sheet));
    }
    let blank: Map = columns.values().map(|column| (column.name.as_str().into(), "".into())).collect();
    rows.map(|row| record(row, &columns, blank.clone()).map(Dynamic::from_map)).collect()
}

/// Unpack a file into nothing, to learn whether it can be.
fn bounded(file: &[u8]) -> Result<(), Error> {
    if !file.starts_with(b"PK") {
        return Ok(()); // no archive: what reads it says why
    }
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|error| no_book(error.into()))?;
    let mut left = MOST_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| no_book(error.into()))?;
        let (mut part, mut head) = (part.take(left), Vec::new());
        part.by_ref().take(HEAD).read_to_end(&mut head).map_err(|error| no_book(error.into()))?;
        if promised_texts(&head) > MOST_CELLS {
            return Err(too_large(format!("it has more than {MOST_CELLS} texts")));
        }
        left -= head.len() as u64 + copy(&mut part, &mut sink()).map_err(|error| no_book(error.into()))?;
        if left == 0 {
            return Err(too_large(format!("it unpacks to more than {MOST_UNPACKED} bytes")));
        }
    }
    Ok(())
}

/// How many texts a part says it has: what reads it takes memory for so many before it sees one.
fn promised_texts(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let Some((_, rest)) = head.split_once("uniqueCount") else { return 0 };
    let digits = rest.trim_start_matches(|it: char| !it.is_ascii_digit());
    let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(usize::MAX)
}

fn found(book: &Book, sheet: &Sheet) -> Result<String, Error> {
    let all = || book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    match sheet {
        Sheet::Named(wanted) => {
            let names = || all().map(|sheet| &sheet.name);
            let missing = || wrong(format!("it has no sheet `{wanted}`"));
            let found = names().find(|name| *name == wanted).cloned();
            found.ok_or_else(|| missing().hint_names(wanted, names().map(String::as_str)))
        }
        Sheet::At(place) => {
            let seen: Vec<&str> =
                all().filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.as_str()).collect();
            let missing = || wrong(format!("it has no sheet number {place}"));
            let found = place.checked_sub(1).and_then(|place| seen.get(place));
            found
                .map(|name| (*name).to_owned())
                .ok_or_else(|| missing().hint(format!("there are: {}", seen.join(", "))))
        }
    }
}

fn rows(book: &mut Book, sheet: &str) -> Result<Vec<Row>, Error> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(no_book)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut last = None;
    for count in 0.. {
        let behind = |error| unreadable(sheet, last, &error);
        let Some(cell) = reader.next_cell_with_formula_metadata().map_err(behind)? else { break };
        if count == MOST_CELLS {
            return Err(too_many_cells(sheet));
        }
        last = Some(cell.pos);
        let (row, column) = cell.pos;
        let named = || cell_name(row, column);
        if cell.value == DataRef::Empty && cell.formula.is_some() {
            return Err(wrong(format!("{}: the formula has no value", named()))
                .hint("open the file in a spreadsheet program and save it, so that the formula is worked out"));
        }
        let value =
            value(cell.value).map_err(|error| error.reworded(error.kind, format!("{}: {}", named(), error.message)))?;
        let Some(value) = value else { continue };
        match rows.last_mut().filter(|last| last.number == row) {
            Some(last) => last.cells.push((column, value)),
            None => rows.push(Row { number: row, cells: vec![(column, value)] }),
        }
    }
    Ok(rows)
}

/// The value of a cell; nothing for an empty one.
fn value(cell: DataRef<'_>) -> Result<Option<Dynamic>, Error> {
    let value = match cell {
        DataRef::Empty => return Ok(None),
        DataRef::String(text) => text.into(),
        DataRef::SharedString(text) => text.into(),
        DataRef::Int(number) => number.into(),
        DataRef::Float(number) => whole(number).map_or(number.into(), Dynamic::from),
        DataRef::Bool(truth) => truth.into(),
        DataRef::DateTime(moment) => date(moment)?.into(),
        DataRef::DateTimeIso(text) => text.parse().map_or(text, shown).into(),
        DataRef::DurationIso(text) => text.into(),
        DataRef::Error(error) => {
            let error = if error == CellErrorType::GettingData { "#GETTING_DATA".into() } else { error.to_string() };
            return Err(wrong(format!("the value is {error}")).hint("correct the formula, or empty the cell"));
        }
    };
    let empty = value.as_immutable_string_ref().is_ok_and(|text| text.is_empty());
    Ok((!empty).then_some(value))
}

/// A whole number, unless it has more digits than a spreadsheet keeps.
fn whole(number: f64) -> Option<INT> {
    (number.fract() == 0.0 && number.abs() < BEYOND_DIGITS as f64).then_some(number as INT)
}

/// A date or a moment as `time::parse` reads it; a time of day or a length of time as `18:30:00`.
fn date(moment: ExcelDateTime) -> Result<String, Error> {
    let days = moment.as_f64();
    if moment.is_duration() || days < 1.0 {
        let length = SignedDuration::from_secs((days * 86_400.0).round() as i64);
        let sign = if length.is_negative() { "-" } else { "" };
        let seconds = length.as_secs().unsigned_abs();
        return Ok(format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let narrow = |number: u8| number as i8;
    let moment = civil::DateTime::new(
        year as i16,
        narrow(month),
        narrow(day),
        narrow(hour),
        narrow(minute),
        narrow(second),
        i32::from(milli) * 1_000_000,
    );
    let moment = moment.and_then(|moment| moment.round(Unit::Second));
    moment.map(shown).map_err(|error| wrong(format!("it is no date: {error}")))
}

fn shown(moment: civil::DateTime) -> String {
    let form = if moment.time() == civil::Time::midnight() { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    moment.strftime(form).to_string()
}

fn columns(head: Row, ints: &[String]) -> Result<Columns, Error> {
    let mut seen: HashMap<ImmutableString, u32> = HashMap::new();
    let column = |(number, name): (u32, Dynamic)| {
        let name: ImmutableString = name.to_string().into();
        let cell = cell_name(head.number, number);
        if name.trim().is_empty() {
            return Err(wrong(format!("{cell}: the name of the column is blank")).hint("name it, or empty the column"));
        }
        if let Some(first) = seen.insert(name.clone(), number) {
            let first = cell_name(head.number, first);
            return Err(wrong(format!("{first} and {cell} are both `{name}`"))
                .hint("the first row names the columns; give each a name of its own"));
        }
        Ok((number, Column { int: ints.iter().any(|int| int == name.as_str()), name }))
    };
    head.cells.into_iter().map(column).collect()
}

fn record(row: Row, columns: &Columns, mut record: Map) -> Result<Map, Error> {
    for (number, value) in row.cells {
        let cell = || cell_name(row.number, number);
        let Some(column) = columns.get(&number) else {
            return Err(wrong(format!("{} is {value:?}, but its column has no name", cell()))
                .hint("the first row names the columns"));
        };
        let value = if column.int { int(&value).ok_or_else(|| no_int(&cell(), &column.name, &value))? } else { value };
        record.insert(column.name.as_str().into(), value);
    }
    match columns.iter().find(|(_, column)| column.int && record[column.name.as_str()].is_string()) {
        Some((number, column)) => Err(no_int(&cell_name(row.number, *number), &column.name, &"".into())),
        None => Ok(record),
    }
}

fn int(value: &Dynamic) -> Option<Dynamic> {
    let text = value.as_immutable_string_ref().ok().map(|text| text.trim().parse::<INT>().ok());
    text.unwrap_or(value.as_int().ok()).map(Dynamic::from)
}

fn no_int(cell: &str, name: &str, value: &Dynamic) -> Error {
    let error = wrong(format!("{cell}: `{name}` is {value:?}; it must be a whole number"));
    match value.as_float() {
        Ok(number) if number.fract() == 0.0 => {
            error.hint("a spreadsheet keeps 15 digits of a number; make the cell a text, and enter it again")
        }
        _ => error,
    }
}

fn unreadable(sheet: &str, last: Option<(u32, u32)>, error: &XlsxError) -> Error {
    let place =
        last.map_or_else(|| "in its first cell".into(), |(row, column)| format!("behind {}", cell_name(row, column)));
    wrong(format!("the sheet {sheet} cannot be read {place}: {error}"))
        .hint("open the file in a spreadsheet program, correct that cell and save it")
}

const SAVE_AS: &str = "open it in a spreadsheet program and save it as \"Excel workbook (.xlsx)\"";

fn no_book(error: XlsxError) -> Error {
    match error {
        XlsxError::Password => wrong("it is protected by a password").hint("save it without the password"),
        XlsxError::Zip(_) | XlsxError::Io(_) => wrong("it is not XLSX, or it is damaged").hint(SAVE_AS),
        error => wrong(format!("it is not XLSX: {error}")).hint(SAVE_AS),
    }
}

fn too_many_cells(sheet: &str) -> Error {
    too_large(format!("the sheet {sheet} has more than {MOST_CELLS} cells"))
}

fn too_large(message: String) -> Error {
    wrong(message).hint("cut it into several files, or save it as CSV")
}
