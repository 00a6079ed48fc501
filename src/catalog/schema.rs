//! The part of JSON Schema that the catalog uses, read from an OpenAPI document.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// Things by their names, in the document's order. Every call looks many up, in names that no stranger chose: a quick
/// hash will do.
pub type Named<T> = IndexMap<String, T, foldhash::fast::RandomState>;

/// What a value must be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    /// Whether only replies have it.
    pub(super) read_only: bool,
    /// The types that are allowed; any when empty.
    #[serde(rename = "type", deserialize_with = "one_or_many")]
    pub types: Vec<Type>,
    /// A refinement: `int64`, `binary`, `password`.
    pub format: Option<String>,
    /// What the value means, with its unit.
    pub description: String,
    /// The fields of an object, in the document's order.
    pub properties: Named<Schema>,
    /// The fields that must be there.
    pub required: Vec<String>,
    /// Fields that must be there when another one is.
    pub dependent_required: Named<Vec<String>>,
    /// Alternatives; of objects only lists of required fields are used.
    pub any_of: Vec<Schema>,
    /// Alternatives that exclude each other; read as `any_of`.
    pub(super) one_of: Vec<Schema>,
    /// Schemas that all hold; gone when references are resolved.
    pub(super) all_of: Vec<Schema>,
    /// Whether an object may have fields that are not among its properties.
    #[serde(rename = "additionalProperties", deserialize_with = "unless_false")]
    pub open: bool,
    /// A condition; `then` holds where it does.
    #[serde(rename = "if")]
    pub condition: Option<Box<Schema>>,
    /// See `condition`.
    pub then: Option<Box<Schema>>,
    /// What each item of an array must be.
    pub items: Option<Box<Schema>>,
    /// The least number of items.
    pub min_items: Option<usize>,
    /// The largest number of items.
    pub max_items: Option<usize>,
    /// The values that are allowed.
    #[serde(rename = "enum")]
    pub values: Vec<Value>,
    /// The one value that is allowed.
    #[serde(rename = "const")]
    pub constant: Option<Value>,
    /// What the platform takes when the field is left out.
    pub default: Option<Value>,
    /// The least number.
    pub minimum: Option<Number>,
    /// The largest number.
    pub maximum: Option<Number>,
    /// The least length in characters.
    pub min_length: Option<usize>,
    /// The largest length in characters.
    pub max_length: Option<usize>,
    /// A regular expression that the text matches.
    pub pattern: Option<String>,
    /// A value that fits.
    pub example: Option<Value>,
    /// The largest length in UTF-8 bytes.
    #[serde(rename = "x-juben-max-bytes")]
    pub max_bytes: Option<usize>,
    /// Where the value comes from when the script leaves it out.
    #[serde(rename = "x-juben-from")]
    pub from: Option<String>,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// `null`, `()` in a script.
    Null,
    /// `bool` in a script.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
}

impl Type {
    /// What a script calls it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Null => "()",
            Type::Boolean => "bool",
            Type::Integer => "int",
            Type::Number => "number",
            Type::String => "string",
            Type::Array => "array",
            Type::Object => "map",
        }
    }
}

impl Schema {
    /// Whether values of this type are allowed.
    pub fn allows(&self, kind: Type) -> bool {
        self.types.is_empty() || self.types.contains(&kind)
    }

    /// Whether it is a secret that must not be shown.
    pub fn is_secret(&self) -> bool {
        self.format.as_deref() == Some("password")
    }

    /// Whether it is the content of a file.
    pub fn is_binary(&self) -> bool {
        self.format.as_deref() == Some("binary")
    }

    /// Whether it is a 64-bit integer that may also be written as digits.
    pub fn is_int64(&self) -> bool {
        self.format.as_deref() == Some("int64")
    }

    /// Whether it is neither a list nor a map.
    pub fn is_scalar(&self) -> bool {
        !self.types.is_empty() && !self.allows(Type::Array) && !self.allows(Type::Object)
    }

    /// The type in a script's words: `int`, `array of string`.
    pub fn type_name(&self) -> String {
        if self.is_binary() {
            return "blob or path".into();
        }
        let name = |kind: &Type| match (kind, &self.items) {
            (Type::Array, Some(items)) if !items.types.is_empty() => format!("array of {}", items.type_name()),
            _ => kind.name().to_owned(),
        };
        let names: Vec<_> = self.types.iter().map(name).collect();
        if names.is_empty() { "any".into() } else { names.join(" or ") }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Type>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Type),
        Many(Vec<Type>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// Of fields without a name only that they may be there is used.
fn unless_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)? != Value::Bool(false))
}
