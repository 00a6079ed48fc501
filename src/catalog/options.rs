//! The options of any call: the second map that an operation takes.

use super::{Problem, Unknown, check::Fault};
use crate::error::nearest;
use rhai::Dynamic;

/// An option of any call.
#[derive(Debug)]
pub struct CallOption {
    /// Its name.
    pub name: &'static str,
    /// What it must be.
    pub expected: &'static str,
    /// What it does.
    pub summary: &'static str,
}

/// All of them.
pub const OPTIONS: [CallOption; 4] = [
    CallOption { name: "account", expected: "the name of an account", summary: "who calls" },
    CallOption { name: "timeout", expected: "seconds, above 0", summary: "for the call with all its tries" },
    CallOption { name: "retries", expected: "a number, 0 or more", summary: "how often it is tried again" },
    CallOption { name: "extra", expected: "a map", summary: "fields that the catalog does not know, sent unchecked" },
];

/// Their names.
pub fn option_names() -> [&'static str; OPTIONS.len()] {
    OPTIONS.map(|option| option.name)
}

/// What is wrong with an option of a call.
pub fn check_option(name: &str, value: &Dynamic) -> Result<(), Problem> {
    let option = OPTIONS.iter().find(|option| option.name == name).ok_or_else(|| no_option(name, &option_names()))?;
    let number = || value.as_float().or_else(|_| value.as_int().map(|number| number as f64));
    let fits = match name {
        "account" => value.is_string(),
        "timeout" => number().is_ok_and(|seconds| seconds > 0.0 && seconds < 1e6),
        "retries" => value.as_int().is_ok_and(|count| u32::try_from(count).is_ok()),
        _ => value.is_map(),
    };
    if fits || value.is::<Unknown>() {
        return Ok(());
    }
    let message = format!("the option `{name}` is {value:?}; it must be {}", option.expected);
    Err(Problem { fault: Fault::Wrong, path: name.to_owned(), message, hint: None, meant: None })
}

/// An option that nothing knows.
pub fn no_option(name: &str, known: &[&str]) -> Problem {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    let message = format!("there is no option `{name}`");
    Problem { fault: Fault::Unknown, path: name.to_owned(), message, hint: Some(hint), meant: None }
}
