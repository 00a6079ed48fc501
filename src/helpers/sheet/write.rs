//! Records as an XLSX file.

use super::{BEYOND_DIGITS, cell_name, wrong};
use crate::Error;
use rhai::{Dynamic, INT, Map};
use rust_xlsxwriter::{ColNum, Format, IgnoreError, RowNum, Workbook, Worksheet, XlsxError};
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

/// What a sheet can hold, the row of the names included.
const MOST_ROWS: usize = 1 << 20;
const MOST_COLUMNS: usize = 1 << 14;
/// In characters of the default font.
const NARROWEST: usize = 6;
const WIDEST: usize = 60;

/// Records as the content of a file with one sheet: a row that names the columns, then one for each record.
pub fn write(columns: &[String], records: &[Map], text: impl Fn(&Dynamic) -> String) -> Result<Vec<u8>, Error> {
    check(columns, records)?;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let kept = Format::new().set_quote_prefix();
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(columns) {
        sheet.write_string_with_format(0, column, name, &bold).map_err(|error| unwritable(0, column, &error))?;
        let mut width = name.width();
        for (row, record) in (1..).zip(records) {
            let Some(value) = record.get(name.as_str()).filter(|value| !value.is_unit()) else { continue };
            let text = text(value);
            width = width.max(text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0));
            put(sheet, row, column, value, &text, &kept).map_err(|error| unwritable(row, column, &error))?;
        }
        let width = width.clamp(NARROWEST, WIDEST) as u32 + 2;
        sheet.set_column_width(column, width).map_err(unusable)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(unusable)?;
    // An id that is kept as a text is no mistake to be marked.
    let (last_row, last_column) = (records.len() as RowNum, columns.len().saturating_sub(1) as ColNum);
    sheet.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText).map_err(unusable)?;
    book.save_to_buffer().map_err(unusable)
}

fn check(columns: &[String], records: &[Map]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    if let Some(name) = columns.iter().find(|name| name.trim().is_empty() || !seen.insert(name.as_str())) {
        let error =
            if name.trim().is_empty() { "a column has no name".into() } else { format!("two columns are `{name}`") };
        return Err(wrong(error).hint("each column must have a name of its own"));
    }
    if records.len() >= MOST_ROWS || columns.len() > MOST_COLUMNS {
        let (rows, columns) = (records.len(), columns.len());
        let most = MOST_ROWS - 1;
        return Err(wrong(format!("a sheet holds {most} rows of {MOST_COLUMNS} columns, not {rows} of {columns}"))
            .hint("write several files, or use csv::write"));
    }
    Ok(())
}

/// Texts are never formulas. What a person's editing would turn into a number or a formula is marked to stay a text.
fn put<'a>(
    sheet: &'a mut Worksheet,
    row: RowNum,
    column: ColNum,
    value: &Dynamic,
    text: &str,
    kept: &Format,
) -> Result<&'a mut Worksheet, XlsxError> {
    if let Ok(truth) = value.as_bool() {
        return sheet.write_boolean(row, column, truth);
    }
    match (value.as_int(), value.as_float()) {
        (Ok(number), _) if number.unsigned_abs() < BEYOND_DIGITS => sheet.write_number(row, column, number as f64),
        (_, Ok(number)) if number.is_finite() => sheet.write_number(row, column, number),
        _ if is_id(value) || text.starts_with(['=', '+', '-', '@']) => {
            sheet.write_string_with_format(row, column, text, kept)
        }
        _ => sheet.write_string(row, column, text),
    }
}

fn is_id(value: &Dynamic) -> bool {
    value.is_int() || value.as_immutable_string_ref().is_ok_and(|text| text.parse::<INT>().is_ok())
}

fn unwritable(row: RowNum, column: ColNum, error: &XlsxError) -> Error {
    let cell = cell_name(row, column.into());
    match error {
        XlsxError::MaxStringLengthExceeded => wrong(format!("{cell}: a cell holds 32767 characters at most"))
            .hint("leave the column out, or use csv::write"),
        error => wrong(format!("{cell}: {error}")),
    }
}

fn unusable(error: XlsxError) -> Error {
    wrong(error.to_string())
}
