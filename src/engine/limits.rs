//! What a run may use: steps, time and memory. The language's own limits are not used: its count of steps leaves out the
//! callbacks of native functions, and its limits of size walk through a whole array at every `push`.

use crate::{Error, config::Limits, error::Kind, host::Host};
use rhai::{Array, Dynamic, Engine, EvalAltResult, INT, ImmutableString, Position};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub(super) fn set(engine: &mut Engine, host: &Arc<Host>, limits: &Limits) {
    bound_pad(engine, limits.memory);
    let (most, memory) = (limits.operations, limits.memory);
    let host = Arc::clone(host);
    let (steps, looked) = (AtomicU64::new(0), AtomicU64::new(ticks()));
    engine.on_progress(move |_| {
        // One thread counts, so the two halves of the addition need not be one.
        let step = steps.load(Ordering::Relaxed);
        steps.store(step + 1, Ordering::Relaxed);
        if step >= most {
            return Some(ended(&host, too_many(most)));
        }
        if let Some(error) = host.end() {
            return Some(Dynamic::from(error.clone()));
        }
        // The rest costs more than a step does. A step that takes long, as to double what is large, is looked at by itself.
        let now = ticks();
        if looked.load(Ordering::Relaxed) == now {
            return None;
        }
        looked.store(now, Ordering::Relaxed);
        match host.must_end() {
            Some(reason) => Some(Dynamic::from(reason)),
            None => (used() > memory).then(|| ended(&host, too_much(memory))),
        }
    });
}

/// A clock that moves every few milliseconds, and costs next to nothing to look at.
#[cfg(target_os = "linux")]
fn ticks() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    (time.tv_sec.cast_unsigned() << 30) + time.tv_nsec.cast_unsigned()
}

#[cfg(not(target_os = "linux"))]
fn ticks() -> u64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_millis() as u64 / 4
}

/// Where the language passes over errors, as it does in `sort`, the run ends all the same.
fn ended(host: &Host, error: Error) -> Dynamic {
    host.ends(&error);
    Dynamic::from(error)
}

fn too_many(most: u64) -> Error {
    Error::new(Kind::Limit, format!("the script took more than {most} steps"))
        .hint("does a loop never end? otherwise raise limits.operations in juben.toml")
}

fn too_much(memory: u64) -> Error {
    Error::new(Kind::Limit, format!("the script uses more than {} MB of memory", memory >> 20))
        .hint("work in smaller pieces, such as page by page; or raise limits.memory in juben.toml")
}

/// The memory of this process in bytes; 0 where the system does not tell.
fn used() -> u64 {
    const PAGE: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm");
    let pages = pages.ok().and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * PAGE
}

/// `pad` takes any length in one step: it must not be larger than what is allowed.
fn bound_pad(engine: &mut Engine, memory: u64) {
    type Padded = Result<(), Box<EvalAltResult>>;
    let fits = move |length: INT, each: usize| -> Padded {
        let bytes = u64::try_from(length).unwrap_or(0).saturating_mul(each as u64);
        let too_large = || EvalAltResult::ErrorTerminated(Dynamic::from(too_much(memory)), Position::NONE).into();
        if bytes > memory { Err(too_large()) } else { Ok(()) }
    };
    engine.register_fn("pad", move |array: &mut Array, length: INT, item: Dynamic| -> Padded {
        fits(length, size_of::<Dynamic>())?;
        let length = usize::try_from(length).unwrap_or(0).max(array.len());
        array.resize(length, item);
        Ok(())
    });
    engine.register_fn("pad", move |text: &mut ImmutableString, length: INT, with: char| -> Padded {
        fits(length, with.len_utf8())?;
        let missing = usize::try_from(length).unwrap_or(0).saturating_sub(text.chars().count());
        text.make_mut().extend(std::iter::repeat_n(with, missing));
        Ok(())
    });
}
