//! Changes of a drama that has passed: other episodes, other basic info; each is reviewed first.

use super::audit::{are_distinct, check_free, is_proved, is_qualified};
use super::media::Retired;
use super::review::{self, Kind};
use super::{Dramas, done, refusal};
use crate::sandbox::model::{Answer, Request, answer, number};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// An approved replacement is carried out within seven days.
const GRACE: i64 = 7 * 86_400;
/// Dramas first submitted from 2024-05-27 on, in China, keep their qualification.
const NEW_RULES: i64 = 1_716_739_200;

/// A media for the place of another.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replacement {
    pub old: i64,
    pub new: i64,
    /// When its review ended well; nothing while it is open.
    #[serde(default)]
    pub approved: Option<i64>,
}

impl Replacement {
    /// It is in review, or can be carried out.
    fn stands(&self, now: i64) -> bool {
        self.approved.is_none_or(|approved| now <= approved + GRACE)
    }
}

/// The media that are to become episodes of the caller's dramas.
pub(super) fn promised(dramas: &Dramas, request: &Request) -> BTreeSet<i64> {
    let own = dramas.dramas.values().filter(|drama| drama.owner == request.caller);
    own.flat_map(|drama| &drama.replacements).filter(|it| it.stands(request.now)).map(|it| it.new).collect()
}

pub(super) fn submit_replacements(dramas: &mut Dramas, request: &Request) -> Answer {
    let (id, drama) = dramas.own_passed(request)?;
    if drama.is_open(Kind::Replacement) {
        return Err(refusal(10093011));
    }
    let rows = request.list("replace_media_list");
    let ids = |side: &str| rows.iter().map(|row| number(&row[side])).collect::<Option<Vec<_>>>();
    let (Some(old), Some(new)) = (ids("old"), ids("new")) else { return Err(refusal(47003)) };
    if !are_distinct(&old) || !are_distinct(&new) {
        return Err(refusal(47003));
    }
    if old.iter().any(|id| !drama.episodes.contains(id)) {
        return Err(refusal(10093030));
    }
    check_free(dramas, request, &new, 0)?;
    let drama = dramas.own_mut(request)?;
    drama.replacements.retain(|it| it.stands(request.now));
    drama.replacements.extend(old.into_iter().zip(new).map(|(old, new)| Replacement { old, new, approved: None }));
    review::begin(dramas, id, Kind::Replacement, request);
    done()
}

/// Make one approved replacement live.
pub(super) fn replace(dramas: &mut Dramas, request: &Request) -> Answer {
    let [old, new] = ["old_media_id", "new_media_id"].map(|field| request.number(field).unwrap_or(0));
    let (drama_id, drama) = dramas.own_passed(request)?;
    let meant = |it: &Replacement| (it.old, it.new) == (old, new);
    let found = drama.replacements.iter().find(|it| meant(it)).ok_or_else(|| refusal(10093030))?;
    if found.approved.is_none() || !found.stands(request.now) {
        return Err(refusal(10093011));
    }
    let drama = dramas.own_mut(request)?;
    let slot = drama.episodes.iter_mut().find(|id| **id == old).ok_or_else(|| refusal(10093030))?;
    *slot = new;
    drama.replacements.retain(|it| !meant(it));
    if let Some(media) = dramas.media.get_mut(new) {
        media.drama_id = drama_id;
    }
    if let Some(media) = dramas.media.get_mut(old) {
        media.drama_id = 0;
        media.retired = Some(Box::new(Retired { drama_id, since: request.now }));
    }
    done()
}

pub(super) fn modify(dramas: &mut Dramas, request: &Request) -> Answer {
    let (id, drama) = dramas.own_passed(request)?;
    if drama.is_open(Kind::BasicInfo) {
        return Err(refusal(10093011));
    }
    let fixed = drama.requalified || drama.create_time >= NEW_RULES;
    let requalifies = request.number("qualification_type").is_some();
    if requalifies && fixed || !is_qualified(&request.fields) || !protects(request) {
        return Err(refusal(47003));
    }
    let drama = dramas.own_mut(request)?;
    let wishes = request.fields.iter().filter(|(field, _)| *field != "drama_id");
    drama.wishes = wishes.map(|(field, value)| (field.clone(), value.clone())).collect();
    review::begin(dramas, id, Kind::BasicInfo, request);
    done()
}

/// Whoever applies for copyright protection names the producer and proves the production.
fn protects(request: &Request) -> bool {
    let copyright = request.fields.get("copyright").unwrap_or(&Value::Null);
    let applies = copyright["apply_for_copyright_protection"] == 1;
    !applies || request.text("producer").is_some() && is_proved(&request.fields)
}

/// The last review of one kind.
pub(super) fn latest(dramas: &mut Dramas, request: &Request) -> Answer {
    let (_, drama) = dramas.own(request)?;
    let review = Kind::of(request.number("audit_type")).and_then(|kind| drama.reviews.get(&kind));
    answer!({ "audit_detail": review.ok_or_else(|| refusal(10093030))?.json() })
}
