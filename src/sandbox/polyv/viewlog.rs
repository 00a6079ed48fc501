//! The log of plays, a row each: of a day, and of a month page by page.

use super::{
    data,
    library::{Library, Video},
    listing::page,
    plays::Play,
};
use crate::sandbox::{
    china,
    model::{Answer, Refusal, Request, number},
};
use base64::{Engine, prelude::BASE64_URL_SAFE};
use jiff::civil::Date;
use serde_json::{Value, json};

/// The traffic of a play is known two days later.
const TRAFFIC_KNOWN: i64 = 2 * china::DAY;
/// So many people watch.
const VIEWERS: u64 = 60;

/// Where viewers are: address, province, city, provider.
const PLACES: [(&str, &str, &str, &str); 4] = [
    ("203.0.113", "广东", "深圳", "电信"),
    ("198.51.100", "浙江", "杭州", "移动"),
    ("192.0.2", "四川", "成都", "联通"),
    ("203.0.113", "北京", "北京", "电信"),
];

/// Which plays a log wants.
#[derive(Debug, Default)]
struct Wanted<'a> {
    vid: Option<&'a str>,
    category: Option<i64>,
    viewer: Option<&'a str>,
    session: Option<&'a str>,
    /// The first and the last second.
    span: Option<(i64, i64)>,
}

impl Wanted<'_> {
    /// `vid` wins over the category.
    fn video(&self, video: &Video) -> bool {
        match self.vid {
            Some(vid) => video.vid == vid,
            None => self.category.is_none_or(|category| video.category == category),
        }
    }

    /// The viewer wins over the session.
    fn play(&self, play: &Play) -> bool {
        let session = || session(play);
        self.span.is_none_or(|(first, last)| (first..=last).contains(&play.moment))
            && match self.viewer {
                Some(wanted) => viewer(play) == wanted,
                None => self.session.is_none_or(|it| it == session() || it == BASE64_URL_SAFE.encode(session())),
            }
    }
}

impl Library {
    pub(super) fn day_log(&self, request: &Request) -> Answer {
        let text = |field| request.text(field);
        let day =
            text("day").and_then(|day| Date::strptime("%Y%m%d", day).ok()).ok_or_else(|| wrong("day is illegal"))?;
        let span = match (text("timeStart"), text("timeEnd")) {
            (Some(start), Some(end)) => Some((moment(day, start)?, moment(day, end)?)),
            (None, None) => None,
            _ => return Err(wrong("timeStart and timeEnd must be given together")),
        };
        let wanted = Wanted {
            vid: text("vid"),
            category: request.fields.get("cataid").and_then(number),
            viewer: text("viewerId"),
            session: text("sessionId"),
            span,
        };
        let plays = self.log(china::day_of(day), &wanted, request.now);
        data(plays.iter().map(|play| self.row(play, session(play), request.now)).collect::<Vec<_>>())
    }

    pub(super) fn month_log(&self, request: &Request) -> Answer {
        const PAGE: i64 = 99;
        let text = |field| request.text(field);
        let first = text("month").and_then(|month| Date::strptime("%Y%m%d", format!("{month}01")).ok());
        let first = first.ok_or_else(|| wrong("month is illegal"))?;
        let day = |field| text(field).map(|day| day.parse().map_err(|_| wrong("a day is illegal"))).transpose();
        let (start, end): (Option<Date>, Option<Date>) = match day("currentDay")? {
            Some(only) => (Some(only), Some(only)),
            None => (day("start")?, day("end")?),
        };
        let from = start.map_or(first, |start| start.max(first));
        let to = end.map_or(first.last_of_month(), |end| end.min(first.last_of_month()));
        let wanted = Wanted { vid: text("vid"), session: text("sessionId"), ..Wanted::default() };
        let today = china::day(request.now);
        let days = china::day_of(from)..=china::day_of(to).min(today);
        let plays: Vec<Play> = days.flat_map(|day| self.log(day, &wanted, request.now)).collect();
        page(request, PAGE, &plays, |play| self.row(play, BASE64_URL_SAFE.encode(session(play)), request.now))
    }

    /// The plays of a day, in the order of time.
    fn log(&self, day: i64, wanted: &Wanted, now: i64) -> Vec<Play<'_>> {
        let videos = self.videos.values().filter(|video| wanted.video(video));
        let mut plays: Vec<Play> = videos.flat_map(|video| self.plays_on(video, day, now)).collect();
        plays.retain(|play| wanted.play(play));
        plays.sort_by_key(|play| play.moment);
        plays
    }

    fn row(&self, play: &Play, session: String, now: i64) -> Value {
        let (network, province, city, isp) = PLACES[(number_of_viewer(play) % 4) as usize];
        let seconds = play.seconds();
        let (system, browser) = if play.on_mobile() { ("Android", "WeChat") } else { ("Windows", "Chrome") };
        let ended = play.moment + seconds;
        json!({
            "playId": format!("{:016x}{:08x}", play.chance, play.moment),
            "userId": self.userid,
            "videoId": play.video.vid,
            "playDuration": seconds,
            "stayDuration": seconds + (play.chance >> 40) as i64 % 20,
            "currentTimes": seconds.min(play.video.duration),
            "duration": play.video.duration,
            "flowSize": if play.moment + TRAFFIC_KNOWN <= now { play.traffic() } else { 0 },
            "sessionId": session,
            "param1": viewer(play),
            "param2": "",
            "param3": "",
            "param4": "",
            "param5": "",
            "ipAddress": format!("{network}.{}", number_of_viewer(play) + 1),
            "country": "中国",
            "province": province,
            "city": city,
            "isp": isp,
            "referer": "https://www.example.org/play",
            "userAgent": format!("Mozilla/5.0 ({system}) {browser}"),
            "operatingSystem": system,
            "browser": browser,
            "isMobile": if play.on_mobile() { "Y" } else { "N" },
            "currentDay": china::date(china::day(play.moment)).to_string(),
            "currentHour": china::hour(play.moment),
            "viewSource": "vod",
            "createdTime": play.moment * 1000,
            "lastModified": ended * 1000,
        })
    }
}

fn number_of_viewer(play: &Play) -> u64 {
    (play.chance >> 24) % VIEWERS
}

/// Who watches; the player sends it as its first free value.
fn viewer(play: &Play) -> String {
    format!("viewer-{}", number_of_viewer(play))
}

/// A viewer has one session a day.
fn session(play: &Play) -> String {
    format!("{}-{}", viewer(play), china::day(play.moment))
}

/// A time of a day: `083000`.
fn moment(day: Date, time: &str) -> Result<i64, Refusal> {
    let parts = [time.get(..2), time.get(2..4), time.get(4..)].map(Option::unwrap_or_default);
    china::moment(&format!("{day} {}", parts.join(":"))).ok_or_else(|| wrong("timeStart or timeEnd is illegal"))
}

fn wrong(why: &str) -> Refusal {
    Refusal::new(400, why)
}
