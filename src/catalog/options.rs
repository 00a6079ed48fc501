//! The options of any call: the second map that an operation takes.

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
