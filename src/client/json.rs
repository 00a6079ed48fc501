//! JSON bytes straight into script values and back, with no tree in between.

use crate::{catalog::Schema, secret::Secret};
use rhai::{Array, Dynamic, ImmutableString, Map};
use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer},
};
use serde_json::de::Read;
use std::fmt;

/// Read a JSON text. Integers beyond 64 signed bits become strings, so that no digit is lost; `null` becomes `()`.
pub fn decode(bytes: &[u8]) -> Result<Dynamic, serde_json::Error> {
    // UTF-8 is checked once for the whole text, or else again for every string.
    match str::from_utf8(bytes) {
        Ok(text) => read(serde_json::Deserializer::from_str(text)),
        Err(_) => read(serde_json::Deserializer::from_slice(bytes)),
    }
}

fn read<'de>(mut reader: serde_json::Deserializer<impl Read<'de>>) -> Result<Dynamic, serde_json::Error> {
    let value = Value.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Write a script value as JSON.
pub fn encode(value: &Dynamic) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Json::new(value))
}

/// Write a script value as JSON, indented.
pub fn encode_pretty(value: &Dynamic) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Json::new(value))
}

struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Dynamic;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Dynamic, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::UNIT)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Dynamic, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Dynamic, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Dynamic, E> {
        Ok(i64::try_from(number).map_or_else(|_| number.to_string().into(), Dynamic::from))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Dynamic, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Dynamic, E> {
        Ok(ImmutableString::from(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Dynamic, A::Error> {
        let mut array = Array::with_capacity(items.size_hint().unwrap_or(0));
        while let Some(item) = items.next_element_seed(Value)? {
            array.push(item);
        }
        Ok(Dynamic::from_array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Dynamic, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key_seed(Name)? {
            map.insert(name, fields.next_value_seed(Value)?);
        }
        // `map.into()` would build it a second time.
        Ok(Dynamic::from_map(map))
    }
}

/// A field's name; short ones are kept without an allocation.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = rhai::Identifier;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = rhai::Identifier;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }
}

/// A script value that can be written. With a schema, secrets are written out and digits of a 64-bit field become a
/// number; without one, a secret is dots.
pub(super) struct Json<'a> {
    value: &'a Dynamic,
    schema: Option<&'a Schema>,
}

impl<'a> Json<'a> {
    pub(super) fn new(value: &'a Dynamic) -> Self {
        Self { value, schema: None }
    }

    pub(super) fn to_send(value: &'a Dynamic, schema: &'a Schema) -> Self {
        Self { value, schema: Some(schema) }
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Json { value, schema } = self;
        if value.is_unit() {
            serializer.serialize_unit()
        } else if let Ok(number) = value.as_int() {
            serializer.serialize_i64(number)
        } else if let Ok(text) = value.as_immutable_string_ref() {
            write_text(&text, *schema, serializer)
        } else if let Ok(flag) = value.as_bool() {
            serializer.serialize_bool(flag)
        } else if let Ok(number) = value.as_float() {
            serializer.serialize_f64(number)
        } else if let Ok(fields) = value.as_map_ref() {
            write_map(&fields, *schema, serializer)
        } else if let Ok(items) = value.as_array_ref() {
            let each = schema.and_then(|schema| schema.items.as_deref());
            let mut out = serializer.serialize_seq(Some(items.len()))?;
            items.iter().try_for_each(|item| out.serialize_element(&Json { value: item, schema: each }))?;
            out.end()
        } else if let Some(secret) = value.read_lock::<Secret>() {
            serializer.serialize_str(if schema.is_some() { secret.reveal() } else { "••••" })
        } else if let Ok(bytes) = value.as_blob_ref() {
            serializer.serialize_str(&String::from_utf8_lossy(&bytes))
        } else if value.is_char() {
            serializer.serialize_str(&value.to_string())
        } else {
            Err(S::Error::custom(format!("{} cannot be written as JSON", value.type_name())))
        }
    }
}

fn write_text<S: Serializer>(text: &str, schema: Option<&Schema>, serializer: S) -> Result<S::Ok, S::Error> {
    let as_number = schema.is_some_and(|schema| schema.is_int64() && !schema.allows(crate::catalog::Type::String));
    match text.parse::<i64>() {
        Ok(number) if as_number => serializer.serialize_i64(number),
        _ => serializer.serialize_str(text),
    }
}

pub(super) fn write_map<S: Serializer>(map: &Map, schema: Option<&Schema>, out: S) -> Result<S::Ok, S::Error> {
    let mut out = out.serialize_map(Some(map.len()))?;
    for (name, value) in map {
        let schema = schema.map(|schema| schema.properties.get(name.as_str()).unwrap_or(&ANY));
        out.serialize_entry(name.as_str(), &Json { value, schema })?;
    }
    out.end()
}

static ANY: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(Schema::default);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_an_id_is_kept() {
        let read = |text: &str| decode(text.as_bytes()).unwrap();
        assert_eq!(read("9223372036854775807").as_int(), Ok(i64::MAX));
        assert_eq!(read("18446744073709551615").into_string().unwrap(), "18446744073709551615");
        assert_eq!(encode(&read(r#"{"id":2921020570379430001}"#)).unwrap(), r#"{"id":2921020570379430001}"#);
    }

    #[test]
    fn a_secret_is_written_only_where_it_is_sent() {
        let secret = Dynamic::from(Secret::new("s3cret"));
        assert_eq!(encode(&secret).unwrap(), "\"••••\"");
        let sent = serde_json::to_string(&Json::to_send(&secret, &Schema::default())).unwrap();
        assert_eq!(sent, "\"s3cret\"");
    }
}
