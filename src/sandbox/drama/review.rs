//! Reviews of dramas: begun by a submission, ended when they have taken their time, as the verdicts say.

use super::agenda::Due;
use super::library::Library;
use super::{Dramas, event};
use crate::sandbox::life::{Event, Life, Ruling, Verdict};
use crate::sandbox::model::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is reviewed, as `audit_type` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    First,
    Again,
    Replacement,
    BasicInfo,
}

impl Kind {
    pub fn of(audit_type: Option<i64>) -> Option<Self> {
        let all = [Kind::First, Kind::Again, Kind::Replacement, Kind::BasicInfo];
        all.into_iter().find(|kind| Some(*kind as i64) == audit_type)
    }
}

/// How a review stands, as `status` counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// Never submitted.
    #[default]
    None,
    Open,
    Rejected,
    Passed,
    /// Rejected until more material is sent.
    Refill,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Review {
    pub status: Status,
    pub submitted: i64,
    /// 0 while it is open.
    pub decided: i64,
}

impl Review {
    fn open(now: i64) -> Self {
        Self { status: Status::Open, submitted: now, decided: 0 }
    }

    fn end(&mut self, status: Status, moment: i64) {
        (self.status, self.decided) = (status, moment);
    }

    pub fn json(&self) -> Value {
        json!({ "status": self.status as i64, "create_time": self.submitted, "audit_time": self.decided })
    }
}

pub(super) fn begin(dramas: &mut Dramas, drama_id: i64, kind: Kind, request: &Request) {
    let due = request.now.saturating_add(request.life.review_seconds.max(0));
    dramas.agenda.add(due, Due::Reviewed { drama_id, kind });
    open(dramas, drama_id, kind, request.now);
}

/// From now on the drama is in review, and the media that the review is about.
pub(super) fn open(dramas: &mut Dramas, drama_id: i64, kind: Kind, now: i64) {
    let Some(drama) = dramas.dramas.get_mut(&drama_id) else { return };
    drama.reviews.insert(kind, Review::open(now));
    for id in drama.under_review(kind) {
        if let Some(media) = dramas.media.get_mut(id) {
            (media.review, media.reason) = (Review::open(now), Box::default());
        }
    }
}

pub(super) fn end(dramas: &mut Dramas, drama_id: i64, kind: Kind, moment: i64, life: &mut Life) -> Option<Event> {
    let drama = dramas.dramas.get_mut(&drama_id).filter(|drama| drama.is_open(kind))?;
    let media = drama.under_review(kind);
    let (status, rows) = judge(life, (drama_id, drama.text("name")), &dramas.media, &media);
    let review = drama.reviews.get_mut(&kind)?;
    review.end(status, moment);
    let mut detail = review.json();
    detail["audit_type"] = (kind as i64).into();
    match kind {
        Kind::Replacement => drama.end_replacements(status, moment),
        Kind::BasicInfo => drama.end_wishes(status),
        Kind::First | Kind::Again => {}
    }
    for (id, said) in media.into_iter().zip(rows) {
        if let Some(media) = dramas.media.get_mut(id) {
            media.review.end(said.status, moment);
            media.reason = said.reason.into();
        }
    }
    Some(event(&drama.owner, moment, "audit_event", json!({ "drama_id": drama_id, "audit_detail": detail })))
}

/// What the reviewers say of one thing.
#[derive(Clone)]
struct Said {
    status: Status,
    reason: String,
}

impl Said {
    fn of(verdict: Option<Verdict>) -> Self {
        let Some(Verdict { result, reason, .. }) = verdict else { return Said::passed() };
        match result {
            Ruling::Pass => Said::passed(),
            Ruling::Reject => Said { status: Status::Rejected, reason },
            Ruling::Refill => Said { status: Status::Refill, reason },
        }
    }

    fn passed() -> Self {
        Said { status: Status::Passed, reason: String::new() }
    }
}

/// What is said of the whole, and of each media. The drama is asked for by its id and name, then its media one by one.
fn judge(life: &mut Life, drama: (i64, &str), library: &Library, media: &[i64]) -> (Status, Vec<Said>) {
    if let Some(verdict) = life.verdict(&drama.0.to_string(), drama.1) {
        let said = Said::of(Some(verdict));
        // A refill is asked for one episode.
        let reached = if said.status == Status::Refill { 1 } else { media.len() };
        let row = |place| if place < reached { said.clone() } else { Said::passed() };
        return (said.status, (0..media.len()).map(row).collect());
    }
    let name = |id| library.find(id).map_or("", |(_, media)| &*media.name);
    let rows: Vec<Said> = media.iter().map(|id| Said::of(life.verdict(&id.to_string(), name(*id)))).collect();
    let worst =
        [Status::Rejected, Status::Refill].into_iter().find(|status| rows.iter().any(|it| it.status == *status));
    (worst.unwrap_or(Status::Passed), rows)
}
