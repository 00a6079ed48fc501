//! Listings, page by page.

use super::{
    data,
    filter::{Filter, Span},
    library::{Library, ROOT, Video},
    show,
};
use crate::sandbox::{
    china,
    model::{Answer, Refusal, Request},
};
use serde_json::{Value, json};

impl Library {
    pub(super) fn list_video(&self, request: &Request) -> Answer {
        const PAGE: i64 = 10;
        let filter = Filter::common(self, request, request.text("containSubCate") == Some("Y"));
        let found = self.sorted(&filter, request.text("sort").unwrap_or("creationTimeDesc"));
        page(request, PAGE, &found, |video| show::info(self, video, &["basicInfo"], request.now))
    }

    pub(super) fn search(&self, request: &Request) -> Answer {
        const PAGE: i64 = 10;
        let flag = |field: &str| request.fields.get(field).and_then(Value::as_bool);
        let filter = Filter {
            or_vid: true,
            updated: Span::of_millis(request, "startModifyTime", "endModifyTime"),
            encrypted: flag("encrypted"),
            play_auth: flag("playAuthEnable"),
            ..Filter::common(self, request, flag("containSubCate").unwrap_or(true))
        };
        let found = self.sorted(&filter, request.text("sort").unwrap_or("creationTimeDesc"));
        let blocks = show::blocks(request, "filters");
        page(request, PAGE, &found, |video| show::info(self, video, &blocks, request.now))
    }

    pub(super) fn list_by_uploader(&self, request: &Request) -> Answer {
        const PAGE: i64 = 20;
        let category = request.number("cataid");
        let below = request.number("containSubCata") == Some(1);
        let filter = Filter {
            categories: category.map(|id| if below { self.with_below(id) } else { vec![id] }),
            uploader: request.text("email").map(str::to_owned),
            published_only: request.number("published") == Some(1),
            now: request.now,
            ..Filter::default()
        };
        let sort = match request.number("orderType") {
            Some(2) => "creationTimeDesc",
            Some(3) => "playTimesAsc",
            Some(4) => "playTimesDesc",
            _ => "creationTimeAsc",
        };
        let mut found = self.sorted(&filter, sort);
        found.retain(|video| video.by_sub_account());
        page(request, PAGE, &found, |video| show::uploaded(self, video, request.now))
    }

    pub(super) fn list_new(&self, request: &Request) -> Answer {
        const PAGE: i64 = 20;
        let tree = request.text("catatree").and_then(|tree| tree.rsplit(',').next()?.parse().ok()).unwrap_or(ROOT);
        let filter = Filter {
            categories: Some(self.with_below(tree)),
            created: span(request)?,
            published_only: request.number("published") == Some(1),
            now: request.now,
            ..Filter::default()
        };
        let found = self.sorted(&filter, "creationTimeDesc");
        page(request, PAGE, &found, |video| show::message(self, video, request.now))
    }

    pub(super) fn list_grabs(&self, request: &Request) -> Answer {
        const PAGE: i64 = 20;
        page(request, PAGE, &self.grabs.iter().rev().collect::<Vec<_>>(), |grab| show::grab(self, grab))
    }

    fn sorted(&self, filter: &Filter, sort: &str) -> Vec<&Video> {
        let mut found: Vec<&Video> = self.videos.values().filter(|video| filter.wants(video)).collect();
        if sort.starts_with("playTimes") {
            found.sort_by_cached_key(|video| self.times(video, filter.now));
        } else {
            found.sort_by_key(|video| video.created);
        }
        if sort.ends_with("Desc") {
            found.reverse();
        }
        found
    }
}

/// Two times or, when there is none, two dates; both ends belong to the span.
fn span(request: &Request) -> Result<Span, Refusal> {
    let by_time = ["startTime", "endTime"].iter().any(|field| request.fields.contains_key(*field));
    let moment = |time: &str, date: &str, time_of_day: &str| {
        let whole = match (by_time, request.text(time), request.text(date)) {
            (true, Some(time), _) => time.to_owned(),
            (false, _, Some(date)) => format!("{date} {time_of_day}"),
            _ => return Ok(None),
        };
        china::moment(&whole).map(Some).ok_or_else(|| Refusal::new(400, format!("{time} or {date} is illegal")))
    };
    Ok(Span { from: moment("startTime", "startDate", "00:00:00")?, to: moment("endTime", "endDate", "23:59:59")? })
}

/// One page of what was found.
pub(super) fn page<T>(request: &Request, usual: i64, found: &[T], shown: impl Fn(&T) -> Value) -> Answer {
    let number = request.number("page").unwrap_or(1).max(1);
    let size = request.number("pageSize").unwrap_or(usual).max(1);
    let count = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
    let skipped = count((number - 1).saturating_mul(size));
    let contents: Vec<Value> = found.iter().skip(skipped).take(count(size)).map(shown).collect();
    data(json!({
        "pageNumber": number,
        "pageSize": size,
        "totalPages": found.len().div_ceil(count(size)),
        "totalItems": found.len(),
        "contents": contents,
    }))
}
