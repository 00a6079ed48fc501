//! XLSX files as records, and records as XLSX files.

mod read;
mod write;

pub use read::{Form, MOST_BYTES, Sheet, read};
pub use write::write;

use crate::{Error, error::Kind};
use rust_xlsxwriter::utility::row_col_to_cell;

/// A spreadsheet keeps 15 digits of a number. A longer one has lost its last digits where a person typed it.
const BEYOND_DIGITS: u64 = 10_u64.pow(15);

/// The name of a cell as a person knows it, such as `C7`.
fn cell_name(row: u32, column: u32) -> String {
    row_col_to_cell(row, u16::try_from(column).unwrap_or(u16::MAX))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::File, message)
}
