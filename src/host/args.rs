//! `args::` — what a script was started with.

use super::{Arguments, Host, Reply, thrown, type_name, wrong_argument};
use crate::{Error, error::Kind};
use rhai::{Array, Dynamic, INT, Map, plugin::*};

#[export_module]
pub mod module {
    /// The parameter of that name, which the head of the script declares (`juben run script.rhai --days 45`).
    /// - `name`: string.
    /// - returns: a value of the declared type; the declared default when none was given.
    /// - throws: `argument` when the head declares no such parameter.
    /// ```rhai
    /// //! @param days int = 30 "how far ahead"
    /// assert_eq(args::get("days"), 30);
    /// ```
    #[rhai_fn(name = "get", return_raw)]
    pub fn get_declared(call: NativeCallContext, name: &str) -> Reply<Dynamic> {
        declared(&call, name)
    }

    /// The argument of that name (`--arg days=45`), or else the default: that of the head, if it declares one, or
    /// this one, whose type decides how an argument is read.
    /// - `name`: string.
    /// - `otherwise`: int, float, bool or string.
    /// - returns: a value of the default's type.
    /// - throws: `argument` when it cannot be read so.
    /// ```rhai
    /// assert_eq(args::get("days", 30), 30);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(call: NativeCallContext, name: &str, otherwise: Dynamic) -> Reply<Dynamic> {
        let host = Host::of(&call);
        let declared = host.arguments.declared.as_ref().and_then(|declared| declared.get(name).cloned());
        match host.arguments.given(name) {
            None => Ok(declared.unwrap_or(otherwise)),
            given => read(&call, name, given, otherwise),
        }
    }

    /// The argument at that place (`juben run script.rhai 45`), or else the default, read as `get` does.
    /// - `place`: int, from 0.
    /// - `otherwise`: int, float, bool or string.
    /// - returns: a value of the default's type.
    /// - throws: `argument` when it cannot be read so.
    /// ```rhai
    /// assert_eq(args::at(0, "all"), "all");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn at(call: NativeCallContext, place: INT, otherwise: Dynamic) -> Reply<Dynamic> {
        let host = Host::of(&call);
        let given = usize::try_from(place).ok().and_then(|place| host.arguments.positional.get(place));
        read(&call, &format!("number {place}"), given.map(String::as_str), otherwise)
    }

    /// The path of that name, which the head of the script declares: one that is given (`--file media.xlsx`) starts where
    /// the user stands, the default at the script's folder.
    /// - `name`: string.
    /// - returns: string.
    /// - throws: `argument` when the head declares no such parameter, or one that is no path.
    /// ```rhai
    /// //! @param file path = grants.csv "the sheet"
    /// assert_eq(args::path("file"), "grants.csv");
    /// ```
    #[rhai_fn(name = "path", return_raw)]
    pub fn path_declared(call: NativeCallContext, name: &str) -> Reply<Dynamic> {
        let default = declared(&call, name)?;
        if !default.is_string() {
            let message = format!("the parameter `{name}` is of type {}, not a path", type_name(&default));
            return Err(wrong_argument(&call, message, format!("declare it as //! @param {name} path")));
        }
        let host = Host::of(&call);
        Ok(host.arguments.given(name).map_or(default, |path| host.arguments.path(path).into()))
    }

    /// The path of that name: `--arg file=media.xlsx` starts where the user stands, the default at the script's folder.
    /// - `name`: string.
    /// - `otherwise`: string.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(args::path("file", "grants.csv"), "grants.csv");
    /// ```
    pub fn path(call: NativeCallContext, name: &str, otherwise: &str) -> String {
        let host = Host::of(&call);
        host.arguments.given(name).map_or_else(|| otherwise.to_owned(), |path| host.arguments.path(path))
    }

    /// The path at that place (`juben run script.rhai media.xlsx`), read as the one above.
    /// - `place`: int, from 0.
    /// - `otherwise`: string.
    /// - returns: string.
    /// ```rhai
    /// assert_eq(args::path(0, "grants.csv"), "grants.csv");
    /// ```
    #[rhai_fn(name = "path")]
    pub fn path_at(call: NativeCallContext, place: INT, otherwise: &str) -> String {
        let host = Host::of(&call);
        let given = usize::try_from(place).ok().and_then(|place| host.arguments.positional.get(place));
        given.map_or_else(|| otherwise.to_owned(), |path| host.arguments.path(path))
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

    /// Whether the writes of this run are not sent: they are listed by `--dry-run`, or kept by `juben plan`. Then the
    /// replies to them are made up, and nothing was created, granted or removed when the script ends.
    /// - returns: bool.
    /// ```rhai
    /// let result = if args::dry_run() { "planned" } else { "renewed" };
    /// assert_eq(result, "renewed");
    /// ```
    pub fn dry_run(call: NativeCallContext) -> bool {
        Host::of(&call).client.is_dry_run()
    }
}

impl Arguments {
    /// A path that was given. Other paths of a script start at its folder; this one must not.
    pub(crate) fn path(&self, given: &str) -> String {
        let path = std::path::absolute(self.folder.join(given));
        path.map_or_else(|_| given.to_owned(), |path| path.to_string_lossy().into_owned())
    }

    /// What was given under that name; the last of several.
    fn given(&self, name: &str) -> Option<&str> {
        self.named.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn declared(call: &NativeCallContext, name: &str) -> Reply<Dynamic> {
    let host = Host::of(call);
    let none = Map::new();
    let declared = host.arguments.declared.as_ref().unwrap_or(&none);
    declared.get(name).cloned().ok_or_else(|| {
        let error = Error::new(Kind::Argument, format!("the head of the script declares no parameter `{name}`"));
        let how = format!("declare it in the first lines: //! @param {name} int = 30 \"what it is for\"");
        thrown(call, error.hint(how).hint_names(name, declared.keys().map(|name| name.as_str())))
    })
}

fn read(call: &NativeCallContext, name: &str, given: Option<&str>, otherwise: Dynamic) -> Reply<Dynamic> {
    let Some(given) = given else { return Ok(otherwise) };
    let value = if otherwise.is_int() {
        given.parse::<INT>().ok().map(Dynamic::from)
    } else if otherwise.is_float() {
        given.parse::<f64>().ok().map(Dynamic::from)
    } else if otherwise.is_bool() {
        given.parse::<bool>().ok().map(Dynamic::from)
    } else {
        Some(super::text(given))
    };
    value.ok_or_else(|| {
        let expected = type_name(&otherwise);
        wrong_argument(
            call,
            format!("the argument {name} is {given:?}; it must be of type {expected}"),
            format!("the default is {otherwise}"),
        )
    })
}
