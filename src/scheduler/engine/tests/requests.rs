//! What people and other processes want.

use super::*;
use crate::{
    config::{Overlap, Retry},
    store::Given,
};

/// Wait so long. Who has asked for something lets a moment pass until it is seen.
async fn pass(clock: &Leaping, length: i64) {
    clock.sleep_until(clock.now() + seconds(length)).await;
}

#[tokio::test]
async fn a_person_runs_a_job_with_parameters_of_his_own() {
    let world = World::new(|_| Play::Takes(5, ended(Outcome::Done)));
    let given =
        Given { parameters: [("day".to_owned(), "monday".to_owned())].into_iter().collect(), ..Given::default() };
    let given = Given { account: Some("b".to_owned()), ..given };
    let deed = async |scheduler: &Arc<Scheduler>, clock: &Leaping| {
        pass(clock, 30).await;
        world.store.order("job", "hand", "a person", clock.now(), Some(&given)).await.unwrap();
        scheduler.wake();
        pass(clock, 10).await;
    };
    world.run_and(&[job("job", "0 1 * * *", Rules { paused: true, ..rules() })], start(), deed, End::Stop).await;
    let attempt = world.acts()[0].attempt.clone();
    assert_eq!(attempt.parameters, [("day".to_owned(), "monday".to_owned())]);
    assert_eq!((attempt.account.as_deref(), attempt.number), (Some("b"), 1));
    assert_eq!(world.states("job").await, [("ran".to_owned(), 1)]);
}

#[tokio::test]
async fn what_a_person_or_a_platform_wants_waits_for_its_turn_and_is_not_skipped() {
    let world = World::new(|_| Play::Takes(50, ended(Outcome::Done)));
    let deed = async |scheduler: &Arc<Scheduler>, clock: &Leaping| {
        for number in 0..5 {
            let cause = if number % 2 == 0 { "event" } else { "hand" };
            world.store.order("job", cause, &number.to_string(), clock.now(), None).await.unwrap();
        }
        scheduler.wake();
        pass(clock, 300).await;
    };
    world.run_and(&[job("job", "0 1 * * *", rules())], start(), deed, End::Stop).await;
    let began: Vec<_> = world.acts().iter().map(|act| act.began.duration_since(start()).as_secs()).collect();
    assert_eq!(began, [0, 50, 100, 150, 200]);
}

#[tokio::test]
async fn a_person_stops_a_run() {
    let world = World::new(|_| Play::Takes(3000, ended(Outcome::Done)));
    let deed = async |scheduler: &Arc<Scheduler>, clock: &Leaping| {
        pass(clock, 70).await;
        let run = world.acts()[0].attempt.run;
        assert!(world.store.ask_to_stop(run, false).await.unwrap());
        scheduler.wake();
        pass(clock, 10).await;
        assert!(!world.store.ask_to_stop(run, false).await.unwrap(), "it has ended");
    };
    world.run_and(&[job("job", "1 0 * * *", rules())], start(), deed, End::Stop).await;
    let fire = &world.fires("job").await[0];
    assert_eq!((fire.state.as_str(), fire.reason.as_deref()), ("ran", Some("a person stopped it")));
}

#[tokio::test]
async fn a_person_pauses_a_job_and_resumes_it() {
    let world = World::new(|_| Play::Takes(5, ended(Outcome::Done)));
    let deed = async |scheduler: &Arc<Scheduler>, clock: &Leaping| {
        pass(clock, 90).await;
        assert!(world.store.pause("job", clock.now()).await.unwrap());
        assert!(!world.store.pause("job", clock.now()).await.unwrap());
        scheduler.wake();
        pass(clock, 120).await;
        assert!(world.store.resume("job").await.unwrap());
        scheduler.wake();
        pass(clock, 60).await;
    };
    world.run_and(&[job("job", "* * * * *", rules())], start(), deed, End::Stop).await;
    let expected = [("ran".to_owned(), 1), ("skipped".to_owned(), 2), ("ran".to_owned(), 1)];
    assert_eq!(world.states("job").await, expected);
    assert_eq!(world.fires("job").await[1].reason.as_deref(), Some("paused"));
}

#[tokio::test]
async fn jobs_change_while_they_run() {
    let world = World::new(|_| Play::Takes(100, ended(Outcome::Done)));
    let queue = Rules { overlap: Overlap::Queue, ..rules() };
    let deed = async |scheduler: &Arc<Scheduler>, clock: &Leaping| {
        pass(clock, 190).await;
        scheduler.set_jobs(vec![job("new", "* * * * *", rules())]);
        pass(clock, 200).await;
    };
    world.run_and(&[job("old", "* * * * *", queue)], start(), deed, End::Stop).await;
    let old: Vec<_> = world.fires("old").await.into_iter().map(|fire| (fire.state, fire.reason)).collect();
    assert_eq!(old[0], ("ran".to_owned(), None));
    assert_eq!(old[1], ("ran".to_owned(), None), "who runs goes on");
    assert_eq!(old[2], ("skipped".to_owned(), Some("the job is gone".to_owned())));
    assert_eq!(world.fires("new").await[0].due, start() + seconds(240));
}

#[tokio::test]
async fn another_process_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(|_| Play::Takes(5, ended(Outcome::Done)));
    world.store = Arc::new(Store::at(folder.path()));
    let other = Store::at(folder.path());
    let deed = async |_: &Arc<Scheduler>, clock: &Leaping| {
        let (fire, _) = other.order("job", "hand", "other", clock.now(), None).await.unwrap();
        // Until it is seen, time stands still: whoever is present and does not wait is at work.
        while other.past_fire(fire).await.unwrap().unwrap().state == "waiting" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        pass(clock, 10).await;
        assert_eq!(other.past_fire(fire).await.unwrap().unwrap().state, "ran");
    };
    world.run_and(&[job("job", "0 1 * * *", rules())], start(), deed, End::Stop).await;
}

#[tokio::test]
async fn one_fire_runs_to_its_end_where_nobody_serves() {
    let world = World::new(|attempt| match attempt.number {
        1 => Play::Takes(5, failed("network")),
        _ => Play::Takes(5, ended(Outcome::Done)),
    });
    let retry = Retry { times: 1, ..Retry::default() };
    let only = job("job", "* * * * *", Rules { retry, ..rules() });
    let (other, _) = world.store.order("other", "hand", "1", start(), None).await.unwrap();
    let (fire, _) = world.store.order("job", "hand", "2", start(), None).await.unwrap();
    let clock = Leaping::starting(start());
    let scheduler = world.scheduler(&clock).await;
    tokio::select! {
        ended = scheduler.run_fire(only, fire, CancellationToken::new()) => ended.unwrap(),
        () = clock.pass(|_, _| {}) => unreachable!("time passes for ever"),
    }
    assert_eq!(clock.now(), start() + seconds(5 + 60 + 5));
    assert_eq!(world.fires("job").await.len(), 1, "no due time of it came");
    assert_eq!(world.store.past_fire(fire).await.unwrap().unwrap().state, "ran");
    assert_eq!(world.store.past_fire(other).await.unwrap().unwrap().state, "waiting");
}
