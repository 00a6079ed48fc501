//! What a text can name that neither it nor the library defines: at the prompt, what earlier entries have left.

use super::Function;
use std::path::PathBuf;

/// The surroundings of a text.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Variables and constants.
    pub variables: Vec<Variable>,
    /// Functions; their module is empty.
    pub functions: Vec<Function>,
    /// Imports.
    pub imports: Vec<Import>,
    /// The accounts of `juben.toml`.
    pub accounts: Vec<String>,
    /// Where relative paths start.
    pub folder: PathBuf,
}

/// A variable with a value.
#[derive(Debug, Clone, Default)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The type of its value, as a script calls it: `array`, `map`, `int`.
    pub kind: String,
    /// The fields of its value, if that is a map, or of the first item, if it is an array of maps.
    pub fields: Vec<String>,
}

/// `import "name" as alias`.
#[derive(Debug, Clone)]
pub struct Import {
    /// What the functions are called by.
    pub alias: String,
    /// The module's name.
    pub name: String,
}
