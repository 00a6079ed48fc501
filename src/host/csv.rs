//! `csv::` — tables in files that every spreadsheet reads. Paths are relative to the script's folder.

use super::{Host, Reply, cell, columns_of, given::Given, maps, thrown};
use crate::{
    Error,
    error::Kind,
    helpers::{
        csv::{self, Form},
        tables, texts,
    },
};
use rhai::{Array, Map, plugin::*};

#[export_module]
pub mod module {
    /// Read a file whose first line names the columns. Every cell is a string.
    /// - `path`: string.
    /// - returns: array of maps.
    /// - throws: `file` when it cannot be read or is not CSV in UTF-8.
    /// - reads: `path`.
    /// ```rhai
    /// csv::write("grants.csv", [#{ title: "归来记", days: 30 }]);
    /// assert_eq(csv::read("grants.csv")[0].days, "30");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read(call: NativeCallContext, path: &str) -> Reply<Array> {
        records(&call, path, Map::new())
    }

    /// The same with options.
    /// - `path`: string.
    /// - `options`: map: `ints` (array of string, the columns that hold whole numbers), `separator` (a character),
    ///   `otherwise` (string, the encoding of a file that is not UTF-8, such as `gb18030`).
    /// - returns: array of maps.
    /// - throws: `file`.
    /// - reads: `path`.
    /// ```rhai
    /// csv::write("grants.csv", [#{ title: "归来记", days: 30 }]);
    /// assert_eq(csv::read("grants.csv", #{ ints: ["days"] })[0].days, 30);
    /// ```
    #[rhai_fn(return_raw, name = "read")]
    pub fn read_with(call: NativeCallContext, path: &str, options: Map) -> Reply<Array> {
        records(&call, path, options)
    }

    /// Write records to a file, all their fields as columns. A file that is there is replaced as a whole.
    /// - `path`: string.
    /// - `rows`: array of maps.
    /// - throws: `file`.
    /// - writes: `path`.
    /// ```rhai
    /// csv::write("media.csv", [#{ name: "第1集" }]);
    /// assert_eq(csv::read("media.csv").len, 1);
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
    /// csv::write("media.csv", [#{ name: "第1集", id: 1 }], ["id", "name"]);
    /// assert_eq(csv::read("media.csv")[0].id, "1");
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
    let read = || csv::read(tables::bytes(&file, csv::MOST_BYTES)?, &form);
    read().map_err(|error| thrown(call, tables::about(file.path(), &error)))
}

fn form(options: Map) -> Result<Form, Error> {
    let mut given = Given::new(options);
    let mut form = Form { ints: given.names("ints")?, ..Form::default() };
    if let Some(separator) = given.value("separator") {
        let separator = separator.to_string();
        let [one] = separator.as_bytes() else {
            return Err(Error::new(
                Kind::Argument,
                format!("the separator is {separator:?}; it must be one character"),
            ));
        };
        form.separator = *one;
    }
    form.otherwise = given.string("otherwise")?.map(|name| texts::encoding(&name)).transpose()?;
    given.ends().map(|()| form)
}

fn store(call: &NativeCallContext, path: &str, columns: &[String], rows: &[Map]) -> Reply<()> {
    let file = Host::of(call).writes(call, path)?;
    let write = || tables::replace(&file, csv::write(columns, rows, cell)?.as_bytes());
    write().map_err(|error| thrown(call, tables::about(file.path(), &error)))
}
