//! How a result is written: a table for a person, lines of JSON for a program.

use super::{width, write_out};
use crate::{
    Error, client,
    error::Kind,
    helpers::csv,
    host::{cell, columns_of, shown, table},
};
use clap::{Args, ValueEnum};
use rhai::{Dynamic, Map};
use std::io::IsTerminal;

/// How a list is written.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Form {
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    pub output: Option<Output>,
}

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

impl Output {
    /// This one, or what is usual where it is written.
    pub(super) fn or_usual(given: Option<Output>) -> Output {
        given.unwrap_or(if std::io::stdout().is_terminal() { Output::Table } else { Output::Jsonl })
    }
}

/// Write the value that a script or a call ended with; `()` is nothing.
pub(super) fn write_result(result: &Dynamic, output: Option<Output>) -> Result<(), Error> {
    write_rows(result, &[], output)
}

/// The same, with the columns of a table, if there are any to choose. They come first where there is room for all.
pub(super) fn write_rows(result: &Dynamic, chosen: &[&str], output: Option<Output>) -> Result<(), Error> {
    if result.is_unit() {
        return Ok(());
    }
    let rows = rows_of(result);
    let text = match (Output::or_usual(output), rows) {
        (Output::Json, _) => json(client::encode_pretty(result))?,
        (Output::Table, Some(rows)) if rows.is_empty() => "(no rows)\n".to_owned(),
        (Output::Table, Some(rows)) => {
            let fitted = std::io::stdout().is_terminal().then(|| u16::try_from(width()).unwrap_or(u16::MAX));
            let chosen: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
            let columns = if chosen.is_empty() { columns_of(&rows) } else { chosen };
            table(&columns, &rows, fitted) + "\n"
        }
        (Output::Csv, Some(rows)) => csv_of(&rows, chosen)?,
        (Output::Csv, None) if result.is_map() => csv_of(&[result.clone().cast()], chosen)?,
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

fn csv_of(rows: &[Map], first: &[&str]) -> Result<String, Error> {
    let mut columns = columns_of(rows);
    columns.retain(|name| !first.contains(&name.as_str()));
    columns.splice(..0, first.iter().map(|name| (*name).to_owned()));
    csv::write(&columns, rows, cell)
}
