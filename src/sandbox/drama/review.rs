//! Reviews of dramas: opened by a submission, decided by the first reading after they have taken their time.

use super::Dramas;
use super::dramas::{AGAIN, BASIC_INFO, Drama, FIRST, REPLACEMENT, Review};
use super::media::{Media, MediaReview};
use std::collections::BTreeMap;

/// A name with this word in it is rejected.
const REJECTED: &str = "驳回";
/// The first submission of a drama with this word in its name asks for more material.
const REFILL: &str = "补充";

/// Begin a review of the drama and its episodes.
pub(super) fn open(dramas: &mut Dramas, drama_id: i64, kind: i64, now: i64) {
    let Some(drama) = dramas.dramas.get_mut(&drama_id) else { return };
    drama.reviews.insert(kind, Review::open(now));
    for id in &drama.episodes {
        if let Some(media) = dramas.media.get_mut(id) {
            media.drama_id = Some(drama_id);
            media.review = Some(MediaReview { status: 1, submitted: now, decided: 0 });
        }
    }
}

/// The media are no longer episodes of their drama.
pub(super) fn release(dramas: &mut Dramas, ids: &[i64]) {
    for id in ids {
        if let Some(media) = dramas.media.get_mut(id) {
            media.drama_id = None;
        }
    }
}

/// Decide the reviews that have taken their time by now.
pub(super) fn settle(dramas: &mut Dramas, now: i64) {
    for drama in dramas.dramas.values_mut() {
        for kind in [FIRST, AGAIN, REPLACEMENT, BASIC_INFO] {
            let due = |review: &&Review| review.status == 1 && now >= review.submitted + dramas.review_seconds;
            if let Some(review) = drama.reviews.get(&kind).filter(due) {
                let decided = review.submitted + dramas.review_seconds;
                decide(drama, &mut dramas.media, kind, decided);
            }
        }
    }
}

pub(super) fn decide(drama: &mut Drama, media: &mut BTreeMap<i64, Media>, kind: i64, decided: i64) {
    let status = verdict(drama, media, kind);
    if let Some(review) = drama.reviews.get_mut(&kind) {
        *review = Review { status, decided, ..*review };
    }
    match kind {
        BASIC_INFO if status == 3 => drama.info.append(&mut drama.wishes),
        BASIC_INFO => drama.wishes.clear(),
        REPLACEMENT => drama.replacements.iter().for_each(|[_, new]| mark(media, *new, status, decided)),
        _ => mark_episodes(&drama.episodes, media, status, decided),
    }
}

fn verdict(drama: &Drama, media: &BTreeMap<i64, Media>, kind: i64) -> i64 {
    let name = drama.text("name");
    let bad_media = |[_, new]: &[i64; 2]| media.get(new).is_some_and(|media| media.name.contains(REJECTED));
    let bad_wish = |value: &serde_json::Value| value.as_str().is_some_and(|text| text.contains(REJECTED));
    match kind {
        FIRST | AGAIN if name.contains(REJECTED) => 2,
        FIRST if name.contains(REFILL) => 4,
        REPLACEMENT if drama.replacements.iter().any(bad_media) => 2,
        BASIC_INFO if drama.wishes.values().any(bad_wish) => 2,
        _ => 3,
    }
}

/// When a drama passes, all its episodes do; a refill is asked for the first episode only.
fn mark_episodes(episodes: &[i64], media: &mut BTreeMap<i64, Media>, status: i64, decided: i64) {
    for (place, id) in episodes.iter().enumerate() {
        mark(media, *id, if status == 4 && place > 0 { 3 } else { status }, decided);
    }
}

fn mark(media: &mut BTreeMap<i64, Media>, id: i64, status: i64, decided: i64) {
    if let Some(review) = media.get_mut(&id).and_then(|media| media.review.as_mut()) {
        *review = MediaReview { status, decided, ..*review };
    }
}
