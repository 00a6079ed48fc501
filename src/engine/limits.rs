//! What a run may use. The language's own limits have holes (callbacks of native functions are not counted), so steps
//! are counted here.

use crate::{
    Error,
    config::Limits,
    error::Kind,
    host::{Host, out_of_time, stopped},
};
use rhai::{Dynamic, Engine};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::time::Instant;

/// A stop and the clock are looked at once in so many steps: both cost more than a step does.
const LOOK_EVERY: u64 = 64;

pub(super) fn set(engine: &mut Engine, host: &Arc<Host>, limits: &Limits) {
    set_depths(engine);
    engine.set_max_string_size(limits.string);
    engine.set_max_array_size(limits.array);
    engine.set_max_map_size(limits.map);
    let steps = AtomicU64::new(0);
    let most = limits.operations;
    let host = Arc::clone(host);
    engine.on_progress(move |_| {
        // One thread counts, so the two halves of the addition need not be one.
        let step = steps.load(Ordering::Relaxed);
        steps.store(step + 1, Ordering::Relaxed);
        if step >= most {
            return Some(Dynamic::from(too_many(most)));
        }
        if !step.is_multiple_of(LOOK_EVERY) {
            return None;
        }
        if host.cancel.is_cancelled() {
            return Some(Dynamic::from(stopped()));
        }
        let late = host.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        late.then(|| Dynamic::from(out_of_time()))
    });
}

/// Debug builds would otherwise allow less than release builds.
pub(super) fn set_depths(engine: &mut Engine) {
    engine.set_max_call_levels(128);
    engine.set_max_expr_depths(128, 128);
}

fn too_many(most: u64) -> Error {
    Error::new(Kind::Limit, format!("the script took more than {most} steps"))
        .hint("does a loop never end? otherwise raise limits.operations in juben.toml")
}
