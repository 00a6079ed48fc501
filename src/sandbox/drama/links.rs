//! Links for viewers: only for dramas that passed, for their owner and those it granted them to.

use super::dramas::Drama;
use super::media::Media;
use super::{Dramas, grants, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use std::fmt::Write;

/// A link lives two hours at most.
const LONGEST: i64 = 7_200;
/// A replaced episode can still be fetched for seven days.
const AFTERLIFE: i64 = 7 * 86_400;

pub(super) fn get(dramas: &mut Dramas, request: &Request) -> Answer {
    let media = dramas.media.get(&request.number("media_id").unwrap_or(0)).ok_or_else(|| refusal(10093030))?;
    allowed(dramas, media, request)?;
    check(media, request)?;
    let query = query(media, request);
    answer!({ "media_info": {
        "media_id": media.id,
        "duration": media.duration(),
        "name": media.name,
        "description": "",
        "cover_url": media.cover_url(),
        "mp4_url": format!("{}{query}", media.url("mp4")),
        "hls_url": format!("{}{query}", media.url("m3u8")),
    } })
}

/// To an account without a grant the episode does not exist.
fn allowed(dramas: &Dramas, media: &Media, request: &Request) -> Result<(), Refusal> {
    let drama = drama_of(dramas, media, request.now);
    let may_play = |drama: &Drama| grants::may_play(dramas, drama, request.caller, request.now);
    if media.owner != request.caller && !drama.is_some_and(may_play) {
        return Err(refusal(10093030));
    }
    if drama.is_some_and(Drama::passed) { Ok(()) } else { Err(refusal(10093011)) }
}

fn drama_of<'a>(dramas: &'a Dramas, media: &Media, now: i64) -> Option<&'a Drama> {
    let late = media.retired.filter(|(_, since)| now < since + AFTERLIFE).map(|(drama_id, _)| drama_id);
    dramas.dramas.get(&media.drama_id.or(late)?)
}

fn check(media: &Media, request: &Request) -> Result<(), Refusal> {
    let t = request.number("t").unwrap_or(0);
    let trial = request.number("expr").or_else(|| request.number("exper")).unwrap_or(0);
    let fits = t > request.now
        && t <= request.now + LONGEST
        && (0..=media.duration() as i64).contains(&trial)
        && request.number("rlimit").is_none_or(|limit| (1..=9).contains(&limit))
        && ["whref", "bkref"].iter().all(|field| request.text(field).is_none_or(are_domains));
    if fits { Ok(()) } else { Err(refusal(47003)) }
}

/// One to ten, separated by commas, without a scheme.
fn are_domains(list: &str) -> bool {
    let domains: Vec<&str> = list.split(',').collect();
    domains.len() <= 10 && domains.iter().all(|domain| !domain.is_empty() && !domain.contains("://"))
}

/// The trial length is read under its older name only: `expr`.
fn query(media: &Media, request: &Request) -> String {
    let mut query = format!("?t={:x}", request.number("t").unwrap_or(0));
    let tag = request.text("us").map_or(String::new(), |us| format!("{us}-"));
    write!(query, "&us={tag}{:04x}", media.id & 0xffff).expect("a string takes everything");
    for field in ["expr", "rlimit"] {
        if let Some(number) = request.number(field) {
            write!(query, "&{field}={number}").expect("a string takes everything");
        }
    }
    query
}
