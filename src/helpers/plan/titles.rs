//! What people call the things that a script has read about, by their ids.

use rhai::{Dynamic, Map};
use serde_json::Value;
use std::collections::HashMap;

/// The field that names a thing, and the one that says what people call it. Of the first pair that fits: the name beside
/// a medium's id is the medium's, also where the id of its drama stands there.
const PAIRS: [(&str, &str); 6] = [
    ("chapter_id", "chapter_title"),
    ("media_id", "name"),
    ("drama_id", "drama_name"),
    ("drama_id", "name"),
    ("book_id", "title"),
    ("vid", "title"),
];

/// The names of things by the fields that name them and their ids.
#[derive(Debug, Default)]
pub(super) struct Titles(HashMap<(&'static str, String), String>);

impl Titles {
    /// Learn what a reply tells.
    pub(super) fn learn(&mut self, reply: &Map) {
        let pair = PAIRS.iter().find_map(|(id, name)| {
            let name = reply.get(*name)?.as_immutable_string_ref().ok().filter(|name| !name.is_empty())?;
            Some(((*id, reply.get(*id)?.to_string()), name.to_string()))
        });
        self.0.extend(pair);
        reply.values().for_each(|value| self.within(value));
    }

    fn within(&mut self, value: &Dynamic) {
        if let Ok(fields) = value.as_map_ref() {
            self.learn(&fields);
        } else if let Ok(items) = value.as_array_ref() {
            items.iter().for_each(|item| self.within(item));
        }
    }

    /// What people call the thing that these fields name.
    pub(super) fn of(&self, is: &serde_json::Map<String, Value>) -> Option<&String> {
        PAIRS.iter().find_map(|(id, _)| self.0.get(&(*id, super::made::text(is.get(*id)?))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::decode;
    use serde_json::json;

    #[test]
    fn a_name_belongs_to_the_nearest_id() {
        let mut titles = Titles::default();
        let reply = r#"{"list":[{"media_id":1,"name":"归来记 - 第1集","drama_id":2},{"drama_id":3,"name":"夜行船"}],
                        "book":{"book_id":"b","title":"","author":"林一"}}"#;
        titles.learn(&decode(reply.as_bytes()).unwrap().cast());
        let of = |is: Value| titles.of(is.as_object().unwrap()).map(String::as_str);
        assert_eq!(of(json!({ "media_id": 1 })), Some("归来记 - 第1集"));
        assert_eq!(of(json!({ "drama_id": 3, "authorized_appid": "wx1" })), Some("夜行船"));
        assert_eq!((of(json!({ "drama_id": 2 })), of(json!({ "book_id": "b" }))), (None, None));
    }
}
