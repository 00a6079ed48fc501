//! Changes of a drama that has passed: other episodes, other basic info; each is reviewed first.

use super::audit::check_free;
use super::dramas::{BASIC_INFO, REPLACEMENT, Review};
use super::media::MediaReview;
use super::{Dramas, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::Value;

/// An approved replacement is carried out within seven days.
const GRACE: i64 = 7 * 86_400;
/// Dramas first submitted from 2024-05-27 on keep their qualification.
const NEW_RULES: i64 = 1_716_739_200;

pub(super) fn submit_replacements(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama = dramas.own_passed(request)?;
    if drama.is_open(REPLACEMENT) {
        return Err(refusal(10093011));
    }
    let pairs = request.list("replace_media_list").iter().map(pair).collect::<Option<Vec<_>>>();
    let pairs = pairs.ok_or_else(|| refusal(47003))?;
    if pairs.iter().any(|[old, _]| !drama.episodes.contains(old)) {
        return Err(refusal(10093030));
    }
    pairs.iter().try_for_each(|[_, new]| check_free(dramas, request.caller, *new, None))?;
    for [_, new] in &pairs {
        let review = MediaReview { status: 1, submitted: request.now, decided: 0 };
        dramas.media.entry(*new).and_modify(|media| media.review = Some(review));
    }
    let drama = dramas.own(request)?;
    drama.replacements = pairs;
    drama.reviews.insert(REPLACEMENT, Review::open(request.now));
    done()
}

fn pair(row: &Value) -> Option<[i64; 2]> {
    Some([number(&row["old"])?, number(&row["new"])?])
}

/// Make one approved replacement live.
pub(super) fn replace(dramas: &mut Dramas, request: &Request) -> Answer {
    let [old, new] = ["old_media_id", "new_media_id"].map(|field| request.number(field).unwrap_or(0));
    let drama = dramas.own_passed(request)?;
    let drama_id = drama.id;
    if !drama.replacements.contains(&[old, new]) {
        return Err(refusal(10093030));
    }
    let review = drama.reviews.get(&REPLACEMENT);
    if !review.is_some_and(|review| review.status == 3 && request.now <= review.decided + GRACE) {
        return Err(refusal(10093011));
    }
    check_free(dramas, request.caller, new, None)?;
    let drama = dramas.own(request)?;
    drama.replacements.retain(|pair| *pair != [old, new]);
    drama.episodes.iter_mut().filter(|id| **id == old).for_each(|id| *id = new);
    dramas.media.entry(new).and_modify(|media| media.drama_id = Some(drama_id));
    dramas.media.entry(old).and_modify(|media| {
        media.drama_id = None;
        media.retired = Some((drama_id, request.now));
    });
    done()
}

pub(super) fn modify(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama = dramas.own_passed(request)?;
    if drama.is_open(BASIC_INFO) {
        return Err(refusal(10093011));
    }
    if request.number("qualification_type").is_some() && drama.create_time >= NEW_RULES {
        return Err(refusal(47003));
    }
    check_protection(request)?;
    let wishes = request.fields.iter().filter(|(field, _)| *field != "drama_id");
    drama.wishes = wishes.map(|(field, value)| (field.clone(), value.clone())).collect();
    drama.reviews.insert(BASIC_INFO, Review::open(request.now));
    done()
}

/// Whoever applies for copyright protection names the producer.
fn check_protection(request: &Request) -> Result<(), Refusal> {
    let applies = request.fields.get("copyright").is_some_and(|row| row["apply_for_copyright_protection"] == 1);
    if applies && request.text("producer").is_none() { Err(refusal(47003)) } else { Ok(()) }
}

/// The last review of one kind.
pub(super) fn latest(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama = dramas.own(request)?;
    let review = drama.reviews.get(&request.number("audit_type").unwrap_or(0));
    answer!({ "audit_detail": review.ok_or_else(|| refusal(10093030))?.json() })
}
