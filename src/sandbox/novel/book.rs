//! A book: its two versions, their chapters and volumes, and how they look in a reply.

use serde_json::{Map, Value, json};

#[derive(Debug)]
pub(super) struct Book {
    /// Grows with each book; the `last_id` of a list.
    pub serial: i64,
    pub id: String,
    pub owner: String,
    /// The caller's own key; may be empty.
    pub original_id: String,
    pub create_time: i64,
    /// 编辑版
    pub edit: Edition,
    /// 发布版: a copy of the edit version as it last passed.
    pub release: Option<Edition>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Edition {
    pub title: String,
    pub intro: String,
    pub cover_media_id: String,
    pub author: String,
    pub categories: [i64; 3],
    pub complete_status: i64,
    /// Chapters are kept sorted by seq; otherwise new ones go to the end.
    pub by_seq: bool,
    pub custom_info: String,
    pub chapters: Vec<Chapter>,
    pub volumes: Vec<Volume>,
    /// Chapters came or went after the volumes were written.
    pub volumes_stale: bool,
    pub review: Option<Review>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Chapter {
    pub id: String,
    pub title: String,
    pub content: String,
    pub original_id: String,
    pub seq: i64,
    pub custom_info: String,
    pub create_time: i64,
    pub review: Option<Review>,
}

#[derive(Debug, Clone)]
pub(super) struct Volume {
    pub title: String,
    pub start: usize,
    /// Inclusive.
    pub end: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Review {
    /// 0 not submitted since the last edit, 1 in review, 2 not passed, 3 passed
    pub status: i64,
    pub submitted: i64,
    pub decided: i64,
    pub reason: &'static str,
    pub suggestion: &'static str,
}

impl Edition {
    pub fn in_review(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.status == 1)
    }

    /// After an edit the version needs a new submission.
    pub fn touch(&mut self) {
        if let Some(review) = &mut self.review {
            review.status = 0;
        }
    }

    pub fn place_of(&self, chapter_id: &str) -> Option<usize> {
        self.chapters.iter().position(|chapter| chapter.id == chapter_id)
    }

    /// Put a chapter where the order method wants it: at the end, or behind the last one of its seq.
    pub fn insert(&mut self, chapter: Chapter) {
        let end = self.chapters.len();
        let at = if self.by_seq { self.chapters.partition_point(|other| other.seq <= chapter.seq) } else { end };
        self.chapters.insert(at, chapter);
        self.volumes_stale = true;
    }

    fn volume_index(&self, place: usize) -> i64 {
        let holds = |volume: &Volume| (volume.start..=volume.end).contains(&place);
        self.volumes.iter().position(holds).map_or(-1, |index| index as i64)
    }

    /// A chapter as the lists show it, without its text.
    pub fn chapter_json(&self, place: usize) -> Map<String, Value> {
        let chapter = &self.chapters[place];
        let mut fields = fields(json!({
            "chapter_id": chapter.id,
            "chapter_title": chapter.title,
            "word_cnt": chapter.words(),
            "create_time": chapter.create_time,
            "volume_index": self.volume_index(place),
            "original_id": chapter.original_id,
            "seq": chapter.seq,
            "custom_info": chapter.custom_info,
            "ban_status": 0,
        }));
        fields.extend(chapter.review.as_ref().map(|review| ("audit_info".into(), review.json())));
        fields
    }
}

impl Chapter {
    pub fn words(&self) -> usize {
        self.content.chars().count()
    }
}

impl Review {
    pub fn json(&self) -> Value {
        let mut fields = fields(json!({
            "audit_status": self.status,
            "create_time": self.submitted,
            "audit_time": self.decided,
            "reason": self.reason,
        }));
        if self.status == 2 {
            fields.insert("suggestion".into(), self.suggestion.into());
        }
        fields.into()
    }
}

impl Book {
    /// A book as the lists show it.
    pub fn json(&self, edition: &Edition) -> Map<String, Value> {
        let [first, second, third] = edition.categories;
        let mut fields = fields(json!({
            "book_id": self.id,
            "title": edition.title,
            "intro": edition.intro,
            "cover_url": format!("https://img.example.org/b/{}.jpg", edition.cover_media_id),
            "author": edition.author,
            "first_category_id": first,
            "second_category_id": second,
            "third_category_id": third,
            "complete_status": edition.complete_status,
            "upload_scene": 2,
            "chapter_cnt": edition.chapters.len(),
            "volume_cnt": edition.volumes.len(),
            "total_word_cnt": edition.chapters.iter().map(Chapter::words).sum::<usize>(),
            "create_time": self.create_time,
            "original_id": self.original_id,
            "chapter_order_method": i64::from(edition.by_seq),
            "custom_info": edition.custom_info,
            "ban_status": 0,
        }));
        fields.extend(edition.review.as_ref().map(|review| ("audit_info".into(), review.json())));
        fields
    }

    /// A single book, with what the lists leave out.
    pub fn full_json(&self, edition: &Edition) -> Map<String, Value> {
        let mut book = self.json(edition);
        let names = ["first_category_name", "second_category_name", "third_category_name"];
        for (name, category) in names.into_iter().zip(edition.categories) {
            book.insert(name.into(), category_name(category).into());
        }
        let volumes = edition.volumes.iter().map(
            |volume| json!({ "volume_title": volume.title, "start_index": volume.start, "end_index": volume.end }),
        );
        book.insert("volume_list".into(), volumes.collect());
        book
    }
}

/// Only WeChat publishes the list of categories; these are the ones that the seed uses.
fn category_name(id: i64) -> &'static str {
    match id {
        10001 => "男频",
        10002 => "都市",
        10003 => "现实",
        10004 => "玄幻",
        10005 => "历史",
        10011 => "女频",
        10012 => "古代言情",
        10013 => "现代言情",
        10014 => "年代",
        _ => "其他",
    }
}

/// The fields of an object literal.
fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
