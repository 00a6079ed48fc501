//! `[apply]`: what `juben apply` asks for.

use serde::Deserialize;

/// What must be so before a plan is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Apply {
    /// A second person has signed it.
    pub signature: bool,
    /// The public keys of those whose signatures count.
    pub keys: Vec<String>,
}
