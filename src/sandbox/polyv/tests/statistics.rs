//! Counts of plays agree with each other, whichever way they are asked for.

use super::*;

/// Plays on computers and on phones, in all.
fn sum(rows: &Value) -> (i64, i64) {
    let column = |name: &str| super::rows(rows).iter().map(|row| row[name].as_i64().unwrap()).sum();
    (column("pcVideoView"), column("mobileVideoView"))
}

/// A day that is over and counted: 2025-03-16, a Sunday, 08:00 in China.
fn later() -> Desk {
    Desk { now: NOW + 74 * DAY, ..Desk::new() }
}

impl Desk {
    #[track_caller]
    fn statistics(&mut self, range: &str, period: &str) -> Value {
        self.data("v2_play_statistics", json!({ "dr": range, "period": period }))
    }
}

#[test]
fn days_weeks_and_months_have_the_same_sum() {
    let mut desk = later();
    let daily = desk.statistics("this_year", "daily");
    assert_eq!((rows(&daily).len(), &daily[0]["currentTime"]), (75, &json!("2025-01-01")));
    assert!(sum(&daily).0 > 100 && sum(&daily).1 > sum(&daily).0);
    let weekly = desk.statistics("this_year", "weekly");
    assert_eq!((rows(&weekly).len(), &weekly[1]["currentTime"]), (11, &json!("2025-01-06")));
    let monthly = desk.statistics("this_year", "monthly");
    let months: Vec<_> = rows(&monthly).iter().map(|row| row["currentTime"].clone()).collect();
    assert_eq!(months, ["2025-01-01", "2025-02-01", "2025-03-01"]);
    assert_eq!((sum(&weekly), sum(&monthly)), (sum(&daily), sum(&daily)));
    let february = desk.statistics("last_month", "daily");
    assert_eq!(rows(&february).len(), 28);
    assert_eq!(sum(&february), sum(&json!([monthly[1]])));
}

#[test]
fn a_range_has_its_days() {
    let mut desk = later();
    for (range, days, first) in [
        ("today", 1, "2025-03-16"),
        ("yesterday", 1, "2025-03-15"),
        ("this_week", 7, "2025-03-10"),
        ("last_week", 7, "2025-03-03"),
        ("7days", 7, "2025-03-10"),
        ("this_month", 16, "2025-03-01"),
        ("last_month", 28, "2025-02-01"),
        ("last_year", 366, "2024-01-01"),
    ] {
        let found = desk.statistics(range, "daily");
        assert_eq!((rows(&found).len(), &found[0]["currentTime"]), (days, &json!(first)), "{range}");
    }
    assert_eq!(desk.data("v2_play_statistics", json!({})), desk.statistics("7days", "daily"));
    assert_eq!(rows(&desk.statistics("last_month", "weekly")).len(), 5);
}

#[test]
fn a_period_must_fit_its_range() {
    let mut desk = later();
    for (range, period) in [("7days", "weekly"), ("today", "monthly"), ("this_month", "monthly")] {
        let fields = json!({ "dr": range, "period": period });
        assert_eq!(desk.refusal("v2_play_statistics", fields).message, "period is illegal", "{range} {period}");
    }
    assert_eq!(desk.refused("v2_play_statistics", json!({ "dr": "30days" })), 400);
    assert_eq!(desk.refused("v2_play_statistics", json!({ "vid": "nope" })), 2000);
}

#[test]
fn the_plays_of_a_video_are_those_of_all_its_days() {
    let mut desk = later();
    let times = |desk: &mut Desk| desk.data("v2_play_times", json!({ "vids": VID }))[0]["times"].as_i64().unwrap();
    let count = times(&mut desk);
    let year = |desk: &mut Desk, range| {
        let (pc, mobile) = sum(&desk.data("v2_play_statistics", json!({ "vid": VID, "dr": range })));
        pc + mobile
    };
    assert!(count > 0);
    assert_eq!(year(&mut desk, "this_year") + year(&mut desk, "last_year"), count);
    let now = desk.data("v2_play_times", json!({ "vids": format!("{VID},nope"), "realTime": 1 }));
    assert_eq!(rows(&now).len(), 1);
    assert_eq!((&now[0]["times"], &now[0]["times"]), (&desk.message(VID)["times"], &desk.basic(VID)["playTimes"]));
    desk.now += 2 * 3600;
    assert_eq!(times(&mut desk), now[0]["times"], "a play is counted two hours later");
}

#[test]
fn who_is_not_to_be_watched_is_not_played() {
    let mut desk = later();
    let times = |desk: &mut Desk| desk.message(VID)["times"].as_i64().unwrap();
    let before = times(&mut desk);
    desk.data("v2_set_forbidden", json!({ "vids": VID, "forbidden": 1 }));
    desk.now += 30 * DAY;
    assert_eq!(times(&mut desk), before);
    desk.data("v2_set_forbidden", json!({ "vids": VID, "forbidden": 0 }));
    desk.now += 30 * DAY;
    assert!(times(&mut desk) > before);
    desk.life.review_seconds = DAY;
    let vid = desk.upload("第1集", "1");
    desk.now += DAY;
    assert_eq!(desk.message(&vid)["times"], 0);
    desk.now += 10 * DAY;
    assert_ne!(desk.message(&vid)["times"], 0);
}

#[test]
fn the_ranking_is_sorted_and_has_the_same_sum() {
    let mut desk = later();
    let ranking = desk.data("v2_play_ranking", json!({ "dr": "7days" }));
    let views = |list: &str, name: &str| -> Vec<i64> {
        rows(&ranking[list]).iter().map(|row| row[name].as_i64().unwrap()).collect()
    };
    assert!(views("pcVideoDailys", "pcVideoView").iter().rev().is_sorted());
    assert!(views("moVideoDailys", "mobileVideoView").iter().rev().is_sorted());
    assert_eq!(rows(&ranking["moVideoDailys"]).len(), 20);
    let total = (ranking["totalPcVideoView"].as_i64().unwrap(), ranking["totalMoVideoView"].as_i64().unwrap());
    assert_eq!(total, sum(&desk.statistics("7days", "daily")));
    assert_eq!(desk.data("v2_play_ranking", json!({})), ranking);
    let span = json!({ "dr": "today", "start": "2025-03-10", "end": "2025-03-16" });
    assert_eq!(desk.data("v2_play_ranking", span), ranking, "both ends win over dr");
    let half = json!({ "dr": "today", "start": "2025-01-01" });
    assert_eq!(desk.data("v2_play_ranking", half), ranking, "with one end the last seven days count");
    assert_ne!(desk.data("v2_play_ranking", json!({ "dr": "30days" })), ranking);
    let ever = desk.data("v2_play_ranking", json!({ "start": "0001-01-01", "end": "9999-12-31" }));
    assert!(ever["totalPcVideoView"].as_i64() > ranking["totalPcVideoView"].as_i64());
    let backwards = json!({ "start": "2025-03-16", "end": "2025-03-10" });
    assert_eq!(desk.refused("v2_play_ranking", backwards), 400);
    assert_eq!(desk.refused("v2_play_ranking", json!({ "start": "2025-02-30", "end": "2025-03-10" })), 400);
}

#[test]
fn the_account_counts_what_is_stored_and_watched() {
    let mut desk = later();
    let space = |desk: &mut Desk, fields: Value| {
        let data = desk.data("v2_account_space", fields);
        (data["usedSpace"].as_i64().unwrap(), data["usedFlow"].as_i64().unwrap())
    };
    let (stored, watched) = space(&mut desk, json!({}));
    desk.upload("第1集", "1");
    assert_eq!(space(&mut desk, json!({})), (stored + 1000, watched));
    desk.now += DAY;
    assert!(space(&mut desk, json!({})).1 > watched);
    let huge = json!({ "filesize": i64::MAX, "autoid": 1, "uploadType": "juben" });
    (0..2).for_each(|_| drop(desk.data("v2_upload_init", huge.clone())));
    assert_eq!(space(&mut desk, json!({})).0, 1_000_000_000_000, "no more than there is");
    let (then, less) = space(&mut desk, json!({ "date": "2025-03-14" }));
    assert!(then == stored && less < watched);
    assert_eq!(space(&mut desk, json!({ "date": "2030-01-01" })), space(&mut desk, json!({})));
    assert_eq!(desk.refused("v2_account_space", json!({ "date": "2025-02-30" })), 400);
}

#[test]
fn the_same_seed_has_the_same_plays() {
    let (mut one, mut same) = (later(), later());
    assert_eq!(one.statistics("this_year", "daily"), same.statistics("this_year", "daily"));
    one.library().seed += 1;
    assert_ne!(one.statistics("this_year", "daily"), same.statistics("this_year", "daily"));
}
