//! What a script may do, read off its syntax tree.

use crate::{catalog::Effect, error::Place};
use std::collections::BTreeMap;

/// What a script may do on the platforms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// The operations it can call, itself, by its modules or by helpers, each with the strongest effect it can have.
    pub operations: BTreeMap<String, Effect>,
    /// Where a helper is given the name of an operation that is only known when the script runs: it may be any.
    pub unknown: Vec<Place>,
}
