//! A drama: its episodes, what was submitted about it, and its reviews.

use super::{Dramas, page};
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Kinds of reviews, as `audit_type` counts them.
pub(super) const FIRST: i64 = 0;
pub(super) const AGAIN: i64 = 1;
pub(super) const REPLACEMENT: i64 = 2;
pub(super) const BASIC_INFO: i64 = 3;

#[derive(Debug, Default)]
pub(super) struct Drama {
    pub id: i64,
    pub owner: String,
    pub create_time: i64,
    /// As submitted: name, producer, description and so on.
    pub info: Map<String, Value>,
    /// Media ids in their order.
    pub episodes: Vec<i64>,
    /// The last review of each kind.
    pub reviews: BTreeMap<i64, Review>,
    /// Old and new media of the last replacement that was submitted and not yet carried out.
    pub replacements: Vec<[i64; 2]>,
    /// What the last change of basic info wants.
    pub wishes: Map<String, Value>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Review {
    /// 1 in review, 2 rejected, 3 passed, 4 to be refilled
    pub status: i64,
    pub submitted: i64,
    pub decided: i64,
}

impl Review {
    pub fn open(now: i64) -> Self {
        Self { status: 1, submitted: now, decided: 0 }
    }

    pub fn json(&self) -> Value {
        json!({ "status": self.status, "create_time": self.submitted, "audit_time": self.decided })
    }
}

impl Drama {
    pub fn text(&self, field: &str) -> &str {
        self.info.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The review of the drama itself: the re-submission, or else the first.
    pub fn review(&self) -> Option<&Review> {
        self.reviews.get(&AGAIN).or_else(|| self.reviews.get(&FIRST))
    }

    pub fn passed(&self) -> bool {
        self.review().is_some_and(|review| review.status == 3)
    }

    /// 申请版权保护
    pub fn protected(&self) -> bool {
        self.info.get("copyright").is_some_and(|copyright| copyright["apply_for_copyright_protection"] == 1)
    }

    pub fn is_open(&self, kind: i64) -> bool {
        self.reviews.get(&kind).is_some_and(|review| review.status == 1)
    }

    fn json(&self) -> Value {
        let status = self.review().map_or(0, |review| review.status);
        let mut fields = json!({
            "drama_id": self.id,
            "create_time": self.create_time,
            "name": self.text("name"),
            "cover_url": image(self.text("cover_material_id")),
            "media_count": self.episodes.len(),
            "producer": self.text("producer"),
            "playwright": self.text("playwright"),
            "description": self.text("description"),
            "production_license": self.text("production_license"),
            "media_list": self.episodes.iter().map(|id| json!({ "media_id": id })).collect::<Vec<_>>(),
            "audit_detail": self.review().map_or(json!({ "status": 0 }), Review::json),
            "expedited": i64::from(self.info.get("expedited").is_some_and(|expedited| *expedited == 1)),
            "recommendations": self.text("recommendations"),
            "promotion_poster": image(self.text("promotion_poster_material_id")),
            "status": match status { 3 => 0, 1 => 1, _ => 2 },
        });
        if let Some(actors) = self.info.get("actor_list") {
            fields["actor_list"] = actors.clone();
        }
        fields
    }
}

fn image(material_id: &str) -> String {
    if material_id.is_empty() { String::new() } else { format!("https://img.example.org/m/{material_id}.jpg") }
}

pub(super) fn list(dramas: &mut Dramas, request: &Request) -> Answer {
    let own = dramas.dramas.values().filter(|drama| drama.owner == request.caller);
    answer!({ "drama_info_list": page(own, request, 100).into_iter().map(Drama::json).collect::<Vec<_>>() })
}

pub(super) fn get(dramas: &mut Dramas, request: &Request) -> Answer {
    answer!({ "drama_info": dramas.own(request)?.json() })
}
