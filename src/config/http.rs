//! `[http]`: how requests are sent.

use serde::Deserialize;
use std::path::PathBuf;

/// How requests are sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// A proxy for all requests.
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds that one attempt may take.
    pub timeout: u64,
    /// Seconds that a call may take with all its attempts.
    pub deadline: u64,
    /// How often a call is repeated at most.
    pub retries: u32,
    /// Milliseconds: the limit of the first pause before a retry; it doubles each time.
    pub backoff_ms: u64,
    /// The largest reply, in bytes.
    pub max_reply: u64,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            proxy: None,
            ca_file: None,
            timeout: 30,
            deadline: 300,
            retries: 3,
            backoff_ms: 500,
            max_reply: 64 << 20,
        }
    }
}
