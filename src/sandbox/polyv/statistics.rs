//! Counts of plays: by video, by day, by rank; and the space and traffic of the account.

use super::{
    data,
    library::{Library, Video, listed},
    plays::{Days, Play, days_of},
    show,
};
use crate::sandbox::{
    china,
    model::{Answer, Refusal, Request},
};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::cmp::Reverse;

/// A play is counted so many seconds later.
const LATE: i64 = 2 * 3600;
/// The space and the traffic that an account has bought, in bytes.
const SPACE: i64 = 1_000_000_000_000;
const FLOW: i64 = 10 * SPACE;

/// Plays on computers and on phones.
#[derive(Default)]
struct Views {
    pc: i64,
    mobile: i64,
}

impl Views {
    fn of<'a>(plays: impl Iterator<Item = Play<'a>>) -> Self {
        plays.fold(Self::default(), |mut sum, play| {
            if play.on_mobile() {
                sum.mobile += 1
            } else {
                sum.pc += 1
            }
            sum
        })
    }
}

impl Library {
    /// `realTime` 1 counts up to now.
    pub(super) fn play_times(&self, request: &Request) -> Answer {
        let until = if request.number("realTime") == Some(1) { request.now } else { request.now - LATE };
        let known = listed(request, "vids").filter_map(|vid| self.video(vid).ok());
        data(known.map(|video| json!({ "vid": video.vid, "times": self.times(video, until) })).collect::<Vec<_>>())
    }

    pub(super) fn play_statistics(&self, request: &Request) -> Answer {
        let videos: Vec<&Video> = match request.text("vid") {
            Some(vid) => vec![self.video(vid)?],
            None => self.videos.values().collect(),
        };
        let range = request.text("dr").unwrap_or("7days");
        let entries = entries(days(range, request.now), range, request.text("period").unwrap_or("daily"))?;
        let shown = |days: Days| {
            let first = china::date(*days.start()).to_string();
            let views =
                Views::of(videos.iter().flat_map(|video| self.plays_in(video, days.clone(), request.now - LATE)));
            json!({ "currentTime": first, "pcVideoView": views.pc, "mobileVideoView": views.mobile })
        };
        data(entries.into_iter().map(shown).collect::<Vec<_>>())
    }

    pub(super) fn play_ranking(&self, request: &Request) -> Answer {
        const SHOWN: usize = 20;
        let days = ranked_days(request)?;
        let views = |video| (video, Views::of(self.plays_in(video, days.clone(), request.now - LATE)));
        let all: Vec<(&Video, Views)> = self.videos.values().map(views).collect();
        let ranking = |count: fn(&Views) -> i64| -> Vec<Value> {
            let mut played: Vec<_> = all.iter().filter(|(_, views)| count(views) > 0).collect();
            played.sort_by_key(|(_, views)| Reverse(count(views)));
            played.into_iter().take(SHOWN).map(|(video, views)| ranked(video, views)).collect()
        };
        let sum = |count: fn(&Views) -> i64| all.iter().map(|(_, views)| count(views)).sum::<i64>();
        data(json!({
            "totalPcVideoView": sum(|views| views.pc),
            "totalMoVideoView": sum(|views| views.mobile),
            "pcVideoDailys": ranking(|views| views.pc),
            "moVideoDailys": ranking(|views| views.mobile),
        }))
    }

    /// As things were at the end of a day, if one is given.
    pub(super) fn account_space(&self, request: &Request) -> Answer {
        let end = match request.text("date") {
            Some(date) => china::moment(&format!("{date} 23:59:59")).ok_or_else(|| wrong("date is illegal"))?,
            None => request.now,
        };
        let until = end.min(request.now);
        let stored = self.videos.values().filter(|video| video.created <= until);
        let watched = self.videos.values().flat_map(|video| self.plays_in(video, days_of(video, until), until));
        data(json!({
            "totalSpace": SPACE,
            "usedSpace": bytes(stored.map(|video| video.size)).min(SPACE),
            "totalFlow": FLOW,
            "usedFlow": bytes(watched.map(|play| play.traffic())).min(FLOW),
            "userId": self.userid,
            "email": "ops@example.org",
        }))
    }

    /// The bytes that can still be stored.
    pub(super) fn space_left(&self) -> i64 {
        (SPACE - bytes(self.videos.values().map(|video| video.size))).max(0)
    }

    /// The plays of a video on these days; on most days of a long span there is no such video yet.
    fn plays_in<'a>(&'a self, video: &'a Video, days: Days, until: i64) -> impl Iterator<Item = Play<'a>> {
        let own = days_of(video, until);
        let days = *days.start().max(own.start())..=*days.end().min(own.end());
        days.flat_map(move |day| self.plays_on(video, day, until))
    }
}

/// Their sum; callers may announce files of any size.
fn bytes(sizes: impl Iterator<Item = i64>) -> i64 {
    sizes.fold(0, i64::saturating_add)
}

fn ranked(video: &Video, views: &Views) -> Value {
    json!({
        "videoId": video.vid,
        "title": video.title,
        "duration": show::clock_face(video.duration),
        "pcVideoView": views.pc,
        "mobileVideoView": views.mobile,
    })
}

/// Both ends given: those; one: the last seven days; none: the named range.
fn ranked_days(request: &Request) -> Result<Days, Refusal> {
    let named = |range| days(range, request.now);
    let day = |text: &str| text.parse().map(china::day_of).map_err(|_| wrong("start or end is illegal"));
    match (request.text("start"), request.text("end")) {
        (Some(start), Some(end)) => {
            let days = day(start)?..=day(end)?.min(china::day(request.now));
            if day(start)? > day(end)? { Err(wrong("start is after end")) } else { Ok(days) }
        }
        (None, None) => Ok(named(request.text("dr").unwrap_or("7days"))),
        _ => Ok(named("7days")),
    }
}

/// The days of a named range, until today.
fn days(range: &str, now: i64) -> Days {
    let day = china::day(now);
    let today = china::date(day);
    let monday = day - i64::from(today.weekday().to_monday_zero_offset());
    let month = today.first_of_month();
    let before = |date: Date| china::day_of(date) - 1;
    let first_of_before = |date: Date| china::date(before(date)).first_of_month();
    let year = today.first_of_year();
    match range {
        "today" => day..=day,
        "yesterday" => day - 1..=day - 1,
        "this_week" => monday..=day,
        "last_week" => monday - 7..=monday - 1,
        "30days" => day - 29..=day,
        "this_month" => china::day_of(month)..=day,
        "last_month" => china::day_of(first_of_before(month))..=before(month),
        "this_year" => china::day_of(year)..=day,
        "last_year" => china::day_of(china::date(before(year)).first_of_year())..=before(year),
        _ => day - 6..=day,
    }
}

/// The days of each entry. Ranges of days and weeks are shown by the day; those of months by the day or the week.
fn entries(days: Days, range: &str, period: &str) -> Result<Vec<Days>, Refusal> {
    let allowed: &[&str] = match range {
        "this_year" | "last_year" => &["daily", "weekly", "monthly"],
        "this_month" | "last_month" => &["daily", "weekly"],
        _ => &["daily"],
    };
    if !allowed.contains(&period) {
        return Err(wrong("period is illegal"));
    }
    let mut entries: Vec<Days> = Vec::new();
    let mut next = *days.start();
    while next <= *days.end() {
        let last = last_of(period, next).min(*days.end());
        entries.push(next..=last);
        next = last + 1;
    }
    Ok(entries)
}

/// The last day of the day, week or month that a day is in.
fn last_of(period: &str, day: i64) -> i64 {
    let date = china::date(day);
    match period {
        "weekly" => day + 6 - i64::from(date.weekday().to_monday_zero_offset()),
        "monthly" => china::day_of(date.last_of_month()),
        _ => day,
    }
}

fn wrong(why: &str) -> Refusal {
    Refusal::new(400, why)
}
