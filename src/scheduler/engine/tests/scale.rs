//! Many at once.

use super::*;
use std::time::Instant;

#[tokio::test]
async fn a_thousand_that_are_due_in_the_same_second_begin_within_ten() {
    let mut world = World::new(|_| Play::Takes(1, ended(Outcome::Done)));
    world.settings.runs_at_once = 1000;
    let jobs: Vec<_> = (0..1000).map(|number| job(&format!("job{number}"), "0 1 * * *", rules())).collect();
    let deed = async |_: &Arc<Scheduler>, clock: &Leaping| {
        clock.sleep_until(start() + seconds(3599)).await;
        let began = Instant::now();
        clock.sleep_until(start() + seconds(3600) + SignedDuration::from_millis(500)).await;
        assert_eq!(world.acts().len(), 1000);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    };
    world.run_and(&jobs, start(), deed, End::Stop).await;
    assert!(world.acts().iter().all(|act| act.ended.is_some_and(|(_, outcome)| outcome == Outcome::Done)));
}

#[tokio::test]
async fn a_gap_of_four_hundred_days_of_a_job_of_seconds_is_bounded() {
    let world = World::new(|_| Play::Takes(0, ended(Outcome::Done)));
    let job = job("job", "* * * * * *", rules());
    world.run(slice::from_ref(&job), start(), start() + SignedDuration::from_millis(2500), End::Stop).await;
    let back = start() + seconds(400 * 86_400);
    let began = Instant::now();
    world.run(&[job], back, back + SignedDuration::from_millis(500), End::Stop).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let fires = world.fires("job").await;
    assert!(fires.len() < 1100, "{} rows", fires.len());
    assert_eq!(fires.iter().map(|fire| fire.times).sum::<i64>(), 400 * 86_400);
}
