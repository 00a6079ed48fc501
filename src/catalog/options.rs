//! The options of a call, beside its parameters.

use super::{Problem, Unknown, check::Fault};
use crate::error::nearest;
use rhai::Dynamic;

/// The options of any call.
pub const OPTIONS: [&str; 4] = ["account", "timeout", "retries", "extra"];

/// What is wrong with an option of a call.
pub fn check_option(name: &str, value: &Dynamic) -> Result<(), Problem> {
    let number = || value.as_float().or_else(|_| value.as_int().map(|number| number as f64));
    let (fits, expected) = match name {
        "account" => (value.is_string(), "the name of an account"),
        "timeout" => (number().is_ok_and(|seconds| seconds > 0.0 && seconds < 1e6), "seconds, above 0"),
        "retries" => (value.as_int().is_ok_and(|count| u32::try_from(count).is_ok()), "a number, 0 or more"),
        "extra" => (value.is_map(), "a map"),
        _ => return Err(no_option(name, &OPTIONS)),
    };
    if fits || value.is::<Unknown>() {
        return Ok(());
    }
    let message = format!("the option `{name}` is {value:?}; it must be {expected}");
    Err(Problem { fault: Fault::Wrong, path: name.to_owned(), message, hint: None })
}

/// An option that nothing knows.
pub fn no_option(name: &str, known: &[&str]) -> Problem {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    let message = format!("there is no option `{name}`");
    Problem { fault: Fault::Unknown, path: name.to_owned(), message, hint: Some(hint) }
}
