//! A schema with what it refers to in place, and with its parts and alternatives folded into one.

use super::schema::{Named, Schema, Type};
use serde_json::Value;

/// References are followed this deep. Schemas that refer to each other in many ways would grow beyond measure and end
/// earlier.
const DEPTHS: [usize; 3] = [24, 8, 4];
/// So many schemas may be in place of one.
const MOST: usize = 2_000;

/// The way from a schema to those that it contains.
struct Way<'a> {
    shared: &'a Named<Schema>,
    left: usize,
    /// The references that have led here.
    following: Vec<String>,
}

impl Schema {
    /// This schema with every reference replaced by what it refers to.
    pub(super) fn resolved(&self, shared: &Named<Schema>) -> Schema {
        let mut found = Schema::default();
        for depth in DEPTHS {
            let mut way = Way { shared, left: MOST, following: Vec::new() };
            found = self.clone();
            found.resolve(&mut way, depth);
            if way.left > 0 {
                break;
            }
        }
        found
    }

    fn resolve(&mut self, way: &mut Way, depth: usize) {
        if depth == 0 || way.left == 0 {
            return;
        }
        way.left -= 1;
        if let Some(target) = self.reference.take()
            && let Some(found) = target.strip_prefix("#/components/schemas/").and_then(|name| way.shared.get(name))
        {
            return self.follow(way, depth, target, found);
        }
        let inner = [&mut self.items, &mut self.condition, &mut self.then].into_iter().flatten().map(Box::as_mut);
        let lists = [&mut self.any_of, &mut self.one_of, &mut self.all_of].into_iter().flatten();
        for schema in inner.chain(self.properties.values_mut()).chain(lists) {
            schema.resolve(way, depth - 1);
        }
        for part in std::mem::take(&mut self.all_of) {
            self.absorb(part);
        }
        self.fold_alternatives();
    }

    /// Become what is referred to; what stands beside the reference stays.
    fn follow(&mut self, way: &mut Way, depth: usize, target: String, found: &Schema) {
        let beside = std::mem::take(self);
        if way.following.contains(&target) {
            // It contains itself: of the inner one the type is told.
            self.types = found.types.clone();
        } else {
            *self = found.clone();
            way.following.push(target);
            self.resolve(way, depth);
            way.following.pop();
        }
        if !beside.description.is_empty() {
            self.description.clone_from(&beside.description);
        }
        self.absorb(beside);
    }

    /// The schema of a request: what only replies have is not required.
    pub(super) fn of_requests(mut self) -> Schema {
        let only_in_replies = |name: &String| self.properties.get(name).is_some_and(|field| field.read_only);
        self.required = self.required.iter().filter(|name| !only_in_replies(name)).cloned().collect();
        for field in self.properties.values_mut().chain(self.items.as_deref_mut()) {
            *field = std::mem::take(field).of_requests();
        }
        self
    }

    /// Be what this schema is as well; what is said already stands.
    fn absorb(&mut self, part: Schema) {
        for (name, field) in part.properties {
            match self.properties.get_mut(&name) {
                Some(known) => known.absorb(field),
                None => drop(self.properties.insert(name, field)),
            }
        }
        let required = part.required.into_iter().filter(|name| !self.required.contains(name)).collect::<Vec<_>>();
        self.required.extend(required);
        self.dependent_required.extend(part.dependent_required);
        if self.types.is_empty() {
            self.types = part.types;
        }
        if self.description.is_empty() {
            self.description = part.description;
        }
        if self.values.is_empty() {
            self.values = part.values;
        }
        if self.any_of.is_empty() {
            self.any_of = part.any_of;
        }
        self.open |= part.open;
        self.read_only |= part.read_only;
        self.format = self.format.take().or(part.format);
        self.condition = self.condition.take().or(part.condition);
        self.then = self.then.take().or(part.then);
        self.items = self.items.take().or(part.items);
        self.min_items = self.min_items.max(part.min_items);
        self.max_items = least(self.max_items, part.max_items);
        self.constant = self.constant.take().or(part.constant);
        self.default = self.default.take().or(part.default);
        self.minimum = self.minimum.take().or(part.minimum);
        self.maximum = self.maximum.take().or(part.maximum);
        self.min_length = self.min_length.max(part.min_length);
        self.max_length = least(self.max_length, part.max_length);
        self.pattern = self.pattern.take().or(part.pattern);
        self.example = self.example.take().or(part.example);
        self.max_bytes = least(self.max_bytes, part.max_bytes);
        self.from = self.from.take().or(part.from);
    }

    /// What every alternative knows is known; what they differ in is left to the platform.
    fn fold_alternatives(&mut self) {
        let mut options = std::mem::take(&mut self.one_of);
        let only_names = |option: &Schema| option.types.is_empty() && option.properties.is_empty();
        if options.is_empty() && self.any_of.iter().all(only_names) {
            return;
        }
        options.append(&mut self.any_of);
        let with_null = options.len();
        options.retain(|option| option.types != [Type::Null]);
        let nullable = options.len() < with_null;
        if let [_] = &options[..] {
            options.into_iter().for_each(|only| self.absorb(only));
        } else {
            self.offer(&options);
            self.any_of = if nullable { Vec::new() } else { options };
        }
        if nullable && !self.types.is_empty() && !self.types.contains(&Type::Null) {
            self.types.push(Type::Null);
            if !self.values.is_empty() {
                self.values.push(Value::Null);
            }
        }
    }

    fn offer(&mut self, options: &[Schema]) {
        if self.types.is_empty() && options.iter().all(|option| !option.types.is_empty()) {
            for kind in options.iter().flat_map(|option| &option.types) {
                if !self.types.contains(kind) {
                    self.types.push(*kind);
                }
            }
        }
        let own: Vec<String> = self.properties.keys().cloned().collect();
        for (name, field) in options.iter().flat_map(|option| &option.properties) {
            if own.contains(name) {
                continue;
            }
            // The same field in two alternatives may be two things.
            let field = match self.properties.contains_key(name) {
                true => Schema { description: field.description.clone(), ..Schema::default() },
                false => field.clone(),
            };
            self.properties.insert(name.clone(), field);
        }
        self.open |= options.iter().any(|option| option.open);
    }
}

fn least(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    one.into_iter().chain(other).min()
}
