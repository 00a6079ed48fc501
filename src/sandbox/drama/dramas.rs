//! A drama: its episodes, what was submitted about it, and its reviews.

use super::changes::Replacement;
use super::links::temporary;
use super::review::{Kind, Review, Status};
use super::{Dramas, page};
use crate::sandbox::model::{Answer, Request, answer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Drama {
    pub owner: String,
    pub create_time: i64,
    /// As submitted: name, producer, description and so on.
    pub info: Map<String, Value>,
    /// Media ids in their order.
    pub episodes: Vec<i64>,
    /// The last review of each kind.
    pub reviews: BTreeMap<Kind, Review>,
    /// Episodes that were submitted for others and are not yet in their place.
    pub replacements: Vec<Replacement>,
    /// What the last change of basic info wants.
    pub wishes: Map<String, Value>,
    /// Its qualification has been changed, which can be done once.
    pub requalified: bool,
    /// No call does this; it can be said of a drama in a world that is loaded.
    pub taken_down: bool,
}

impl Drama {
    pub fn text(&self, field: &str) -> &str {
        self.info.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The review of the drama itself: the re-submission, or else the first.
    pub fn review(&self) -> Review {
        self.reviews.get(&Kind::Again).or_else(|| self.reviews.get(&Kind::First)).copied().unwrap_or_default()
    }

    pub fn passed(&self) -> bool {
        self.review().status == Status::Passed
    }

    /// Viewers can watch it.
    pub fn playable(&self) -> bool {
        self.passed() && !self.taken_down
    }

    /// 申请版权保护
    pub fn protected(&self) -> bool {
        self.info.get("copyright").is_some_and(|copyright| copyright["apply_for_copyright_protection"] == 1)
    }

    pub fn is_open(&self, kind: Kind) -> bool {
        self.reviews.get(&kind).is_some_and(|review| review.status == Status::Open)
    }

    /// The media that such a review is about.
    pub fn under_review(&self, kind: Kind) -> Vec<i64> {
        match kind {
            Kind::First | Kind::Again => self.episodes.clone(),
            Kind::Replacement => self.replacements.iter().filter(|it| it.approved.is_none()).map(|it| it.new).collect(),
            Kind::BasicInfo => Vec::new(),
        }
    }

    pub fn end_replacements(&mut self, status: Status, moment: i64) {
        if status != Status::Passed {
            self.replacements.retain(|it| it.approved.is_some());
        }
        for it in &mut self.replacements {
            it.approved.get_or_insert(moment);
        }
    }

    pub fn end_wishes(&mut self, status: Status) {
        let mut wishes = std::mem::take(&mut self.wishes);
        if status == Status::Passed {
            self.requalified |= wishes.contains_key("qualification_type");
            self.info.append(&mut wishes);
        }
    }

    fn json(&self, id: i64, now: i64) -> Value {
        let image = |field| match self.text(field) {
            "" => String::new(),
            material_id => temporary(&format!("img.example.org/m/{material_id}.jpg"), now),
        };
        let review = self.review();
        let status = match review.status {
            _ if self.taken_down => 3,
            Status::Passed => 0,
            Status::Open => 1,
            _ => 2,
        };
        let mut fields = json!({
            "drama_id": id,
            "create_time": self.create_time,
            "name": self.text("name"),
            "cover_url": image("cover_material_id"),
            "media_count": self.episodes.len(),
            "producer": self.text("producer"),
            "playwright": self.text("playwright"),
            "description": self.text("description"),
            "production_license": self.text("production_license"),
            "media_list": self.episodes.iter().map(|id| json!({ "media_id": id })).collect::<Vec<_>>(),
            "audit_detail": review.json(),
            "expedited": i64::from(self.expedited()),
            "recommendations": self.text("recommendations"),
            "promotion_poster": image("promotion_poster_material_id"),
            "status": status,
        });
        if let Some(actors) = self.info.get("actor_list") {
            fields["actor_list"] = actors.clone();
        }
        fields
    }

    pub fn expedited(&self) -> bool {
        self.info.get("expedited").is_some_and(|expedited| *expedited == 1)
    }
}

/// Give it an id.
pub(super) fn add(dramas: &mut Dramas, drama: Drama) -> i64 {
    let last = dramas.dramas.last_key_value().map_or(0, |(id, _)| *id);
    let id = dramas.ids.dramas.max(last).max(310_044) + 1;
    dramas.ids.dramas = id;
    belong(dramas, &drama.episodes, id);
    dramas.dramas.insert(id, drama);
    id
}

/// From now on these media are episodes of this drama; of none, if that is 0.
pub(super) fn belong(dramas: &mut Dramas, media: &[i64], drama_id: i64) {
    for id in media {
        if let Some(media) = dramas.media.get_mut(*id) {
            media.drama_id = drama_id;
        }
    }
}

pub(super) fn list(dramas: &mut Dramas, request: &Request) -> Answer {
    let own = dramas.dramas.iter().filter(|(_, drama)| drama.owner == request.caller);
    let rows = page(own, request, 100).into_iter().map(|(id, drama)| drama.json(*id, request.now));
    answer!({ "drama_info_list": rows.collect::<Vec<_>>() })
}

pub(super) fn get(dramas: &mut Dramas, request: &Request) -> Answer {
    let (id, drama) = dramas.own(request)?;
    answer!({ "drama_info": drama.json(id, request.now) })
}
