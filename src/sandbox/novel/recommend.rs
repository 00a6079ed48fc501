//! What the reader plug-in recommends after the last chapter.

use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many books a list may have.
const AT_MOST: usize = 300;

/// The lists of one mini program.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Recommended {
    /// Paid novels.
    android: Vec<String>,
    /// Novels that are wholly free.
    ios: Vec<String>,
}

impl Recommended {
    pub fn forget(&mut self, book_id: &str) {
        self.android.retain(|id| id != book_id);
        self.ios.retain(|id| id != book_id);
    }
}

/// The whole list of that kind is replaced; the caller may use every book of it.
pub(super) fn set(novels: &mut Novels, request: &Request) -> Answer {
    let books = request.fields.get("book_id_list").and_then(Value::as_array).ok_or_else(|| refusal(10140015))?;
    if books.len() > AT_MOST {
        return Err(refusal(10140016));
    }
    let ids = books.iter().map(|id| usable(novels, request, id)).collect::<Result<Vec<_>, _>>()?;
    let lists = novels.recommended.entry(request.caller.into()).or_default();
    match request.number("recmd_type") {
        Some(1) => lists.android = ids,
        _ => lists.ios = ids,
    }
    done()
}

fn usable(novels: &Novels, request: &Request, id: &Value) -> Result<String, Refusal> {
    let id = id.as_str().filter(|id| !id.is_empty()).ok_or_else(|| refusal(10140015))?;
    let book = novels.books.by_id(id).filter(|book| novels.may_use(book, request.caller));
    book.map(|book| book.id.to_string()).ok_or_else(|| refusal(10141001))
}
