//! The tree of categories.

use super::{
    data,
    library::{Category, Library, ROOT},
    profile::Profile,
};
use crate::sandbox::model::{Answer, Refusal, Request, number};
use serde_json::{Value, json};

/// How deep the tree may be.
const DEEPEST: usize = 20;
/// The first id that is given to a category is above this one.
const FIRST: i64 = 1_735_600_000_100;

impl Library {
    pub(super) fn get_category(&self, request: &Request) -> Answer {
        const PAGE: i64 = 20;
        let id = self.category(request, "cateId")?;
        let below: Vec<i64> = self.below(id).collect();
        let count = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let size = request.number("pageSize").unwrap_or(PAGE).max(1);
        let before = (request.number("page").unwrap_or(1).max(1) - 1).saturating_mul(size);
        let page = below.iter().skip(count(before)).take(count(size));
        data(json!({
            "category": self.shown(id),
            "subCategoryTotal": below.len(),
            "subCategories": page.map(|id| self.shown(*id)).collect::<Vec<_>>(),
        }))
    }

    /// The tree as v2 shows it, from a category down.
    pub(super) fn category_tree(&self, request: &Request) -> Answer {
        let top = match request.fields.get("cataid") {
            Some(_) => self.category(request, "cataid")?,
            None => ROOT,
        };
        data(json!([self.node(top)]))
    }

    pub(super) fn add_category(&mut self, request: &Request, name: &str, parent: &str) -> Result<i64, Refusal> {
        let parent = if request.fields.contains_key(parent) { self.category(request, parent)? } else { ROOT };
        if self.way(parent).split(',').count() >= DEEPEST {
            return Err(Refusal::new(400, "too many levels of categories"));
        }
        let id = self.categories.keys().next_back().copied().unwrap_or(ROOT).max(FIRST) + 1;
        let name = request.text(name).unwrap_or_default().to_owned();
        self.categories.insert(id, Category { name, parent, profile: Profile::default() });
        Ok(id)
    }

    pub(super) fn add_category_v2(&mut self, request: &Request) -> Answer {
        let id = self.add_category(request, "cataname", "parentid")?;
        data(json!({ "cataid": id.to_string(), "catatree": self.way(id) }))
    }

    pub(super) fn rename_category(&mut self, request: &Request, id: &str, name: &str) -> Result<(), Refusal> {
        let id = self.category(request, id)?;
        if let (Some(category), Some(name)) = (self.categories.get_mut(&id), request.text(name)) {
            name.clone_into(&mut category.name);
        }
        Ok(())
    }

    /// Remove a category with all below it; its videos go to the root.
    pub(super) fn delete_category(&mut self, request: &Request, field: &str) -> Result<(), Refusal> {
        if request.fields.get(field).and_then(number) == Some(ROOT) {
            return Err(Refusal::new(400, "the root category can not be deleted"));
        }
        let gone = self.with_below(self.category(request, field)?);
        self.categories.retain(|id, _| !gone.contains(id));
        for video in self.videos.values_mut().filter(|video| gone.contains(&video.category)) {
            video.category = ROOT;
        }
        Ok(())
    }

    fn below(&self, parent: i64) -> impl Iterator<Item = i64> {
        self.categories.iter().filter(move |(_, category)| category.parent == parent).map(|(id, _)| *id)
    }

    fn parts(&self, id: i64) -> (&str, i64) {
        self.categories.get(&id).map_or(("", 0), |category| (&category.name, category.parent))
    }

    fn shown(&self, id: i64) -> Value {
        let (name, parent) = self.parts(id);
        json!({ "cateId": id.to_string(), "cateName": name, "parentId": parent.to_string() })
    }

    fn node(&self, id: i64) -> Value {
        let (name, parent) = self.parts(id);
        let videos = self.videos.values().filter(|video| video.category == id && !video.deleted).count();
        json!({
            "text": name,
            "cataname": name,
            "catatree": self.way(id),
            "cataid": id.to_string(),
            "parentid": parent.to_string(),
            "videos": videos,
            "nodes": self.below(id).map(|below| self.node(below)).collect::<Vec<_>>(),
        })
    }

    /// The ids from the root down: `1,1735600000001`.
    fn way(&self, id: i64) -> String {
        let (_, parent) = self.parts(id);
        if parent == 0 { id.to_string() } else { format!("{},{id}", self.way(parent)) }
    }
}
