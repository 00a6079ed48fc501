//! Which operation a request means, by its method and path.

use super::{
    shapes::{Misfit, Shapes, too_many_bytes},
    text::decode,
};
use crate::catalog::{Catalog, Operation};
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock};

/// An operation that can be called.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// `novel.list_books`
    pub name: String,
    pub operation: Arc<Operation>,
    shapes: Shapes,
}

/// All operations, the paths with the fewest `{names}` first.
#[derive(Debug)]
pub(super) struct Endpoints(Vec<Endpoint>);

/// What a method and a path stand for.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// An operation, and the values of the names in its path.
    Operation(&'a Endpoint, Vec<(String, String)>),
    /// The path is known, but with another method.
    OtherMethod(&'a Endpoint),
    Nothing,
}

impl Endpoints {
    /// The operations of the built-in catalog; all sandboxes of a process share them.
    pub fn builtin() -> &'static Self {
        static ALL: OnceLock<Endpoints> = OnceLock::new();
        ALL.get_or_init(|| Self::new(&Catalog::builtin()))
    }

    fn new(catalog: &Catalog) -> Self {
        let mut all: Vec<Endpoint> = catalog
            .operations()
            .map(|operation| Endpoint { name: operation.full_name(), operation, shapes: Shapes::default() })
            .collect();
        all.sort_by_key(|endpoint| endpoint.operation.path.matches('{').count());
        Self(all)
    }

    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let mut other = None;
        for endpoint in &self.0 {
            let Some(values) = values(&endpoint.operation.path, path) else { continue };
            if endpoint.operation.method == method {
                return Found::Operation(endpoint, values);
            }
            other.get_or_insert((endpoint, values));
        }
        match other {
            // Polyv takes its reads by GET and by POST.
            Some((endpoint, values)) if method == "POST" && endpoint.operation.module == "polyv" => {
                Found::Operation(endpoint, values)
            }
            Some((endpoint, _)) => Found::OtherMethod(endpoint),
            None => Found::Nothing,
        }
    }

    /// The operation of this name.
    #[cfg(test)]
    pub fn named(&self, name: &str) -> Option<&Endpoint> {
        self.0.iter().find(|endpoint| endpoint.name == name)
    }

    /// The operation of this path, whatever its method.
    pub fn at(&self, path: &str) -> Option<&Endpoint> {
        self.0.iter().find(|endpoint| endpoint.operation.path == path)
    }
}

impl Endpoint {
    /// `but` names misfits that the model judges itself.
    pub fn check_request(&self, fields: &Value, but: impl Fn(&Misfit) -> bool) -> Result<(), Misfit> {
        self.shapes.check_request(&self.operation.path, self.operation.method, fields, but)?;
        too_many_bytes(&self.operation.input, fields, "").map_or(Ok(()), Err)
    }

    pub fn check_reply(&self, reply: &Value) -> Result<(), Misfit> {
        self.shapes.check_reply(&self.operation.path, self.operation.method, reply)
    }

    /// The reply that the document shows.
    pub fn example(&self) -> Map<String, Value> {
        self.operation.reply.example.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// The values of a template's `{names}`, if the path fits it.
fn values(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut given = path.split('/');
    for step in template.split('/') {
        let part = given.next()?;
        match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
            Some(name) if !part.is_empty() => found.push((name.to_owned(), decode(part))),
            None if step == part => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn a_path_fits_a_template_step_by_step() {
        let template = "/v2/viewlog/{userid}/monthly/{month}";
        let found = values(template, "/v2/viewlog/a%201/monthly/202501");
        assert_eq!(found, Some(vec![("userid".into(), "a 1".into()), ("month".into(), "202501".into())]));
        for other in ["/v2/viewlog/a1/monthly", "/v2/viewlog/a1/monthly/", "/v2/viewlog/a1/monthly/1/2", "/v2", ""] {
            assert_eq!(values(template, other), None, "{other}");
        }
    }
}
