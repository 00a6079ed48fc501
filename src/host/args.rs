//! `args::` — what a script was started with.

use super::{Arguments, Host, Reply, type_name, wrong_argument};
use rhai::{Array, Dynamic, INT, plugin::*};

#[export_module]
pub mod module {
    /// The argument of that name (`--arg days=45`), or else the default. The default's type decides how it is read.
    /// - `name`: string.
    /// - `default`: int, float, bool or string.
    /// - returns: a value of the default's type.
    /// - throws: `argument` when it cannot be read so.
    /// ```rhai
    /// assert_eq(args::get("days", 30), 30);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(call: NativeCallContext, name: &str, default: Dynamic) -> Reply<Dynamic> {
        let host = Host::of(&call);
        let given = host.arguments.named.iter().rev().find(|(known, _)| known == name);
        read(&call, name, given.map(|(_, value)| value.as_str()), default)
    }

    /// The argument at that place (`juben run script.rhai 45`), or else the default, read as `get` does.
    /// - `place`: int, from 0.
    /// - `default`: int, float, bool or string.
    /// - returns: a value of the default's type.
    /// - throws: `argument` when it cannot be read so.
    /// ```rhai
    /// assert_eq(args::at(0, "all"), "all");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn at(call: NativeCallContext, place: INT, default: Dynamic) -> Reply<Dynamic> {
        let host = Host::of(&call);
        let given = usize::try_from(place).ok().and_then(|place| host.arguments.positional.get(place));
        read(&call, &format!("number {place}"), given.map(String::as_str), default)
    }

    /// The path of that name: `--arg file=media.xlsx` starts where the user stands, the default at the script's folder.
    /// - `name`: string.
    /// - `default`: string.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(args::path("file", "grants.csv"), "grants.csv");
    /// ```
    pub fn path(call: NativeCallContext, name: &str, default: &str) -> String {
        let host = Host::of(&call);
        let given = host.arguments.named.iter().rev().find(|(known, _)| known == name);
        given.map_or_else(|| default.to_owned(), |(_, path)| from_here(path))
    }

    /// The path at that place (`juben run script.rhai media.xlsx`), read as the one above.
    /// - `place`: int, from 0.
    /// - `default`: string.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(args::path(0, "grants.csv"), "grants.csv");
    /// ```
    #[rhai_fn(name = "path")]
    pub fn path_at(call: NativeCallContext, place: INT, default: &str) -> String {
        let host = Host::of(&call);
        let given = usize::try_from(place).ok().and_then(|place| host.arguments.positional.get(place));
        given.map_or_else(|| default.to_owned(), |path| from_here(path))
    }

    /// All arguments by position.
    /// - returns: array of string.
    /// ```rhai
    /// assert_eq(args::all(), []);
    /// ```
    pub fn all(call: NativeCallContext) -> Array {
        let Arguments { positional, .. } = &Host::of(&call).arguments;
        positional.iter().map(|text| super::super::text(text.as_str())).collect()
    }
}

/// Other paths of a script start at its folder; this one must not.
fn from_here(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn read(call: &NativeCallContext, name: &str, given: Option<&str>, default: Dynamic) -> Reply<Dynamic> {
    let Some(given) = given else { return Ok(default) };
    let value = if default.is_int() {
        given.parse::<INT>().ok().map(Dynamic::from)
    } else if default.is_float() {
        given.parse::<f64>().ok().map(Dynamic::from)
    } else if default.is_bool() {
        given.parse::<bool>().ok().map(Dynamic::from)
    } else {
        Some(super::text(given))
    };
    value.ok_or_else(|| {
        let expected = type_name(&default);
        wrong_argument(
            call,
            format!("the argument {name} is {given:?}; it must be of type {expected}"),
            format!("the default is {default}"),
        )
    })
}
