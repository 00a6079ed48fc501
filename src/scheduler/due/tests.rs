use super::*;
use crate::{config::CatchUp, scheduler::Rules};
use jiff::tz::TimeZone;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn job(patterns: &[&str], zone: &str, rules: Rules) -> Job {
    let zone = TimeZone::get(zone).unwrap();
    let schedules = patterns.iter().map(|pattern| Schedule::new(pattern, zone.clone()).unwrap()).collect();
    Job {
        name: "job".to_owned(),
        trigger: Trigger::Times { schedules, written: patterns.join(" ") },
        script: "job.rhai".into(),
        parameters: Vec::new(),
        account: None,
        rules,
    }
}

fn rules(catch_up: CatchUp) -> Rules {
    Rules { catch_up, catch_up_window: Duration::from_secs(5 * 3600), ..Rules::default() }
}

/// What becomes of each in order: `+` runs, `-` is missed, `s` is skipped.
fn fates(due: &[Due]) -> String {
    let fate = |due: &Due| match due.fate {
        Fate::Runs(_) => '+',
        Fate::Missed(_) => '-',
        Fate::Skipped(_) => 's',
    };
    due.iter().map(fate).collect()
}

#[test]
fn a_due_time_of_this_minute_runs() {
    let hourly = job(&["0 * * * *"], "UTC", rules(CatchUp::None));
    let due = due(&hourly, false, at("2026-03-01T07:30:00Z"), at("2026-03-01T08:00:59Z"));
    assert_eq!(due, [Due::one(at("2026-03-01T08:00:00Z"), Fate::Runs(at("2026-03-01T08:00:00Z")))]);
}

#[test]
fn what_was_missed_runs_as_the_policy_says() {
    let (before, now) = (at("2026-03-01T00:30:00Z"), at("2026-03-01T10:30:00Z"));
    let fates_by = |catch_up| fates(&due(&job(&["0 * * * *"], "UTC", rules(catch_up)), false, before, now));
    assert_eq!(fates_by(CatchUp::None), "----------");
    assert_eq!(fates_by(CatchUp::Last), "---------+");
    assert_eq!(fates_by(CatchUp::All), "-----+++++");
}

#[test]
fn what_is_due_just_now_stands_for_the_last_that_was_missed() {
    let (before, now) = (at("2026-03-01T07:30:00Z"), at("2026-03-01T10:00:30Z"));
    let fates_by = |catch_up| fates(&due(&job(&["0 * * * *"], "UTC", rules(catch_up)), false, before, now));
    assert_eq!(fates_by(CatchUp::None), "--+");
    assert_eq!(fates_by(CatchUp::Last), "--+");
    assert_eq!(fates_by(CatchUp::All), "+++");
}

#[test]
fn nothing_is_caught_up_that_is_older_than_the_window() {
    let daily = job(&["@daily"], "UTC", rules(CatchUp::Last));
    assert_eq!(fates(&due(&daily, false, at("2026-03-01T00:30:00Z"), at("2026-03-04T12:00:00Z"))), "---");
}

#[test]
fn who_is_paused_is_passed_over_and_not_missed() {
    let hourly = job(&["0 * * * *"], "UTC", rules(CatchUp::All));
    assert_eq!(fates(&due(&hourly, true, at("2026-03-01T00:30:00Z"), at("2026-03-01T03:00:00Z"))), "sss");
}

#[test]
fn each_due_time_is_put_off_by_a_delay_of_its_own() {
    let jitter = Duration::from_secs(300);
    let job = job(&["0 * * * *"], "UTC", Rules { jitter, ..Rules::default() });
    let start = at("2026-03-01T00:00:00Z");
    let delays: Vec<_> = job_times(&job, start).map(|due| put_off(&job, due).duration_since(due)).collect();
    assert!(delays.iter().all(|delay| (SignedDuration::ZERO..=signed(jitter)).contains(delay)));
    let again: Vec<_> = job_times(&job, start).map(|due| put_off(&job, due).duration_since(due)).collect();
    assert_eq!(delays, again);
    let different: std::collections::HashSet<_> = delays.iter().collect();
    assert!(different.len() > 90, "{} different delays", different.len());
}

fn job_times(job: &Job, start: Timestamp) -> impl Iterator<Item = Timestamp> {
    Times::of(job).after(start).take(100)
}

#[test]
fn four_hundred_days_of_seconds_are_a_thousand_rows_and_one() {
    let (before, now) = (at("2026-01-01T00:00:00Z"), at("2027-02-05T00:00:00Z"));
    let job = job(&["* * * * * *"], "Asia/Shanghai", rules(CatchUp::Last));
    let due = due(&job, false, before, now);
    let missed: u64 = due.iter().filter(|due| matches!(due.fate, Fate::Missed(_))).map(|due| due.times).sum();
    let runs = due.iter().filter(|due| matches!(due.fate, Fate::Runs(_))).count() as u64;
    assert_eq!((due.len(), missed, runs), (1001 + 60, 400 * 86_400 - 60, 60));
    assert_eq!(due[1000].until, Some(at("2027-02-04T23:59:00Z")));
}

#[test]
fn a_storm_is_not_caught_up() {
    let rules = Rules { catch_up_window: Duration::from_secs(86_400), ..rules(CatchUp::All) };
    let job = job(&["* * * * * *"], "UTC", rules);
    let due = due(&job, false, at("2026-01-01T00:00:00Z"), at("2026-01-01T12:00:00Z"));
    let runs = due.iter().filter(|due| matches!(due.fate, Fate::Runs(_))).count();
    assert_eq!(runs, 1000 + 60);
}

#[test]
fn counting_by_slices_counts_what_a_walk_counts() {
    let zones = ["UTC", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"];
    let patterns: [&[&str]; 6] = [
        &["*/10 * * * *"],
        &["30 1-3 * * *"],
        &["0 */2 * * 1-5", "30 2 * * *"],
        &["15,45 0-2 1-15 * *", "*/20 * * * sun"],
        &["0 30 2 * 3,10 *"],
        &["0,30 1-4 * * *", "0 * * * *"],
    ];
    let starts = [at("2026-02-27T13:17:11Z"), at("2018-10-30T23:59:59.5Z")];
    for (zone, patterns) in zones.iter().flat_map(|zone| patterns.iter().map(move |patterns| (zone, patterns))) {
        let job = job(patterns, zone, Rules::default());
        let times = Times::of(&job);
        for start in starts {
            let end = later(start, SignedDuration::from_hours(9 * 30 * 24 + 7));
            let walked = times.between(start, end).count() as u64;
            assert_eq!(count::count(times.0, start, end), walked, "{patterns:?} in {zone} from {start}");
        }
    }
}
