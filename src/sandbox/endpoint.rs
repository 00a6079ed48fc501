//! Which operation a request means, by its method and path.

use super::{
    shapes::{Misfit, Shapes, too_many_bytes},
    stub::Stub,
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
    /// Where it is served: an API of the user's stands below its name, so that none is in another's way.
    path: String,
    shapes: Shapes,
    /// What answers for an API of the user's.
    pub stub: Option<Stub>,
}

/// All operations, the paths with the fewest `{names}` first, and of these the ones that end otherwise.
#[derive(Debug)]
pub(super) struct Endpoints(Vec<Arc<Endpoint>>);

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
    /// The operations of a catalog. Those that are built in are shared by all sandboxes of a process.
    pub fn of(catalog: &Catalog) -> Self {
        let mut all = builtin().to_vec();
        for (api, document) in catalog.own() {
            let stub = |operation: &Operation| Some(Stub::new(document, operation));
            let endpoint = |operation: Arc<Operation>| {
                Arc::new(Endpoint {
                    stub: stub(&operation),
                    path: format!("/{api}{}", operation.path),
                    ..Endpoint::new(operation)
                })
            };
            all.extend(catalog.of_module(api).map(endpoint));
        }
        all.sort_by_key(|endpoint| (endpoint.path.matches('{').count(), endpoint.path.ends_with('}')));
        Self(all)
    }

    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let mut other = None;
        for endpoint in &self.0 {
            let Some(values) = values(&endpoint.path, path) else { continue };
            if endpoint.operation.method == method {
                return Found::Operation(endpoint, values);
            }
            other.get_or_insert((endpoint, values));
        }
        match other {
            Some((endpoint, values)) if endpoint.takes_also(method) => Found::Operation(endpoint, values),
            Some((endpoint, _)) => Found::OtherMethod(endpoint),
            None => Found::Nothing,
        }
    }

    /// Whether a path belongs to an API of the user's, by its first step.
    pub fn is_own(&self, path: &str) -> bool {
        let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
        self.0.iter().any(|endpoint| endpoint.stub.is_some() && first(&endpoint.path) == first(path))
    }

    /// Those that are built in.
    #[cfg(test)]
    pub fn builtin() -> &'static Self {
        static ALL: OnceLock<Endpoints> = OnceLock::new();
        ALL.get_or_init(|| Self::of(&Catalog::builtin()))
    }

    /// The operation of this name.
    #[cfg(test)]
    pub fn named(&self, name: &str) -> Option<&Endpoint> {
        self.0.iter().find(|endpoint| endpoint.name == name).map(Arc::as_ref)
    }

    /// The operation of this path, whatever its method.
    pub fn at(&self, path: &str) -> Option<&Endpoint> {
        self.0.iter().find(|endpoint| endpoint.path == path).map(Arc::as_ref)
    }
}

fn builtin() -> &'static [Arc<Endpoint>] {
    static ALL: OnceLock<Vec<Arc<Endpoint>>> = OnceLock::new();
    ALL.get_or_init(|| Catalog::builtin().operations().map(|operation| Arc::new(Endpoint::new(operation))).collect())
}

impl Endpoint {
    fn new(operation: Arc<Operation>) -> Self {
        let (name, path) = (operation.full_name(), operation.path.clone());
        Endpoint { name, operation, path, shapes: Shapes::default(), stub: None }
    }

    /// Polyv takes its reads by GET and by POST; of some calls of WeChat one source says GET and another POST.
    fn takes_also(&self, method: &str) -> bool {
        const BY_GET: [&str; 3] = ["drama.authorize_drama", "drama.get_authorize_apps", "drama.get_authorized_apps"];
        match method {
            "POST" => self.operation.module == "polyv",
            "GET" => BY_GET.contains(&self.name.as_str()),
            _ => false,
        }
    }

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
        match name_in(step) {
            None if step == part => {}
            Some((before, name, after)) => {
                let value = part.strip_prefix(before)?.strip_suffix(after).filter(|value| !value.is_empty())?;
                found.push((name.to_owned(), decode(value)));
            }
            None => return None,
        }
    }
    given.next().is_none().then_some(found)
}

/// A step with a name in it, such as `{id}` or `{id}:close`: what stands before, the name, and what stands after.
fn name_in(step: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = step.split_once('{')?;
    rest.split_once('}').map(|(name, after)| (before, name, after))
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
        assert_eq!(values("/a/{id}:close", "/a/7:close"), Some(vec![("id".into(), "7".into())]));
        assert_eq!(values("/a/{id}:close", "/a/:close"), None);
    }
}
