//! `log::` — words to the person who watches; they go to standard error, never among the data.

use super::{Host, Line, pages::Pages};
use crate::{client, secret::Secret};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext, plugin::*};
use tracing::Level;

#[export_module]
pub mod module {
    /// Something worth knowing.
    /// - `message`: anything.
    /// ```rhai
    /// log::info("3 grants end this week");
    /// ```
    pub fn info(call: NativeCallContext, message: Dynamic) {
        write(&call, Level::INFO, &message);
    }

    /// Something that may be wrong.
    /// - `message`: anything.
    /// ```rhai
    /// log::warn("a grant ends tomorrow");
    /// ```
    pub fn warn(call: NativeCallContext, message: Dynamic) {
        write(&call, Level::WARN, &message);
    }

    /// Something that went wrong.
    /// - `message`: anything.
    /// ```rhai
    /// log::error("a grant could not be renewed");
    /// ```
    pub fn error(call: NativeCallContext, message: Dynamic) {
        write(&call, Level::ERROR, &message);
    }

    /// A detail, shown with `--verbose`.
    /// - `message`: anything.
    /// ```rhai
    /// log::debug("page 3");
    /// ```
    pub fn debug(call: NativeCallContext, message: Dynamic) {
        write(&call, Level::DEBUG, &message);
    }
}

fn write(call: &NativeCallContext, level: Level, message: &Dynamic) {
    (Host::of(call).output)(Line::Logged(level, &shown(message)));
}

/// A value as a line: maps and arrays as JSON.
pub(crate) fn shown(value: &Dynamic) -> String {
    match value.read_lock::<Secret>() {
        Some(secret) => secret.to_string(),
        None if value.is::<Pages>() => "a listing: walk it by `for`, or read all of it by `collect()`".to_owned(),
        None if value.is_map() || value.is_array() => client::encode(value).unwrap_or_default(),
        None => value.to_string(),
    }
}

/// `print` of a map or an array writes JSON, not the language's own notation: the engine prints what these give.
pub(super) fn replace_print(engine: &mut Engine) {
    engine.register_fn("print", |map: Map| shown(&map.into()));
    engine.register_fn("print", |array: Array| shown(&array.into()));
}
