//! What the process of a run may use of the machine, as the system keeps it.

/// What juben itself needs, and what a script may use beyond its limit before it is noticed.
const SLACK: u64 = 1 << 30;

/// The engine looks at the memory between two steps of the script; one step, such as adding a large array to itself, can
/// outrun that. Then the system says no, and this process dies instead of others.
#[cfg(unix)]
pub(super) fn set(memory: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let cap = |resource, most: u64| {
        let Rlimit { maximum, .. } = getrlimit(resource);
        let most = maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum }).ok();
    };
    cap(Resource::Data, memory.saturating_add(SLACK));
    // What a dying process leaves on the disk would have secrets in it.
    cap(Resource::Core, 0);
    // Where the machine itself runs short, this goes first.
    std::fs::write("/proc/self/oom_score_adj", "500").ok();
}

#[cfg(not(unix))]
pub(super) fn set(_: u64) {}
