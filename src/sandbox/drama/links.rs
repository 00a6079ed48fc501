//! Links for viewers: only for dramas that passed, for their owner and those it granted them to.

use super::dramas::Drama;
use super::media::{self, Media};
use super::{Dramas, grants, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use std::fmt::Write;

/// A link lives two hours at most.
const LONGEST: i64 = 7_200;
/// A replaced episode can still be fetched for seven days.
const AFTERLIFE: i64 = 7 * 86_400;

/// A link for the back office. It ends with the day after this one, so that a listing has the same links all day.
pub(super) fn temporary(address: &str, now: i64) -> String {
    const DAY: i64 = 86_400;
    format!("https://{address}?t={:x}", (now.div_euclid(DAY) + 2) * DAY)
}

pub(super) fn get(dramas: &mut Dramas, request: &Request) -> Answer {
    let id = request.number("media_id").unwrap_or(0);
    let (owner, media) = dramas.media.find(id).ok_or_else(|| refusal(10093030))?;
    allowed(dramas, owner, media, request)?;
    check(media, request)?;
    let query = query(id, request);
    answer!({ "media_info": {
        "media_id": id,
        "duration": media.duration(),
        "name": media.name,
        "description": "",
        "cover_url": media::cover(id, request.now),
        "mp4_url": format!("https://v.example.org/t/{id}.mp4{query}"),
        "hls_url": format!("https://v.example.org/t/{id}.m3u8{query}"),
    } })
}

/// To an account without a grant the episode does not exist.
fn allowed(dramas: &Dramas, owner: &str, media: &Media, request: &Request) -> Result<(), Refusal> {
    let drama_id = drama_of(media, request.now);
    let drama = dramas.dramas.get(&drama_id);
    let may_play = |drama: &Drama| grants::may_play(dramas, drama_id, drama, request);
    if owner != request.caller && !drama.is_some_and(may_play) {
        return Err(refusal(10093030));
    }
    let ready = media.ready <= request.now && drama.is_some_and(Drama::playable);
    if ready { Ok(()) } else { Err(refusal(10093011)) }
}

/// The drama that it is an episode of, or was until a short time ago; 0 for none.
fn drama_of(media: &Media, now: i64) -> i64 {
    let late = media.retired.as_ref().filter(|it| now < it.since + AFTERLIFE).map_or(0, |it| it.drama_id);
    if media.drama_id == 0 { late } else { media.drama_id }
}

fn check(media: &Media, request: &Request) -> Result<(), Refusal> {
    let t = request.number("t").unwrap_or(0);
    let trial = request.number("expr").or_else(|| request.number("exper")).unwrap_or(0);
    let fits = t > request.now
        && t <= request.now + LONGEST
        && (0..=media.duration() as i64).contains(&trial)
        && request.number("rlimit").is_none_or(|limit| (1..=9).contains(&limit));
    if !fits {
        return Err(refusal(47003));
    }
    let domains = ["whref", "bkref"].iter().all(|field| request.text(field).is_none_or(are_domains));
    if domains { Ok(()) } else { Err(refusal(10093014)) }
}

/// One to ten, separated by commas, without a scheme.
fn are_domains(list: &str) -> bool {
    let domains: Vec<&str> = list.split(',').collect();
    domains.len() <= 10 && domains.iter().all(|domain| !domain.is_empty() && !domain.contains("://"))
}

/// The trial length is read under its older name only: `expr`.
fn query(id: i64, request: &Request) -> String {
    let mut query = format!("?t={:x}", request.number("t").unwrap_or(0));
    let tag = request.text("us").filter(|us| !us.is_empty()).map_or(String::new(), |us| format!("{us}-"));
    write!(query, "&us={tag}{:04x}", id & 0xffff).expect("a string takes everything");
    for field in ["expr", "rlimit"] {
        if let Some(number) = request.number(field) {
            write!(query, "&{field}={number}").expect("a string takes everything");
        }
    }
    query
}
