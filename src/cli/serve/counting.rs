//! Counts the calls of runs, which happen in processes of their own.

use crate::{
    cli::{attempt::Children, calls::count_call},
    client::Meter,
    scheduler::{Attempt, Ended, Executor, Stop, Tell, Told},
};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Children whose calls are counted.
#[derive(Debug)]
pub(in crate::cli) struct Counting {
    pub children: Arc<Children>,
    pub meter: Arc<Meter>,
}

impl Executor for Counting {
    fn execute(&self, attempt: Attempt, stop: Stop, tell: Tell) -> BoxFuture<'static, Ended> {
        let meter = self.meter.clone();
        let counted = move |told| {
            if let Told::Called(called) = &told {
                count_call(&meter, called);
            }
            tell(told);
        };
        self.children.execute(attempt, stop, Arc::new(counted))
    }
}
