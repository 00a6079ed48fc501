//! `json::` — JSON texts and script values.

use super::{Reply, wrong_argument};
use crate::client;
use rhai::{Dynamic, plugin::*};

#[export_module]
pub mod module {
    /// Read a JSON text. Integers beyond 64 signed bits become strings; `null` becomes `()`.
    /// - `text`: string.
    /// - returns: the value.
    /// - throws: `argument` when it is not JSON.
    /// ```rhai
    /// assert_eq(json::parse(`{"a": [1, 2]}`).a[1], 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parse(call: NativeCallContext, text: &str) -> Reply<Dynamic> {
        client::decode(text.as_bytes())
            .map_err(|error| wrong_argument(&call, format!("this is not JSON: {error}"), "check the text"))
    }

    /// Write a value as JSON in one line.
    /// - `value`: anything but functions.
    /// - returns: string.
    /// - throws: `argument` when it cannot be written.
    /// ```rhai
    /// assert_eq(json::text(#{ a: [1, "中文"] }), `{"a":[1,"中文"]}`);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn text(call: NativeCallContext, value: Dynamic) -> Reply<String> {
        client::encode(&value).map_err(|error| wrong_argument(&call, error.to_string(), "use maps, arrays and scalars"))
    }

    /// Write a value as JSON over several lines.
    /// - `value`: anything but functions.
    /// - returns: string.
    /// - throws: `argument` when it cannot be written.
    /// ```rhai
    /// assert_eq(json::pretty([]), "[]");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn pretty(call: NativeCallContext, value: Dynamic) -> Reply<String> {
        client::encode_pretty(&value)
            .map_err(|error| wrong_argument(&call, error.to_string(), "use maps, arrays and scalars"))
    }
}
