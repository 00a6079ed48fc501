//! How runs end, and what follows.

use super::*;
use crate::{
    config::{Lasting, Retry},
    scheduler::Event,
};

fn retry(times: u32, pause: i64) -> Rules {
    Rules { retry: Retry { times, pause: Lasting::from_seconds(pause), ..Retry::default() }, ..rules() }
}

fn outcomes(world: &World) -> Vec<(Outcome, bool, i64, bool)> {
    let told = lock(&world.told);
    let ended = told.iter().filter_map(|news| match &news.event {
        Event::Ended { outcome, again, streak, recovered, .. } => {
            Some((*outcome, again.is_some(), *streak, *recovered))
        }
        _ => None,
    });
    ended.collect()
}

#[tokio::test]
async fn a_failure_of_a_named_kind_is_tried_again_after_a_pause_that_doubles() {
    let world = World::new(|attempt| match attempt.number {
        1 | 2 => Play::Takes(10, failed("network")),
        _ => Play::Takes(10, ended(Outcome::Done)),
    });
    world.run(&[job("job", "0 1 * * *", retry(3, 60))], start(), start() + seconds(5000), End::Stop).await;
    let began: Vec<_> = world.acts().iter().map(|act| act.began.duration_since(start()).as_secs() - 3600).collect();
    assert_eq!(began, [0, 10 + 60, 80 + 120]);
    assert_eq!(world.states("job").await, [("ran".to_owned(), 1)]);
    let (failed, done) = (Outcome::Failed, Outcome::Done);
    assert_eq!(outcomes(&world), [(failed, true, 0, false), (failed, true, 0, false), (done, false, 1, false)]);
}

#[tokio::test]
async fn it_is_tried_no_more_often_than_it_may_and_not_after_other_kinds() {
    let world =
        World::new(|attempt| Play::Takes(1, failed(if attempt.job == "network" { "network" } else { "script" })));
    let jobs = [job("network", "0 1 * * *", retry(2, 60)), job("script", "0 1 * * *", retry(2, 60))];
    world.run(&jobs, start(), start() + seconds(5000), End::Stop).await;
    let tries = |name: &str| world.acts().iter().filter(|act| act.attempt.job == name).count();
    assert_eq!((tries("network"), tries("script")), (3, 1));
}

#[tokio::test]
async fn who_waits_to_be_tried_again_is_still_going() {
    let world = World::new(|attempt| match attempt.number {
        1 => Play::Takes(1, failed("network")),
        _ => Play::Takes(1, ended(Outcome::Done)),
    });
    world.run(&[job("job", "* * * * *", retry(1, 90))], start(), start() + seconds(200), End::Crash).await;
    let fires = world.fires("job").await;
    let reason = fires[1].reason.as_deref().unwrap();
    assert!(reason.ends_with("was waiting to be tried again"), "{reason}");
    assert_eq!((fires[0].state.as_str(), fires[1].state.as_str()), ("ran", "skipped"));
}

#[tokio::test]
async fn streaks_count_and_recovery_is_told_once() {
    let world = World::new(|attempt| {
        let minute = attempt.due.duration_since(start()).as_mins();
        Play::Takes(1, if matches!(minute, 2 | 3) { failed("script") } else { ended(Outcome::Done) })
    });
    let minutely = job("job", "* * * * *", rules());
    world.run(slice::from_ref(&minutely), start(), start() + seconds(150), End::Crash).await;
    world.run(&[minutely], start() + seconds(160), start() + seconds(310), End::Stop).await;
    let told: Vec<_> = outcomes(&world).into_iter().map(|(_, _, streak, recovered)| (streak, recovered)).collect();
    assert_eq!(told, [(1, false), (-1, false), (-2, false), (1, true), (2, false)]);
}

#[tokio::test]
async fn a_panic_ends_its_run_alone() {
    let world = World::new(|attempt| match attempt.job.as_str() {
        "wild" => Play::Panics,
        _ => Play::Takes(30, ended(Outcome::Done)),
    });
    let jobs = [job("wild", "* * * * *", rules()), job("calm", "* * * * *", rules())];
    world.run(&jobs, start(), start() + seconds(610), End::Stop).await;
    assert_eq!(world.states("calm").await, [("ran".to_owned(), 10)]);
    assert_eq!(world.states("wild").await, [("unknown".to_owned(), 10)]);
    let reason = world.fires("wild").await[0].reason.clone().unwrap();
    assert_eq!(reason, "juben failed inside: as it was told");
}

#[tokio::test]
async fn an_executor_that_does_not_keep_the_time_limit_is_stopped() {
    let world = World::new(|_| Play::Deaf);
    let rules = Rules { timeout: Duration::from_secs(100), ..rules() };
    world.run(&[job("deaf", "0 1 * * *", rules)], start(), start() + seconds(4000), End::Crash).await;
    assert_eq!(world.acts()[0].ended.unwrap().0, start() + seconds(3600 + 100 + 10));
    let fire = &world.fires("deaf").await[0];
    assert_eq!(world.store.past_runs(fire.id).await.unwrap()[0].state, "timed_out");
}

#[tokio::test]
async fn what_a_run_tells_is_kept_up_to_a_bound() {
    let world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    world.run(&[job("job", "0 1 * * *", rules())], start(), start() + seconds(3700), End::Stop).await;
    let run = world.acts()[0].attempt.run;
    let lines = world.store.lines_after(run, 0).await.unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.number, line.level.as_str(), line.text.as_str())).collect();
    assert_eq!(lines, [(1, "print", "it begins")]);
}

#[tokio::test]
async fn at_the_end_of_juben_runs_have_their_grace_and_then_are_stopped() {
    let world = World::new(|attempt| Play::Takes(if attempt.job == "short" { 20 } else { 500 }, ended(Outcome::Done)));
    let jobs = [job("short", "* * * * *", rules()), job("long", "* * * * *", rules())];
    world.run(&jobs, start(), start() + seconds(65), End::Stop).await;
    let ends: Vec<_> = world.acts().iter().map(|act| act.ended.unwrap()).collect();
    assert!(ends.contains(&(start() + seconds(80), Outcome::Done)), "{ends:?}");
    assert!(ends.contains(&(start() + seconds(65 + 30), Outcome::Cancelled)), "{ends:?}");
    let fire = &world.fires("long").await[0];
    assert_eq!((fire.state.as_str(), fire.reason.as_deref()), ("unknown", Some("juben was stopped before it ended")));
}
