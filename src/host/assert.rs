//! `assert…` — what a test expects. These are global: they have no authority, and reach nothing.

use super::{Reply, difference, shown, text, thrown, type_name, wrong_argument};
use crate::{Error, error::Kind};
use rhai::{Dynamic, EvalAltResult, FnPtr, Map, plugin::*};

#[export_module]
pub mod module {
    /// Go on only if this is true.
    /// - `truth`: bool.
    /// - throws: `assertion` when it is false.
    /// ```rhai
    /// assert(time::days(1) > time::hours(23));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn assert(call: NativeCallContext, truth: Dynamic) -> Reply<()> {
        holds(&call, &truth, || "this is not so".to_owned())
    }

    /// Go on only if this is true; otherwise say why.
    /// - `truth`: bool.
    /// - `message`: anything, what is wrong when it is false.
    /// - throws: `assertion` with this message.
    /// ```rhai
    /// let books = pages::of("novel.list_books", #{}).collect();
    /// assert(books.len > 0, "the account has no novel");
    /// ```
    #[rhai_fn(return_raw, name = "assert")]
    pub fn assert_or(call: NativeCallContext, truth: Dynamic, message: Dynamic) -> Reply<()> {
        holds(&call, &truth, || shown(&message))
    }

    /// Go on only if two values are equal.
    /// - `found`: anything.
    /// - `expected`: anything.
    /// - throws: `assertion`, with each place of a map or an array where they differ.
    /// ```rhai
    /// assert_eq(json::parse(`{"names": ["第1集"]}`), #{ names: ["第1集"] });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn assert_eq(call: NativeCallContext, found: Dynamic, expected: Dynamic) -> Reply<()> {
        match difference::told(&call, &found, &expected) {
            None => Ok(()),
            Some(difference) => failed(&call, difference),
        }
    }

    /// Go on only if two values differ.
    /// - `found`: anything.
    /// - `unexpected`: anything.
    /// - throws: `assertion` when they are equal.
    /// ```rhai
    /// assert_ne(time::format(0), time::format(60));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn assert_ne(call: NativeCallContext, found: Dynamic, unexpected: Dynamic) -> Reply<()> {
        match difference::told(&call, &found, &unexpected) {
            Some(_) => Ok(()),
            None => failed(&call, format!("both are {}", difference::literal(&found))),
        }
    }

    /// Go on only if a function throws.
    /// - `function`: function without parameters.
    /// - returns: map, the error, with at least `kind` and `message`.
    /// - throws: `assertion` when it does not throw.
    /// ```rhai
    /// let error = assert_throws(|| novel::list_books(#{ limit: 0 }));
    /// assert_eq(error.kind, "argument");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn assert_throws(call: NativeCallContext, function: FnPtr) -> Reply<Map> {
        caught(&call, &function)
    }

    /// Go on only if a function throws an error of this kind.
    /// - `function`: function without parameters.
    /// - `kind`: string, such as `"argument"`; of what a script throws without a kind, and of the language's own errors, it
    ///   is `"script"`.
    /// - returns: map, the error.
    /// - throws: `assertion` when it does not throw, or throws another kind.
    /// ```rhai
    /// let error = assert_throws(|| novel::list_books(#{ limt: 1 }), "argument");
    /// assert(error.message.contains("limt"));
    /// ```
    #[rhai_fn(return_raw, name = "assert_throws")]
    pub fn assert_throws_kind(call: NativeCallContext, function: FnPtr, kind: &str) -> Reply<Map> {
        let error = caught(&call, &function)?;
        let thrown = error.get("kind").map(shown).unwrap_or_default();
        if thrown == kind {
            return Ok(error);
        }
        let message = error.get("message").map(shown).unwrap_or_default();
        failed(&call, format!("it threw `{thrown}` ({message}), expected `{kind}`"))
    }
}

fn holds(call: &NativeCallContext, truth: &Dynamic, message: impl FnOnce() -> String) -> Reply<()> {
    match truth.as_bool() {
        Ok(true) => Ok(()),
        Ok(false) => failed(call, message()),
        Err(_) => {
            let message = format!("`assert` is given a value of type {}; it must be true or false", type_name(truth));
            Err(wrong_argument(call, message, "compare it with something, or use assert_eq"))
        }
    }
}

fn failed<T>(call: &NativeCallContext, message: String) -> Reply<T> {
    Err(thrown(call, Error::new(Kind::Assertion, message)))
}

/// The error that a function throws, as a map. What no script can catch goes on.
fn caught(call: &NativeCallContext, function: &FnPtr) -> Reply<Map> {
    match function.call_within_context::<Dynamic>(call, ()) {
        Ok(value) if value.is_unit() => failed(call, "nothing was thrown".to_owned()),
        Ok(value) => failed(call, format!("nothing was thrown; it returned {}", difference::literal(&value))),
        Err(error) if error.unwrap_inner().is_catchable() => Ok(as_map(error.unwrap_inner())),
        Err(error) => Err(error),
    }
}

fn as_map(error: &EvalAltResult) -> Map {
    let message = match error {
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<Map>() {
            Some(fields) => {
                let mut fields = fields.clone();
                fields.entry("kind".into()).or_insert_with(|| text(Kind::Script.name()));
                fields.entry("message".into()).or_insert_with(|| text(shown(value)));
                return fields;
            }
            None => shown(value),
        },
        // Without its place, which stands after it in brackets.
        other => other.to_string().split(" (line ").next().unwrap_or_default().to_owned(),
    };
    Map::from_iter([("kind".into(), text(Kind::Script.name())), ("message".into(), text(message))])
}
