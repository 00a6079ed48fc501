//! How a dump of the state writes what serde does not know.

/// The content of a file, as Base64.
pub(super) mod base64 {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}

/// A random generator, as the number that it goes on from. In digits: not every reader of JSON has 64-bit integers.
pub(super) mod random {
    use fastrand::Rng;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(random: &Rng, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&random.get_seed().to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Rng, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Rng::with_seed).map_err(D::Error::custom)
    }
}
