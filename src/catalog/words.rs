//! What a schema asks for, in words.

use super::schema::Schema;
use serde_json::Value;

impl Schema {
    /// Its type, whether it is required, and its limits: `int, required, 1 to 100`.
    pub fn facts(&self, required: bool) -> String {
        let required = required.then(|| "required".to_owned());
        let facts: Vec<_> = std::iter::once(self.type_name()).chain(required).chain(self.limits()).collect();
        facts.join(", ")
    }

    /// The fields of an object, the required ones first, each with whether it is required.
    pub fn in_order(&self) -> impl Iterator<Item = (&str, &Schema, bool)> {
        let of = |required: bool| {
            let fields = self.properties.iter().map(|(name, field)| (name, field, self.required.contains(name)));
            fields.filter(move |(_, _, it)| *it == required)
        };
        of(true).chain(of(false)).map(|(name, field, required)| (name.as_str(), field, required))
    }

    /// The first sentence of what it means.
    pub fn summary(&self) -> &str {
        let end = self.description.find(". ").unwrap_or(self.description.len());
        self.description[..end].trim_end_matches('.')
    }

    /// What a value means that is allowed, where the description tells it: `1 video, 2 cover image`.
    pub fn meaning(&self, value: &Value) -> Option<&str> {
        let value = written(value);
        let begins = |place: usize| {
            let before = self.description[..place].trim_end();
            before.is_empty() || before.ends_with([',', ';', ':', '.', '('])
        };
        let ends_with = |place: usize| self.description[place + value.len()..].starts_with([' ', ':', '=']);
        let mut places = self.description.match_indices(&value).map(|(place, _)| place);
        let place = places.find(|place| begins(*place) && ends_with(*place))?;
        let rest = &self.description[place + value.len()..];
        let ends = |(place, _): &(usize, &str)| {
            let next = rest[place + 1..].trim_start();
            next.is_empty() || self.values.iter().any(|value| next.starts_with(&written(value)))
        };
        let end = rest.match_indices([',', ';', '.']).find(ends).map_or(rest.len(), |(place, _)| place);
        Some(rest[..end].trim_matches([' ', ':', '=', '.']))
    }

    fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        let between = |least: Option<String>, most: Option<String>, unit: &str| match (least, most) {
            (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
            (Some(least), None) => Some(format!("{least}{unit} or more")),
            (None, Some(most)) => Some(format!("at most {most}{unit}")),
            (None, None) => None,
        };
        let text = |number: Option<usize>| number.map(|number| number.to_string());
        limits.extend(between(
            self.minimum.as_ref().map(ToString::to_string),
            self.maximum.as_ref().map(ToString::to_string),
            "",
        ));
        limits.extend(between(text(self.min_length), text(self.max_length), " characters"));
        limits.extend(between(None, text(self.max_bytes), " bytes"));
        limits.extend(between(text(self.min_items), text(self.max_items), " items"));
        if !self.values.is_empty() {
            limits.push(self.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "));
        }
        limits.extend(self.constant.as_ref().map(|constant| format!("always {constant}")));
        limits.extend(
            self.default.as_ref().filter(|_| self.constant.is_none()).map(|default| format!("default {default}")),
        );
        limits.extend(self.from.as_ref().map(|from| format!("filled in from {from}")));
        limits
    }
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(description: &str, value: i64, meaning: Option<&str>) {
        let values = vec![0.into(), 1.into(), 2.into()];
        let schema = Schema { description: description.to_owned(), values, ..Schema::default() };
        assert_eq!(schema.meaning(&value.into()), meaning);
    }

    #[test]
    fn the_meaning_of_a_value_is_read_off_the_description() {
        means("1 producer, 2 licensed broadcaster, or owner", 1, Some("producer"));
        means("1 producer, 2 licensed broadcaster, or owner", 2, Some("licensed broadcaster, or owner"));
        means("Which one: 0 all; 1: valid.", 1, Some("valid"));
        means("Y 12 or 1", 1, None);
        means("nothing of that", 0, None);
    }
}
