//! The requests that the sandbox received; never a token, a secret or a signature.

use serde::Serialize;
use std::collections::VecDeque;

/// Older requests are forgotten.
const MOST: usize = 10_000;

/// A request that the sandbox received.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Received {
    /// When, by the sandbox's clock, in seconds since 1970.
    pub time: i64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// `novel.list_books`, if the path belongs to an operation.
    pub operation: Option<String>,
    /// Who called: an appid of WeChat, a userid of Polyv; empty when nobody known.
    pub caller: String,
    /// The code that was answered: an errcode of WeChat, the exact error of Polyv; 0 when the call worked.
    pub errcode: i64,
}

#[derive(Debug, Default)]
pub(super) struct Journal(VecDeque<Received>);

impl Journal {
    pub fn add(&mut self, received: Received) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(received);
    }

    pub fn all(&self) -> Vec<Received> {
        self.0.iter().cloned().collect()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
