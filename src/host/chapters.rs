//! `chapters::` — chapters of a novel, any number, each once.

use super::{Host, Reply, maps, progress::Listeners, text};
use crate::{
    Error,
    helpers::{chapters, progress::Progress},
};
use rhai::{Array, Dynamic, Map, plugin::*};

#[export_module]
pub mod module {
    /// Upload chapters to the edit version of a book, in their order. Those that the book has already, by their
    /// `original_id`, are not sent again, so it can be run again after a stop.
    /// - `book`: string, the book's id.
    /// - `chapters`: array of maps `#{ original_id, chapter_title, content, seq, custom_info }`; the last two may be left
    ///   out.
    /// - returns: map `#{ created, already, failed }`; the first two are arrays of `original_id`s, the last of maps
    ///   `#{ original_id, code, message, hint }`.
    /// - throws: `argument` before anything is sent, `conflict` while the book is under review, `not_found`.
    /// - calls: `novel.list_chapters`, `novel.batch_create_chapters`.
    /// ```rhai
    /// let book = novel::create_book(#{
    ///     title: "归来记", intro: "一个关于归来的故事。", cover_media_id: "MAT", author: "林一",
    ///     first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1
    /// }).book_id;
    /// let chapters = [];
    /// for n in 1..=25 { chapters.push(#{ original_id: `ch-${n}`, chapter_title: `第${n}章`, content: "夜色正浓。" }); }
    /// assert_eq(chapters::upload(book, chapters).created.len, 25);
    /// assert_eq(chapters::upload(book, chapters).already.len, 25);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn upload(call: NativeCallContext, book: &str, chapters: Array) -> Reply<Map> {
        let host = Host::of(&call);
        let chapters = maps(&call, "chapters", chapters)?;
        let options = host.options();
        let mut listeners = Listeners::new(&host, &call, None);
        let progress = |settled, all| Progress::of_items("chapters", settled, all);
        let told = |settled, all| drop(listeners.tell(progress(settled, all)));
        let all = chapters.len();
        let report = host.wait(&call, chapters::upload(&host.client, book, chapters, &options, told))?;
        listeners.finish(progress(all, all));
        let ids = |ids: Vec<String>| Dynamic::from_array(ids.into_iter().map(text).collect());
        Ok(Map::from_iter([
            ("created".into(), ids(report.created)),
            ("already".into(), ids(report.already)),
            ("failed".into(), Dynamic::from_array(report.failed.iter().map(failed).collect())),
        ]))
    }
}

fn failed((id, error): &(String, Error)) -> Dynamic {
    Dynamic::from_map(Map::from_iter([
        ("original_id".into(), text(id.as_str())),
        ("code".into(), error.code.map_or(Dynamic::UNIT, Dynamic::from)),
        ("message".into(), text(error.message.as_str())),
        ("hint".into(), error.hint.as_deref().map_or(Dynamic::UNIT, text)),
    ]))
}
