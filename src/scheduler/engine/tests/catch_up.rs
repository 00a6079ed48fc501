//! Due times at which nobody was there.

use super::*;
use crate::config::{CatchUp, Overlap};

/// Hourly; juben runs for half an hour, is away until half past ten, and runs again.
async fn away(catch_up: CatchUp, overlap: Overlap) -> World {
    let world = World::new(|_| Play::Takes(300, ended(Outcome::Done)));
    let window = Duration::from_secs(5 * 3600);
    let job = job("hourly", "0 * * * *", Rules { catch_up, overlap, catch_up_window: window, ..rules() });
    world.run(slice::from_ref(&job), start(), start() + seconds(1800), End::Stop).await;
    let back = start() + seconds(10 * 3600 + 1800);
    world.run(&[job], back, back + seconds(5000), End::Stop).await;
    world
}

fn pairs(states: &[(&str, usize)]) -> Vec<(String, usize)> {
    states.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect()
}

#[tokio::test]
async fn none_runs_nothing_of_it() {
    let world = away(CatchUp::None, Overlap::Skip).await;
    assert_eq!(world.states("hourly").await, pairs(&[("missed", 10), ("ran", 1)]));
    assert_eq!(world.fires("hourly").await[0].reason.as_deref(), Some("juben was not running"));
}

#[tokio::test]
async fn last_runs_the_last() {
    let world = away(CatchUp::Last, Overlap::Skip).await;
    assert_eq!(world.states("hourly").await, pairs(&[("missed", 9), ("ran", 2)]));
}

#[tokio::test]
async fn all_runs_those_within_the_window_in_their_order_whatever_the_overlap() {
    for overlap in [Overlap::Skip, Overlap::Queue, Overlap::CancelOld] {
        let world = away(CatchUp::All, overlap).await;
        let acts = world.acts();
        assert!(acts.is_sorted_by_key(|act| act.attempt.due), "{overlap:?}");
        let caught_up: Vec<_> = acts[..5].iter().map(|act| act.attempt.due).collect();
        let expected: Vec<_> = (6..=10).map(|hour| start() + seconds(hour * 3600)).collect();
        assert_eq!(caught_up, expected, "{overlap:?}");
        assert!(acts.windows(2).all(|pair| pair[0].ended.unwrap().0 <= pair[1].began), "{overlap:?}");
        assert_eq!(world.states("hourly").await[0], ("missed".to_owned(), 5), "{overlap:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_fires_nothing_twice() {
    let world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    let job = job("job", "*/10 * * * *", rules());
    world.run(slice::from_ref(&job), start(), start() + seconds(7201), End::Stop).await;
    world.run(&[job], start() + seconds(3600), start() + seconds(7860), End::Stop).await;
    assert_eq!(world.states("job").await, pairs(&[("ran", 13)]));
    assert!(world.acts().is_sorted_by_key(|act| act.attempt.due));
}

#[tokio::test]
async fn a_job_counts_from_when_it_is_seen_and_anew_when_its_pattern_changes() {
    let world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    world.run(&[job("job", "0 * * * *", rules())], start(), start() + seconds(3700), End::Stop).await;
    let back = start() + seconds(5 * 3600 + 60);
    world.run(&[job("job", "30 * * * *", rules())], back, back + seconds(3600), End::Stop).await;
    let due: Vec<_> = world.fires("job").await.iter().map(|fire| fire.due).collect();
    assert_eq!(due, [start() + seconds(3600), start() + seconds(5 * 3600 + 1800)]);
}

#[tokio::test]
async fn a_job_that_comes_back_was_not_missed_while_it_was_gone() {
    let world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    let job = job("job", "0 * * * *", rules());
    world.run(slice::from_ref(&job), start(), start() + seconds(60), End::Stop).await;
    world.run(&[], start() + seconds(120), start() + seconds(180), End::Stop).await;
    world.run(&[job], start() + seconds(8000), start() + seconds(11_000), End::Stop).await;
    assert_eq!(world.states("job").await, pairs(&[("ran", 1)]));
}

#[tokio::test]
async fn jitter_puts_off_each_due_time_by_its_own_delay() {
    let world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    let rules = Rules { jitter: Duration::from_secs(600), ..rules() };
    world.run(&[job("job", "0 * * * *", rules)], start(), start() + seconds(20 * 3600 + 700), End::Stop).await;
    let delays: Vec<_> = world.acts().iter().map(|act| act.began.duration_since(act.attempt.due)).collect();
    assert_eq!(delays.len(), 20);
    assert!(delays.iter().all(|delay| (seconds(0)..=seconds(600)).contains(delay)));
    assert!(delays.windows(2).any(|pair| pair[0] != pair[1]));
    let fires = world.fires("job").await;
    assert!(fires.iter().zip(world.acts()).all(|(fire, act)| fire.not_before == act.began));
}
