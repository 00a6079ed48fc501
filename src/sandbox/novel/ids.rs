//! Ids and serial numbers that were not given out before.

use serde::{Deserialize, Serialize};

/// How many numbers have been given out.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ids(i64);

impl Ids {
    /// An id like `Bk7aQ2x9`. A world that was written by hand may hold it already.
    pub fn fresh(&mut self, prefix: &str, taken: impl Fn(&str) -> bool) -> String {
        loop {
            self.0 = self.0.wrapping_add(1);
            let id = format!("{prefix}{}", scrambled(self.0.unsigned_abs()));
            if !taken(&id) {
                return id;
            }
        }
    }

    /// The number behind the newest id.
    pub fn newest(&self) -> i64 {
        self.0
    }
}

/// Six letters and digits, other ones for each number (the factor shares no divisor with 62), and for the first those of
/// the manual's example.
fn scrambled(number: u64) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const START: u64 = 8_117_578_144;
    let mut rest = number.wrapping_mul(1_000_000_007).wrapping_add(START) % 62_u64.pow(6);
    let sign = |_| {
        let sign = SIGNS[(rest % 62) as usize];
        rest /= 62;
        char::from(sign)
    };
    (0..6).map(sign).collect()
}
