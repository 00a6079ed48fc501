//! The process is gone from one moment to the next, and another one takes up what it left.

use super::*;
use crate::{
    config::{AfterCrash, CatchUp, Overlap},
    scheduler::Event,
    store::{Claim, Next, RunEnd},
};

/// Due at one o'clock, and gone ten minutes later while it runs.
async fn crashed(rules: Rules) -> (World, Job) {
    let world = World::new(|attempt| Play::Takes(if attempt.number == 1 { 1800 } else { 5 }, ended(Outcome::Done)));
    let job = job("job", "0 1 * * *", rules);
    world.run(slice::from_ref(&job), start(), start() + seconds(4200), End::Crash).await;
    assert_eq!(world.states("job").await, [("running".to_owned(), 1)]);
    (world, job)
}

#[tokio::test]
async fn what_ran_is_unknown_afterwards() {
    let (world, job) = crashed(rules()).await;
    world.run(&[job], start() + seconds(5000), start() + seconds(5100), End::Stop).await;
    let fire = &world.fires("job").await[0];
    assert_eq!((fire.state.as_str(), fire.reason.as_deref()), ("unknown", Some("juben ended while it ran")));
    let run = &world.store.past_runs(fire.id).await.unwrap()[0];
    assert_eq!((run.state.as_str(), run.ended), ("unknown", Some(start() + seconds(5000))));
    let told = lock(&world.told).last().cloned().unwrap();
    assert!(matches!(told.event, Event::Unknown { run: Some(_), .. }), "{told:?}");
    assert_eq!(world.store.standings().await.unwrap()[0].streak, -1);
}

#[tokio::test]
async fn what_ran_runs_again_when_its_job_says_so() {
    let (world, job) = crashed(Rules { after_crash: AfterCrash::Again, ..rules() }).await;
    world.run(&[job], start() + seconds(5000), start() + seconds(5100), End::Stop).await;
    let fire = &world.fires("job").await[0];
    assert_eq!(fire.state, "ran");
    let runs = world.store.past_runs(fire.id).await.unwrap();
    let runs: Vec<_> = runs.iter().map(|run| (run.attempt, run.state.as_str(), run.began)).collect();
    let (first, second) = (start() + seconds(3600), start() + seconds(5000));
    assert_eq!(runs, [(1, "unknown", first), (2, "done", second)]);
}

#[tokio::test]
async fn what_waited_waits_on_and_keeps_its_order() {
    let world = World::new(|_| Play::Takes(175, ended(Outcome::Done)));
    let job = job("job", "* * * * *", Rules { overlap: Overlap::Queue, catch_up: CatchUp::None, ..rules() });
    world.run(slice::from_ref(&job), start(), start() + seconds(610), End::Crash).await;
    let waiting = world.fires("job").await.iter().filter(|fire| fire.state == "waiting").count();
    assert_eq!(waiting, 6);
    world.run(&[job], start() + seconds(615), start() + seconds(655), End::Crash).await;
    let acts = world.acts();
    assert_eq!(acts.last().unwrap().began, start() + seconds(615));
    assert!(acts.is_sorted_by_key(|act| act.attempt.due));
}

#[tokio::test]
async fn what_waited_too_long_is_missed() {
    let mut world = World::new(|_| Play::Takes(4000, ended(Outcome::Done)));
    world.settings.runs_at_once = 1;
    let rules = Rules { catch_up_window: Duration::from_secs(3600), catch_up: CatchUp::None, ..rules() };
    let jobs = [job("first", "0 1 * * *", rules.clone()), job("second", "1 1 * * *", rules)];
    world.run(&jobs, start(), start() + seconds(3700), End::Crash).await;
    assert_eq!(world.states("second").await, [("waiting".to_owned(), 1)]);
    world.run(&jobs, start() + seconds(9000), start() + seconds(9010), End::Stop).await;
    let fire = &world.fires("second").await[0];
    assert_eq!((fire.state.as_str(), fire.reason.as_deref()), ("missed", Some("juben was not running")));
}

#[tokio::test]
async fn what_an_older_attempt_says_no_longer_counts() {
    let store = Store::in_memory();
    let (fire, _) = store.order("job", "hand", "one", start(), None).await.unwrap();
    let claim = || Claim { fire, script: "job.rhai".into(), account: None, parameters: serde_json::Map::new() };
    let first = store.claim(&[claim()], start()).await.unwrap().remove(0);
    assert!(store.claim(&[claim()], start()).await.unwrap().is_empty(), "it runs already");
    let end = |run, attempt, next| RunEnd {
        run,
        fire,
        attempt,
        job: "job".to_owned(),
        outcome: "done",
        ended: start(),
        script_hash: None,
        result: None,
        error: None,
        next,
    };
    let again = Next::Again { not_before: start() };
    assert_eq!(store.end_runs(&[end(first.run, 1, again)]).await.unwrap(), [true]);
    let second = store.claim(&[claim()], start()).await.unwrap().remove(0);
    assert_eq!((first.attempt, second.attempt), (1, 2));
    let done = Next::Ended { state: "ran", reason: None, streak: 1 };
    assert_eq!(store.end_runs(&[end(first.run, 1, done.clone())]).await.unwrap(), [false]);
    assert_eq!(store.past_fire(fire).await.unwrap().unwrap().state, "running");
    assert_eq!(store.end_runs(&[end(second.run, 2, done)]).await.unwrap(), [true]);
    assert_eq!(store.past_fire(fire).await.unwrap().unwrap().state, "ran");
}

#[tokio::test]
async fn a_due_time_is_accepted_once() {
    let store = Store::in_memory();
    assert_eq!(store.order("job", "event", "7", start(), None).await.unwrap(), (1, true));
    assert_eq!(store.order("job", "event", "7", start(), None).await.unwrap(), (1, false));
    assert!(matches!(store.order("other", "event", "7", start(), None).await.unwrap(), (2.., true)));
}
