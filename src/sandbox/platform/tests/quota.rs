//! Calls are counted by the minute and the day.

use super::*;

/// Grants of novels: 100 a minute and 1,000,000 a day, where refused calls count.
const GRANT: &str = "novel.add_book_auth";
/// 10,000 a day.
const LISTING: &str = "novel.query_book_auth";
const VIDEOS: &str = "polyv.list_video";

impl Desk {
    /// Call an operation so often; the codes of the last refusal, if there is one.
    fn burst(&mut self, operation: &str, times: usize) -> Option<i64> {
        let call = Counted { endpoint: endpoint(operation), caller: ME, ip: self.ip, now: self.now };
        (0..times).filter_map(|_| self.quotas.admit(call).err()).last().map(|refusal| refusal.code)
    }

    fn clear(&mut self) -> Result<Done, Refusal> {
        let token = self.stable(false);
        self.send("clear_quota", &token, json!({ "appid": ME }), &[])
    }
}

#[test]
fn a_minute_has_its_limit() {
    let mut desk = Desk::new();
    assert_eq!(desk.burst(GRANT, 100), None);
    assert_eq!(desk.burst(GRANT, 1), Some(45011));
    desk.now += 60;
    assert_eq!(desk.burst(GRANT, 100), None);
    assert_eq!(desk.burst("platform.get_stable_access_token", 10_000), None);
    assert_eq!(desk.burst("platform.get_stable_access_token", 1), Some(45011));
}

#[test]
fn a_day_has_its_limit_and_ends_at_midnight_in_china() {
    let mut desk = Desk::new();
    assert_eq!(desk.burst(LISTING, 10_000), None);
    assert_eq!(desk.burst(LISTING, 1), Some(45009));
    desk.now = 1_735_747_200 - 1; // 2025-01-01 23:59:59 in China
    assert_eq!(desk.burst(LISTING, 1), Some(45009));
    desk.now += 1;
    assert_eq!(desk.burst(LISTING, 1), None);
}

#[test]
fn the_day_counts_refused_calls_only_where_that_is_documented() {
    let mut desk = Desk::new();
    for operation in [GRANT, LISTING, "drama.list_media"] {
        desk.burst(operation, 5);
        desk.quotas.take_back(Counted { endpoint: endpoint(operation), caller: ME, ip: "", now: desk.now });
    }
    assert_eq!(desk.quota("/wxa/book/addbookauth")["used"], 5);
    assert_eq!(desk.quota("/wxa/book/querybookauth"), json!({ "daily_limit": 10000, "used": 4, "remain": 9996 }));
    assert_eq!(desk.quota("/wxa/sec/vod/listmedia")["used"], 4);
}

#[test]
fn only_paths_of_this_platform_have_a_quota() {
    let mut desk = Desk::new();
    let token = desk.stable(false);
    for path in ["/wxa/nothing", "/v3/video/list-video", "wxa/book/listbook"] {
        assert_eq!(desk.refused("get_api_quota", &token, json!({ "cgi_path": path })), 40066, "{path}");
    }
}

#[test]
fn a_cleared_quota_begins_again() {
    let mut desk = Desk::new();
    assert_eq!(desk.burst(LISTING, 10_001), Some(45009));
    assert_eq!(desk.burst(GRANT, 101), Some(45011));
    desk.clear().unwrap();
    assert_eq!(desk.burst(LISTING, 1), None);
    assert_eq!(desk.burst(GRANT, 1), Some(45011), "the minute is not cleared");
    assert_eq!(desk.quota("/wxa/book/querybookauth")["used"], 1);
    let token = desk.stable(false);
    assert_eq!(desk.refused("clear_quota", &token, json!({ "appid": MERCHANT })), 40013);
    assert_eq!(desk.refused("clear_quota", &token, json!({})), 41002);
}

#[test]
fn a_quota_is_cleared_ten_times_a_month() {
    let mut desk = Desk::new();
    for _ in 0..10 {
        desk.clear().unwrap();
    }
    assert_eq!(desk.clear().unwrap_err().code, 45009);
    desk.now = 1_738_339_200 - 1; // 2025-01-31 23:59:59 in China
    assert_eq!(desk.clear().unwrap_err().code, 45009);
    desk.now += 1;
    desk.clear().unwrap();
}

#[test]
fn an_address_that_calls_polyv_too_fast_is_shut_out_for_five_minutes() {
    let mut desk = Desk::new();
    assert_eq!(desk.burst(VIDEOS, 1500), None);
    assert_eq!(desk.burst("polyv.v2_play_times", 1), Some(403));
    desk.now += 299;
    assert_eq!(desk.burst(VIDEOS, 1), Some(403));
    desk.ip = "198.51.100.1";
    assert_eq!(desk.burst(VIDEOS, 1), None);
    desk.ip = "203.0.113.9";
    desk.now += 1;
    assert_eq!(desk.burst(VIDEOS, 1), None);
}

#[test]
fn old_counts_are_forgotten_when_too_many_have_called() {
    let mut desk = Desk::new();
    let call = |desk: &mut Desk, who: &str, now: i64| {
        let counted = Counted { endpoint: endpoint(LISTING), caller: who, ip: "", now };
        desk.quotas.admit(counted).unwrap();
    };
    let callers = |desk: &Desk| json!(desk.quotas)["counts"].as_object().unwrap().len();
    call(&mut desk, MERCHANT, NOW - DAY);
    (1..10_000).for_each(|number| call(&mut desk, &format!("wx{number}"), NOW));
    assert_eq!(callers(&desk), 10_000);
    call(&mut desk, ME, NOW);
    assert_eq!(callers(&desk), 10_000, "who called yesterday made room");
    call(&mut desk, MERCHANT, NOW);
    assert_eq!(callers(&desk), 1, "there are never more");
}
