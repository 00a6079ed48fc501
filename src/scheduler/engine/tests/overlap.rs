//! A run that takes three times its interval, for a thousand intervals.

use super::*;
use crate::config::Overlap;
use std::collections::HashMap;

const INTERVALS: i64 = 1000;

/// Due each minute, and at it for a little less than three.
async fn slow(overlap: Overlap, queue: usize) -> World {
    let world = World::new(|_| Play::Takes(175, ended(Outcome::Done)));
    let job = job("slow", "* * * * *", Rules { overlap, queue, ..rules() });
    let until = start() + seconds(60 * INTERVALS + 30);
    world.run(&[job], start(), until, End::Crash).await;
    assert_eq!(world.fires("slow").await.len() as i64, INTERVALS, "each due time has its row");
    world
}

/// So many at the same time at most.
fn beside_each_other(acts: &[Act]) -> usize {
    let going = |moment| {
        let goes = |act: &&Act| act.began <= moment && act.ended.is_none_or(|(ended, _)| moment < ended);
        acts.iter().filter(goes).count()
    };
    acts.iter().map(|act| going(act.began)).max().unwrap_or(0)
}

fn counts(fires: &[PastFire]) -> HashMap<(&str, &str), usize> {
    let mut counts = HashMap::new();
    for fire in fires {
        let reason = fire.reason.as_deref().unwrap_or("");
        let reason = if reason.starts_with("run ") { "run N was still going" } else { reason };
        *counts.entry((fire.state.as_str(), reason)).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn skip_leaves_out_what_is_due_meanwhile_and_says_who_was_going() {
    let world = slow(Overlap::Skip, 0).await;
    let (fires, acts) = (world.fires("slow").await, world.acts());
    let expected = [(("ran", ""), 333), (("running", ""), 1), (("skipped", "run N was still going"), 666)];
    assert_eq!(counts(&fires), HashMap::from(expected));
    assert!(acts.iter().all(|act| act.began == act.attempt.due));
    assert_eq!(beside_each_other(&acts), 1);
    assert_eq!(fires[1].reason.as_deref(), Some(&*format!("run {} was still going", acts[0].attempt.run)));
}

#[tokio::test]
async fn queue_runs_them_one_after_another_and_keeps_no_more_than_it_may() {
    let world = slow(Overlap::Queue, 5).await;
    let (fires, acts) = (world.fires("slow").await, world.acts());
    assert_eq!(beside_each_other(&acts), 1);
    assert!(acts.is_sorted_by_key(|act| act.attempt.due));
    assert!(acts.windows(2).all(|pair| pair[0].ended.unwrap().0 == pair[1].began), "the next begins at once");
    let counts = counts(&fires);
    assert_eq!(counts[&("waiting", "")], 5);
    assert_eq!(counts[&("running", "")], 1);
    assert_eq!(counts[&("ran", "")], acts.len() - 1);
    assert_eq!(counts[&("skipped", "the queue is full")] + acts.len() + 5, 1000);
    assert_eq!(acts.len(), 60 * 1000 / 175 + 1);
}

#[tokio::test]
async fn cancel_old_stops_the_one_before_and_begins_at_once() {
    let world = slow(Overlap::CancelOld, 0).await;
    let (fires, acts) = (world.fires("slow").await, world.acts());
    let expected = [(("ran", "a newer run began"), 999), (("running", ""), 1)];
    assert_eq!(counts(&fires), HashMap::from(expected));
    assert!(acts.iter().all(|act| act.began == act.attempt.due));
    assert_eq!(beside_each_other(&acts), 1);
    let cancelled = acts.iter().filter(|act| act.ended.is_some_and(|(_, outcome)| outcome == Outcome::Cancelled));
    assert_eq!(cancelled.count(), 999);
}

#[tokio::test]
async fn who_does_not_listen_to_the_newer_one_is_killed() {
    let world = World::new(|_| Play::Deaf);
    let job = job("deaf", "* * * * *", Rules { overlap: Overlap::CancelOld, ..rules() });
    world.run(&[job], start(), start() + seconds(150), End::Crash).await;
    let acts = world.acts();
    assert_eq!(acts[0].ended.unwrap().0, start() + seconds(120 + 2));
    assert_eq!(acts[1].began, start() + seconds(120 + 2));
    let first = &world.fires("deaf").await[0];
    assert_eq!((first.state.as_str(), first.reason.as_deref()), ("ran", Some("a newer run began")));
    assert_eq!(world.store.past_runs(first.id).await.unwrap()[0].state, "cancelled");
}

#[tokio::test]
async fn allow_runs_them_beside_each_other() {
    let world = slow(Overlap::Allow, 0).await;
    let (fires, acts) = (world.fires("slow").await, world.acts());
    assert_eq!(counts(&fires), HashMap::from([(("ran", ""), 997), (("running", ""), 3)]));
    assert!(acts.iter().all(|act| act.began == act.attempt.due));
    assert_eq!(beside_each_other(&acts), 3);
}

#[tokio::test]
async fn all_together_are_no_more_than_runs_at_once_and_a_slow_job_stops_no_other() {
    let mut world =
        World::new(|attempt| Play::Takes(if attempt.job == "slow" { 900 } else { 1 }, ended(Outcome::Done)));
    world.settings.runs_at_once = 3;
    let allow = Rules { overlap: Overlap::Allow, ..rules() };
    let jobs = [
        job("slow", "0 * * * *", allow.clone()),
        job("quick", "* * * * *", allow.clone()),
        job("also", "* * * * *", allow),
    ];
    world.run(&jobs, start(), start() + seconds(7230), End::Crash).await;
    let acts = world.acts();
    assert_eq!(beside_each_other(&acts), 3);
    assert_eq!(world.states("quick").await, [("ran".to_owned(), 120)]);
    assert_eq!(world.states("also").await, [("ran".to_owned(), 120)]);
}

#[tokio::test]
async fn who_waits_for_room_begins_in_the_order_of_due_times() {
    let mut world = World::new(|_| Play::Takes(50, ended(Outcome::Done)));
    world.settings.runs_at_once = 1;
    let jobs: Vec<_> = (0..4).map(|number| job(&format!("job{number}"), "*/5 * * * *", rules())).collect();
    world.run(&jobs, start(), start() + seconds(3601), End::Crash).await;
    let acts = world.acts();
    assert_eq!(acts.len(), 4 * 11 + 1);
    assert!(acts.is_sorted_by_key(|act| act.attempt.due));
    assert_eq!(beside_each_other(&acts), 1);
}
