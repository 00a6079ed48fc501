//! `sheet::` — tables in XLSX files, as Excel, WPS and others keep them. Paths are relative to the script's folder.

use super::{Host, Reply, cell, columns_of, given::Given, maps, thrown};
use crate::{
    Error,
    error::Kind,
    helpers::{
        sheet::{self, Form, Sheet},
        tables,
    },
};
use rhai::{Array, Dynamic, Map, plugin::*};

#[export_module]
pub mod module {
    /// Read the first sheet of a file, whose first row names the columns.
    /// A text is a string, a whole number an int, any other number a float, TRUE or FALSE a bool. A date is a string
    /// that `time::parse` reads (`2026-12-31`, or `2026-12-31 18:00:00`), a time of day one such as `18:00:00`. A
    /// formula is the value that was stored with it. An empty cell is `""`, as in `csv::read`; a row without content is
    /// passed over. A spreadsheet keeps 15 digits of a number, so a longer one is a float.
    /// - `path`: string.
    /// - returns: array of maps.
    /// - throws: `file` when it cannot be read or is not XLSX, when two columns have one name or one has none, and for
    ///   a cell such as `#REF!`; the message names the cell.
    /// - reads: `path`.
    /// ```rhai
    /// sheet::write("grants.xlsx", [#{ title: "归来记", days: 30 }]);
    /// assert_eq(sheet::read("grants.xlsx"), [#{ title: "归来记", days: 30 }]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read(call: NativeCallContext, path: &str) -> Reply<Array> {
        records(&call, path, Map::new())
    }

    /// The same with options.
    /// - `path`: string.
    /// - `options`: map: `sheet` (string, its name, or int, its place from 1 among those that are not hidden), `ints`
    ///   (array of string, the columns that hold whole numbers, be they kept as texts).
    /// - returns: array of maps.
    /// - throws: `file`, `argument`.
    /// - reads: `path`.
    /// ```rhai
    /// sheet::write("media.xlsx", [#{ id: 6921234567890123456, code: "007" }]);
    /// let rows = sheet::read("media.xlsx", #{ sheet: "Sheet1", ints: ["id"] });
    /// assert_eq(rows, [#{ id: 6921234567890123456, code: "007" }]);
    /// ```
    #[rhai_fn(return_raw, name = "read")]
    pub fn read_with(call: NativeCallContext, path: &str, options: Map) -> Reply<Array> {
        records(&call, path, options)
    }

    /// Write records to a file, all their fields as columns. A file that is there is replaced as a whole.
    /// An int of more than 15 digits is written as a text, so that none is lost; a text is never a formula.
    /// - `path`: string.
    /// - `rows`: array of maps.
    /// - throws: `file`.
    /// - writes: `path`.
    /// ```rhai
    /// sheet::write("media.xlsx", [#{ name: "第1集" }]);
    /// assert_eq(sheet::read("media.xlsx").len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn write(call: NativeCallContext, path: &str, rows: Array) -> Reply<()> {
        let rows = maps(&call, "rows", rows)?;
        store(&call, path, &columns_of(&rows), &rows)
    }

    /// Write these columns of records to a file, in this order.
    /// - `path`: string.
    /// - `rows`: array of maps.
    /// - `columns`: array of string.
    /// - throws: `file`.
    /// - writes: `path`.
    /// ```rhai
    /// sheet::write("media.xlsx", [#{ name: "第1集", id: 1, note: "…" }], ["id", "name"]);
    /// assert_eq(sheet::read("media.xlsx"), [#{ id: 1, name: "第1集" }]);
    /// ```
    #[rhai_fn(return_raw, name = "write")]
    pub fn write_columns(call: NativeCallContext, path: &str, rows: Array, columns: Array) -> Reply<()> {
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let rows = maps(&call, "rows", rows)?;
        store(&call, path, &columns, &rows)
    }
}

fn records(call: &NativeCallContext, path: &str, options: Map) -> Reply<Array> {
    let form = form(options).map_err(|error| thrown(call, error))?;
    let file = Host::of(call).reads(call, path)?;
    let read = || sheet::read(&tables::bytes(&file, sheet::MOST_BYTES)?, &form);
    read().map_err(|error| thrown(call, tables::about(file.path(), &error)))
}

fn form(options: Map) -> Result<Form, Error> {
    let mut given = Given::new(options);
    let sheet = given.value("sheet").map_or(Ok(Sheet::default()), |sheet| which(&sheet))?;
    let form = Form { sheet, ints: given.names("ints")? };
    given.ends().map(|()| form)
}

fn which(sheet: &Dynamic) -> Result<Sheet, Error> {
    if let Ok(name) = sheet.clone().into_string() {
        return Ok(Sheet::Named(name));
    }
    let place = sheet.as_int().ok().and_then(|place| usize::try_from(place).ok()).filter(|place| *place > 0);
    place.map(Sheet::At).ok_or_else(|| {
        let message = format!("the option `sheet` is {sheet:?}; it must be a name, or a number from 1");
        Error::new(Kind::Argument, message)
    })
}

fn store(call: &NativeCallContext, path: &str, columns: &[String], rows: &[Map]) -> Reply<()> {
    let file = Host::of(call).writes(call, path)?;
    let write = || {
        if !file.path().extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
            let error = Error::new(Kind::Argument, "a sheet is an XLSX file, and its name ends so");
            return Err(error.hint("`csv::write` writes CSV"));
        }
        tables::replace(&file, &sheet::write(columns, rows, cell)?)
    };
    write().map_err(|error| thrown(call, tables::about(file.path(), &error)))
}
