//! What platforms tell of by themselves: the webhooks of the documents.

use super::{
    Catalog, Platform,
    document::{Document, RawEvent},
    schema::{Schema, Type},
};
use crate::{Error, error::Kind};
use serde_json::Value;

/// Something that a platform tells of.
#[derive(Debug, Clone)]
pub struct Event {
    /// The script module of the platform: `drama`.
    pub module: String,
    /// What people call it: `media_uploaded`.
    pub name: String,
    /// What the platform calls it: `secvod_upload_event`.
    pub raw: String,
    /// What has happened.
    pub summary: String,
    /// What its message has.
    pub schema: Schema,
}

impl Event {
    /// `drama.media_uploaded`
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }

    fn new(module: &str, raw: &str, event: &RawEvent, document: &Document) -> Event {
        let media = event.request_body.as_ref().and_then(|body| body.content.values().next());
        let schema = match media {
            Some(media) => media.schema.resolved(&document.components.schemas),
            None => {
                let fields = event.parameters.iter().map(|field| (field.name.clone(), field.schema.clone()));
                Schema { properties: fields.collect(), ..Schema::default() }
            }
        };
        Event {
            module: module.to_owned(),
            name: event.name.clone().unwrap_or_else(|| raw.to_owned()),
            raw: raw.to_owned(),
            summary: event.summary.clone(),
            schema,
        }
    }

    /// A message with numbers where the document has them: XML and queries know texts only.
    pub fn typed(&self, mut message: Value) -> Value {
        to_numbers(&mut message, &self.schema);
        message
    }
}

fn to_numbers(value: &mut Value, schema: &Schema) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                schema.properties.get(name).into_iter().for_each(|schema| to_numbers(field, schema));
            }
        }
        Value::Array(items) => {
            for item in items {
                schema.items.iter().for_each(|schema| to_numbers(item, schema));
            }
        }
        Value::String(text) if schema.types.contains(&Type::Integer) => {
            if let Ok(number) = text.parse::<i64>() {
                *value = number.into();
            }
        }
        _ => {}
    }
}

impl Catalog {
    /// What the platforms tell of, in the documents' order.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.platforms.iter().flat_map(Platform::events)
    }

    /// The event that the platform calls so.
    pub fn raw_event(&self, raw: &str) -> Option<Event> {
        self.events().find(|event| event.raw == raw)
    }

    /// The platform's own name of an event: of `drama.media_uploaded` it is `secvod_upload_event`. A name without a module
    /// is the platform's, which may tell of more than the documents know.
    pub fn event(&self, name: &str) -> Result<String, Error> {
        let wanted = name.replace("::", ".");
        let unknown = || Error::new(Kind::Argument, format!("there is no event `{name}`"));
        let found = match wanted.split_once('.') {
            Some((module, rest)) => {
                self.events().find(|event| event.module == module && (event.name == rest || event.raw == rest))
            }
            None => match self.events().find(|event| event.name == wanted && event.raw != wanted) {
                Some(event) => return Err(unknown().hint(format!("did you mean `{}`?", event.full_name()))),
                None => return Ok(wanted),
            },
        };
        found.map(|event| event.raw).ok_or_else(|| {
            let names: Vec<_> = self.events().map(|event| event.full_name()).collect();
            unknown().hint_names(&wanted, names.iter().map(String::as_str))
        })
    }
}

impl Platform {
    fn events(&self) -> impl Iterator<Item = Event> {
        let (document, _) = self.read();
        let all =
            document.webhooks.iter().filter_map(|(raw, item)| Some((raw, item.post.as_ref().or(item.get.as_ref())?)));
        all.map(|(raw, event)| Event::new(&self.name, raw, event, document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_has_a_name_of_ours_and_one_of_the_platform_s() {
        let catalog = Catalog::builtin();
        let raw = |name: &str| catalog.event(name).map_err(|error| error.hint.clone().unwrap_or_default());
        for name in
            ["drama.media_uploaded", "drama::media_uploaded", "drama.secvod_upload_event", "secvod_upload_event"]
        {
            assert_eq!(raw(name), Ok("secvod_upload_event".to_owned()));
        }
        assert_eq!(raw("novel.book_reviewed"), Ok("secbook_audit_event".to_owned()));
        assert_eq!(raw("polyv.transcoded"), Ok("TranscodeComplete".to_owned()));
        assert_eq!(raw("something_new"), Ok("something_new".to_owned()));
        assert_eq!(raw("drama.media_uplaoded"), Err("did you mean `drama.media_uploaded`?".to_owned()));
        assert_eq!(raw("media_uploaded"), Err("did you mean `drama.media_uploaded`?".to_owned()));
    }

    #[test]
    fn each_event_has_one_name() {
        let names: Vec<_> = Catalog::builtin().events().map(|event| event.full_name()).collect();
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len());
        assert!(names.iter().all(|name| !name.contains("event")), "{names:?}");
    }

    #[test]
    fn a_message_of_texts_gets_its_numbers() {
        let event = Catalog::builtin().raw_event("secvod_audit_event").unwrap();
        let texts =
            json!({ "CreateTime": "7", "audit_event": { "drama_id": "310045", "audit_detail": { "status": "3" } } });
        let expected =
            json!({ "CreateTime": 7, "audit_event": { "drama_id": 310045, "audit_detail": { "status": 3 } } });
        assert_eq!(event.typed(texts), expected);
    }
}
