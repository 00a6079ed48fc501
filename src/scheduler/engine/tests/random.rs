//! Processes that come and go at random, by clocks that jump: each due time has its row, once, in order and explained.

use super::*;
use crate::{
    config::{AfterCrash, CatchUp, Lasting, Overlap, Retry},
    scheduler::due::{Times, later},
};
use fastrand::Rng;

const PATTERNS: [&str; 5] = ["* * * * *", "*/7 * * * *", "0 * * * *", "*/20 * * * * *", "5,6,7 */2 * * *"];

fn any_job(rng: &mut Rng, number: usize) -> Job {
    let rules = Rules {
        overlap: rng.choice([Overlap::Skip, Overlap::Queue, Overlap::CancelOld, Overlap::Allow]).unwrap(),
        queue: rng.usize(0..4),
        catch_up: rng.choice([CatchUp::None, CatchUp::Last, CatchUp::All]).unwrap(),
        catch_up_window: Duration::from_secs(rng.u64(60..20_000)),
        timeout: Duration::from_secs(600),
        retry: Retry { times: rng.u32(0..3), pause: Lasting::from_seconds(rng.i64(1..200)), ..Retry::default() },
        after_crash: rng.choice([AfterCrash::Unknown, AfterCrash::Again]).unwrap(),
        jitter: Duration::from_secs(rng.choice([0, 0, 90]).unwrap()),
        paused: rng.u8(..) < 20,
        ..rules()
    };
    job(&format!("job{number}"), rng.choice(PATTERNS).unwrap(), rules)
}

/// By its number, a run always goes the same way.
fn any_play(attempt: &Attempt) -> Play {
    let mut rng = Rng::with_seed(attempt.run as u64);
    match rng.u8(0..20) {
        0 => Play::Panics,
        1 => Play::Deaf,
        2..6 => Play::Takes(rng.i64(0..100), failed("network")),
        6 => Play::Takes(rng.i64(0..100), failed("script")),
        _ => Play::Takes(rng.i64(0..200), ended(Outcome::Done)),
    }
}

/// All that a job was due for, as its rows have it.
fn told(job: &Job, fires: &[PastFire]) -> Vec<Timestamp> {
    let due = |fire: &PastFire| {
        let all: Vec<_> =
            Times::of(job).between(later(fire.due, seconds(-1)), fire.until.unwrap_or(fire.due)).collect();
        assert_eq!(all.len() as i64, fire.times, "{fire:?}");
        all
    };
    fires.iter().flat_map(due).collect()
}

async fn check(world: &World, job: &Job, until: Timestamp) {
    let fires = world.fires(&job.name).await;
    let expected: Vec<_> = Times::of(job).between(start(), until).collect();
    assert_eq!(told(job, &fires), expected, "each due time has its row, once");
    for fire in &fires {
        let runs = world.store.past_runs(fire.id).await.unwrap();
        let explained = match fire.state.as_str() {
            "ran" => !runs.is_empty(),
            "waiting" => true,
            "skipped" | "missed" => runs.is_empty() && fire.reason.is_some(),
            "unknown" => fire.reason.is_some(),
            _ => false,
        };
        assert!(explained, "{fire:?} with {runs:?}");
        assert!(runs.iter().all(|run| run.state != "running"), "{runs:?}");
        assert!(runs.iter().zip(1..).all(|(run, number)| run.attempt == number), "{runs:?}");
    }
    let first: Vec<_> =
        world.acts().into_iter().filter(|act| act.attempt.job == job.name && act.attempt.number == 1).collect();
    if job.rules.jitter.is_zero() {
        assert!(first.is_sorted_by_key(|act| act.attempt.due), "in order: {:?}", job.rules);
    }
}

async fn weave(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut world = World::new(any_play);
    world.settings.runs_at_once = rng.usize(1..6);
    let jobs: Vec<_> = (0..4).map(|number| any_job(&mut rng, number)).collect();
    let (mut now, mut last) = (start(), start());
    for _ in 0..6 {
        let until = later(now, SignedDuration::from_millis(rng.i64(1..2_000_000) / 1000 * 1000 + 500));
        let end = rng.choice([End::Crash, End::Stop]).unwrap();
        world.run(&jobs, now, until, end).await;
        last = last.max(until);
        now = later(until, seconds(rng.choice([0, 1, 40, 100, 5_000, 50_000, -700]).unwrap()));
    }
    let now = last.max(now);
    world.run(&jobs, now, later(now, SignedDuration::from_millis(60_500)), End::Stop).await;
    for job in &jobs {
        check(&world, job, later(now, SignedDuration::from_millis(60_500))).await;
    }
}

#[tokio::test]
async fn each_due_time_has_one_row_and_a_reason_whatever_happens() {
    for seed in 0..10 {
        weave(seed).await;
    }
}
