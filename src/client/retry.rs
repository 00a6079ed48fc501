//! Whether to try again, and when.

use crate::{Error, catalog::RetryWhen, lock::lock};
use std::{collections::HashMap, sync::Mutex, time::Duration};

/// One attempt that did not work.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing reached the platform.
    NotSent(Error),
    /// It was sent, and no answer that can be read came back.
    Lost(Error),
    /// The platform answered with an error.
    Answered(Error, RetryWhen),
}

impl Failure {
    pub(super) fn into_error(self) -> Error {
        match self {
            Failure::NotSent(error) | Failure::Lost(error) | Failure::Answered(error, _) => error,
        }
    }
}

/// How long to wait before a repetition, the first of which has the number 0: anything up to a limit that doubles.
pub(super) fn backoff(base: Duration, repetition: u32) -> Duration {
    const LONGEST: Duration = Duration::from_secs(20);
    let limit = base.saturating_mul(1 << repetition.min(10)).min(LONGEST);
    limit.mul_f64(fastrand::f64())
}

/// Retries that an account may still make. An outage drains it, so that retries never double the load; calls that
/// work fill it again, fast enough for a platform of which every fourth call fails: that takes a retry for each three
/// calls that work.
#[derive(Debug, Default)]
pub(super) struct Budgets(Mutex<HashMap<String, f64>>);

const FULL: f64 = 20.0;
const REFILL: f64 = 0.5;

impl Budgets {
    /// Take one retry out, if there is one.
    pub(super) fn spend(&self, account: &str) -> bool {
        let mut budgets = lock(&self.0);
        let left = budgets.entry(account.to_owned()).or_insert(FULL);
        let allowed = *left >= 1.0;
        if allowed {
            *left -= 1.0;
        }
        allowed
    }

    /// A call worked.
    pub(super) fn refill(&self, account: &str) {
        let mut budgets = lock(&self.0);
        if let Some(left) = budgets.get_mut(account) {
            *left = (*left + REFILL).min(FULL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_budget_is_never_negative_and_never_stuck(calls in prop::collection::vec(any::<bool>(), 0..400)) {
            let budgets = Budgets::default();
            let (mut spent, mut worked) = (0.0, 0.0);
            for call in calls {
                if call { budgets.refill("a"); worked += 1.0 } else if budgets.spend("a") { spent += 1.0 }
                prop_assert!(spent <= FULL + worked * REFILL + 1e-6);
            }
            for _ in 0..10 { budgets.refill("a") }
            prop_assert!(budgets.spend("a"));
        }

        #[test]
        fn a_wait_is_within_its_limit(attempt in 0_u32..40) {
            prop_assert!(backoff(Duration::from_millis(200), attempt) <= Duration::from_secs(20));
        }
    }
}
