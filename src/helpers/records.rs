//! Work over records, arrays of maps: find, group, sort, pick, sum, join, compare. A loop of the script takes ten times
//! as long.

use crate::{Error, client::at, error::Kind};
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `contains`: a part of a text
    Contains,
}

impl Comparison {
    /// The comparison that is written so.
    pub fn named(sign: &str) -> Result<Self, Error> {
        Ok(match sign {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">" => Self::Greater,
            ">=" => Self::AtLeast,
            "contains" => Self::Contains,
            _ => {
                let error = Error::new(Kind::Argument, format!("there is no comparison {sign:?}"));
                return Err(error.hint("there are: == != < <= > >= contains"));
            }
        })
    }

    fn holds(self, field: &Dynamic, value: &Dynamic) -> bool {
        if self == Self::Contains {
            let text = |it: &Dynamic| it.as_immutable_string_ref().map(|text| text.to_string());
            return matches!((text(field), text(value)), (Ok(text), Ok(part)) if text.contains(&part));
        }
        let order = compare(field, value);
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Contains => false,
        }
    }
}

/// The order of two scalars of one type; numbers compare with numbers.
pub fn compare(a: &Dynamic, b: &Dynamic) -> Option<Ordering> {
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return Some(a.cmp(&b));
    }
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return Some(a.as_str().cmp(b.as_str()));
    }
    if let (Ok(a), Ok(b)) = (a.as_bool(), b.as_bool()) {
        return Some(a.cmp(&b));
    }
    let number = |it: &Dynamic| it.as_float().or_else(|_| it.as_int().map(|whole| whole as f64));
    match (number(a), number(b)) {
        (Ok(a), Ok(b)) => a.partial_cmp(&b),
        _ => (a.is_unit() && b.is_unit()).then_some(Ordering::Equal),
    }
}

/// The field of a row, by its name or its path (`audit_detail.status`); `()` where the row has none.
pub fn field(row: &Dynamic, path: &str) -> Dynamic {
    with_field(row, path, |value| value.cloned().unwrap_or_default())
}

fn with_field<T>(row: &Dynamic, path: &str, use_it: impl FnOnce(Option<&Dynamic>) -> T) -> T {
    let Ok(fields) = row.as_map_ref() else { return use_it(None) };
    match fields.get(path) {
        None if path.contains('.') => use_it(at(&fields, path).as_ref()),
        found => use_it(found),
    }
}

/// What a row is found or grouped by, as a map's key.
fn key(row: &Dynamic, path: &str) -> ImmutableString {
    with_field(row, path, |value| match value {
        Some(value) => value.as_immutable_string_ref().map_or_else(|_| value.to_string().into(), |text| text.clone()),
        None => ImmutableString::new(),
    })
}

/// Every row is a map, or the first that is not is named.
pub fn check(rows: &[Dynamic]) -> Result<(), Error> {
    match rows.iter().position(|row| !row.is_map()) {
        None => Ok(()),
        Some(index) => {
            let message = format!("row {index} is of type {}; it must be a map", rows[index].type_name());
            Err(Error::new(Kind::Argument, message).hint("give an array of maps"))
        }
    }
}

/// The rows whose field compares so with a value.
pub fn filter(rows: &[Dynamic], path: &str, comparison: Comparison, value: &Dynamic) -> Array {
    let keep = |row: &&Dynamic| with_field(row, path, |field| field.is_some_and(|it| comparison.holds(it, value)));
    rows.iter().filter(keep).cloned().collect()
}

/// The rows whose fields equal all of these.
pub fn filter_all(rows: &[Dynamic], wanted: &Map) -> Array {
    let fits = |row: &&Dynamic| {
        wanted.iter().all(|(name, value)| {
            with_field(row, name, |field| field.is_some_and(|it| Comparison::Equal.holds(it, value)))
        })
    };
    rows.iter().filter(fits).cloned().collect()
}

/// The rows by the value of a field.
pub fn group(rows: &[Dynamic], path: &str) -> Map {
    let mut order: Vec<(ImmutableString, Array)> = Vec::new();
    let mut places: HashMap<ImmutableString, usize> = HashMap::new();
    for row in rows {
        let key = key(row, path);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            order.push((key, Array::new()));
            order.len() - 1
        });
        order[place].1.push(row.clone());
    }
    order.into_iter().map(|(key, rows)| (key.as_str().into(), rows.into())).collect()
}

/// How many rows there are for each value of a field.
pub fn count(rows: &[Dynamic], path: &str) -> Map {
    let mut counts: HashMap<ImmutableString, INT> = HashMap::new();
    for row in rows {
        *counts.entry(key(row, path)).or_default() += 1;
    }
    counts.into_iter().map(|(key, count)| (key.as_str().into(), count.into())).collect()
}

/// The rows by the value of a field, one each: the last where several have it.
pub fn index(rows: &[Dynamic], path: &str) -> Map {
    rows.iter().map(|row| (key(row, path).as_str().into(), row.clone())).collect()
}

/// The rows in the order of a field; rows without it come last. Equal rows keep their order.
pub fn sort(rows: &[Dynamic], path: &str, descending: bool) -> Array {
    let mut keyed: Vec<(Dynamic, &Dynamic)> = rows.iter().map(|row| (field(row, path), row)).collect();
    keyed.sort_by(|(a, _), (b, _)| match (a.is_unit(), b.is_unit()) {
        (false, false) => {
            let order = compare(a, b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
        (a, b) => a.cmp(&b),
    });
    keyed.into_iter().map(|(_, row)| row.clone()).collect()
}

/// The rows with only these fields.
pub fn pick(rows: &[Dynamic], names: &[ImmutableString]) -> Array {
    let part =
        |row: &Dynamic| names.iter().map(|name| (name.as_str().into(), field(row, name))).collect::<Map>().into();
    rows.iter().map(part).collect()
}

/// The values of one field.
pub fn values(rows: &[Dynamic], path: &str) -> Array {
    rows.iter().map(|row| field(row, path)).collect()
}

/// The sum of a field; an int when all are.
pub fn sum(rows: &[Dynamic], path: &str) -> Result<Dynamic, Error> {
    let (mut whole, mut real, mut all_whole) = (0_i64, 0.0, true);
    for (index, row) in rows.iter().enumerate() {
        let value = field(row, path);
        if let Ok(number) = value.as_int() {
            let too_large = || Error::new(Kind::Argument, format!("the sum of `{path}` is larger than an int holds"));
            whole = whole.checked_add(number).ok_or_else(too_large)?;
        } else if let Ok(number) = value.as_float() {
            real += number;
            all_whole = false;
        } else if !value.is_unit() {
            let message = format!("`{path}` of row {index} is of type {}; it must be a number", value.type_name());
            return Err(Error::new(Kind::Argument, message));
        }
    }
    Ok(if all_whole { whole.into() } else { (real + whole as f64).into() })
}

/// The first row for each value of a field.
pub fn unique(rows: &[Dynamic], path: &str) -> Array {
    let mut seen = HashSet::new();
    rows.iter().filter(|row| seen.insert(key(row, path))).cloned().collect()
}

/// Each row of the left with the fields of the rows of the right that have the same value; the left's fields win. Rows
/// of the left without a partner are left out.
pub fn join(left: &[Dynamic], right: &[Dynamic], path: &str) -> Array {
    let mut partners: HashMap<ImmutableString, Vec<&Dynamic>> = HashMap::new();
    for row in right {
        partners.entry(key(row, path)).or_default().push(row);
    }
    let mut joined = Array::new();
    for row in left {
        for partner in partners.get(&key(row, path)).into_iter().flatten() {
            let fields = |it: &Dynamic| it.as_map_ref().map(|fields| fields.clone()).unwrap_or_default();
            let mut both = fields(partner);
            both.extend(fields(row));
            joined.push(both.into());
        }
    }
    joined
}

/// What became of the rows between two lists: `#{ added, removed, changed: [#{ before, after }], same }`.
pub fn diff(before: &[Dynamic], after: &[Dynamic], path: &str) -> Map {
    let old: HashMap<_, _> = before.iter().map(|row| (key(row, path), row)).collect();
    let new: HashSet<_> = after.iter().map(|row| key(row, path)).collect();
    let (mut added, mut changed, mut same) = (Array::new(), Array::new(), Array::new());
    for row in after {
        match old.get(&key(row, path)) {
            None => added.push(row.clone()),
            Some(known) if equal(known, row) => same.push(row.clone()),
            Some(known) => {
                let pair = [("before".into(), (*known).clone()), ("after".into(), row.clone())];
                changed.push(Map::from_iter(pair).into());
            }
        }
    }
    let removed: Array = before.iter().filter(|row| !new.contains(&key(row, path))).cloned().collect();
    let parts = [("added", added), ("removed", removed), ("changed", changed), ("same", same)];
    parts.into_iter().map(|(name, rows)| (name.into(), rows.into())).collect()
}

fn equal(a: &Dynamic, b: &Dynamic) -> bool {
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        return a.len() == b.len()
            && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)));
    }
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b));
    }
    compare(a, b) == Some(Ordering::Equal)
}
