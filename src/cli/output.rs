//! How a result is written: a table for a person, lines of JSON for a program.

use super::{width, write_out};
use crate::{
    Error, client,
    error::Kind,
    helpers::csv,
    host::{cell, columns_of, shown, table},
};
use clap::ValueEnum;
use rhai::{Dynamic, Map};
use std::io::IsTerminal;

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// A table of the result's rows
    Table,
    /// One JSON text
    Json,
    /// A JSON text a line, one for each row
    Jsonl,
    /// Comma separated values with a head line
    Csv,
}

/// Write the value that a script or a call ended with; `()` is nothing.
pub(super) fn write_result(result: &Dynamic, output: Option<Output>) -> Result<(), Error> {
    write_rows(result, &[], output)
}

/// The same, with the columns of a table, if there are any to choose.
pub(super) fn write_rows(result: &Dynamic, chosen: &[&str], output: Option<Output>) -> Result<(), Error> {
    if result.is_unit() {
        return Ok(());
    }
    let on_terminal = std::io::stdout().is_terminal();
    let output = output.unwrap_or(if on_terminal { Output::Table } else { Output::Jsonl });
    let rows = rows_of(result);
    let text = match (output, rows) {
        (Output::Json, _) => json(client::encode_pretty(result))?,
        (Output::Table, Some(rows)) if rows.is_empty() => "(no rows)\n".to_owned(),
        (Output::Table, Some(rows)) => {
            let fitted = on_terminal.then(|| u16::try_from(width()).unwrap_or(u16::MAX));
            let chosen: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
            let columns = if chosen.is_empty() { columns_of(&rows) } else { chosen };
            table(&columns, &rows, fitted) + "\n"
        }
        (Output::Csv, Some(rows)) => csv_of(&rows)?,
        (Output::Csv, None) if result.is_map() => csv_of(&[result.clone().cast()])?,
        (Output::Jsonl, Some(rows)) => {
            rows.into_iter().map(|row| json(client::encode(&row.into()))).collect::<Result<String, _>>()?
        }
        (Output::Jsonl, None) if result.is_map() || result.is_array() => json(client::encode(result))?,
        (_, None) if result.is_map() || result.is_array() => json(client::encode_pretty(result))?,
        (_, None) => shown(result) + "\n",
    };
    write_out(&text)
}

/// The result as rows, if it is a list of maps.
pub(super) fn rows_of(result: &Dynamic) -> Option<Vec<Map>> {
    let items = result.as_array_ref().ok()?;
    items.iter().map(|item| item.clone().try_cast::<Map>()).collect()
}

fn json(text: Result<String, serde_json::Error>) -> Result<String, Error> {
    let text = text.map_err(|error| {
        Error::new(Kind::Script, format!("the result cannot be written: {error}"))
            .hint("end the script with maps, arrays, texts or numbers")
    })?;
    Ok(text + "\n")
}

fn csv_of(rows: &[Map]) -> Result<String, Error> {
    csv::write(&columns_of(rows), rows, cell)
}
