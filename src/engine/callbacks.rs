//! A function is given as a function. The language also takes its name as a text: then nobody can say what a script calls
//! before it runs.

use crate::{
    Error,
    error::Kind,
    host::{Reply, thrown},
};
use rhai::{Array, Dynamic, Engine, INT, NativeCallContext};

/// The functions of arrays that would take the name of another one.
const OF_ARRAYS: [&str; 10] =
    ["all", "dedup", "drain", "filter", "map", "reduce", "reduce_rev", "retain", "some", "sort"];

/// Refuse names where functions are meant; a text that is looked for is only that.
pub(super) fn refuse_names(engine: &mut Engine) {
    for name in OF_ARRAYS {
        engine
            .register_fn(name, move |call: NativeCallContext, _: &mut Array, given: &str| refused(&call, name, given));
    }
    for name in ["reduce", "reduce_rev"] {
        let refuse = move |call: NativeCallContext, _: &mut Array, given: &str, _: Dynamic| refused(&call, name, given);
        engine.register_fn(name, refuse);
    }
    engine.register_fn("index_of", |array: &mut Array, text: &str| place(array, text, 0));
    engine.register_fn("index_of", |array: &mut Array, text: &str, start: INT| {
        let from_end = || array.len().saturating_sub(usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX));
        place(array, text, usize::try_from(start).unwrap_or_else(|_| from_end()))
    });
}

fn refused(call: &NativeCallContext, name: &str, given: &str) -> Reply<Dynamic> {
    let error = Error::new(Kind::Argument, format!("`{name}` takes a function, not the text {given:?}"));
    Err(thrown(call, error.hint("give the function itself, by its name without quotes, or |item| …")))
}

/// Where the text is first found from a place on; -1 where it is not.
fn place(array: &Array, text: &str, start: usize) -> INT {
    let is_text = |item: &Dynamic| item.read_lock::<rhai::ImmutableString>().is_some_and(|it| *it == text);
    let found = array.iter().enumerate().skip(start).find(|(_, item)| is_text(item));
    found.and_then(|(place, _)| INT::try_from(place).ok()).unwrap_or(-1)
}
