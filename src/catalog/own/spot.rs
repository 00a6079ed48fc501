//! Where in a document something is, and what is wrong there.

use std::fmt;

/// A place in a document; written out only when something is wrong with it.
#[derive(Clone, Copy)]
pub(super) enum Spot<'a> {
    Root,
    In(&'a Spot<'a>, &'a str),
    Item(&'a Spot<'a>, usize),
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Root => Ok(()),
            Spot::In(Spot::Root, step) => f.write_str(step),
            Spot::In(outer, step) => write!(f, "{outer}.{step}"),
            Spot::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

/// What is wrong with a document.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where: `paths./customers.get.parameters[0]`.
    pub place: String,
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl Spot<'_> {
    pub fn fault(&self, message: impl Into<String>, hint: &'static str) -> Fault {
        Fault { place: self.to_string(), message: message.into(), hint }
    }
}
