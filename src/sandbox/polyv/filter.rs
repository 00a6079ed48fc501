//! Which videos a listing wants.

use super::library::{DELETED, Library, Video, listed};
use crate::sandbox::model::Request;

#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Any of these; all when left out.
    pub categories: Option<Vec<i64>>,
    /// A part of the title.
    pub title: Option<String>,
    /// The title filter also looks at the vid.
    pub or_vid: bool,
    pub tag: Option<String>,
    pub uploader: Option<String>,
    pub statuses: Vec<i64>,
    pub created: Span,
    pub updated: Span,
    pub encrypted: Option<bool>,
    pub play_auth: Option<bool>,
    pub published_only: bool,
    pub now: i64,
}

/// Seconds since 1970, both ends inclusive.
#[derive(Debug, Default)]
pub(super) struct Span {
    pub from: Option<i64>,
    pub to: Option<i64>,
}

impl Span {
    /// From two fields with milliseconds.
    pub fn of_millis(request: &Request, from: &str, to: &str) -> Self {
        let second = |field| request.number(field).map(|millis| millis / 1000);
        Self { from: second(from), to: second(to) }
    }

    fn holds(&self, moment: i64) -> bool {
        self.from.is_none_or(|from| moment >= from) && self.to.is_none_or(|to| moment <= to)
    }
}

impl Filter {
    /// The fields that both search operations have.
    pub fn common(library: &Library, request: &Request, below: bool) -> Self {
        let category = request.number("cateId");
        let text = |field| request.text(field).map(str::to_owned);
        Self {
            categories: category.map(|id| if below { library.with_below(id) } else { vec![id] }),
            title: text("title"),
            tag: text("tag"),
            uploader: text("uploader"),
            statuses: listed(request, "status").filter_map(|status| status.parse().ok()).collect(),
            created: Span::of_millis(request, "startTime", "endTime"),
            now: request.now,
            ..Self::default()
        }
    }

    pub fn wants(&self, video: &Video) -> bool {
        let status = video.status_at(self.now);
        let part = |wanted: &Option<String>, of: &str| wanted.as_ref().is_none_or(|wanted| of.contains(wanted));
        let vid = self.or_vid && self.title.as_ref().is_some_and(|title| video.vid.contains(title));
        (!video.deleted || self.statuses.contains(&DELETED))
            && self.categories.as_ref().is_none_or(|wanted| wanted.contains(&video.category))
            && (part(&self.title, &video.title) || vid)
            && part(&self.tag, &video.tag)
            && self.uploader.as_ref().is_none_or(|wanted| *wanted == video.uploader)
            && (self.statuses.is_empty() || self.statuses.contains(&status) || self.same_published(status))
            && self.created.holds(video.created)
            && self.updated.holds(video.updated)
            && self.encrypted.is_none_or(|wanted| wanted == video.encrypted)
            && self.play_auth.is_none_or(|wanted| wanted == video.play_auth)
            && (!self.published_only || video.published(self.now))
    }

    /// 60 and 61 both mean published.
    fn same_published(&self, status: i64) -> bool {
        matches!(status, 60 | 61) && self.statuses.iter().any(|wanted| matches!(wanted, 60 | 61))
    }
}
