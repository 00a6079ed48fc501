//! Operations as data: OpenAPI documents with our vocabulary beside each operation, and the types read from them.

mod check;
mod document;
mod events;
mod operation;
mod options;
mod own;
mod resolve;
mod schema;
mod vocabulary;
mod words;

pub(crate) use check::equals;
pub use check::{Fault, Problem, Unknown, check, check_value};
pub use events::Event;
pub use operation::{Body, Operation, Path, Place, Reply, WHOLE};
pub use options::{CallOption, OPTIONS, check_option, no_option, option_names};
pub use own::Own;
pub use schema::{Named, Schema, Type};
pub use vocabulary::*;

use crate::{
    Error,
    error::{Kind, nearest},
};
use document::Document;
use serde_json::Value;
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

/// A document that is built in.
struct Embedded {
    /// Its name: `drama`.
    name: &'static str,
    /// The document as JSON.
    json: &'static str,
    /// Module, function and alias of each operation, in the document's order.
    names: &'static [(&'static str, &'static str, &'static str)],
    /// The first steps of its paths: `wxa`.
    steps: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// All operations that are known. Names cost nothing; a document is read when an operation of it is first asked for.
#[derive(Debug)]
pub struct Catalog {
    platforms: Vec<Platform>,
    names: Vec<Name>,
}

/// The names of one operation.
#[derive(Debug)]
pub struct Name {
    /// The script module.
    pub module: Cow<'static, str>,
    /// The function.
    pub function: Cow<'static, str>,
    /// The vendor's spelling of the function, or the empty text.
    pub alias: Cow<'static, str>,
    platform: usize,
    index: usize,
}

impl Name {
    /// `drama.list_media`
    pub fn full(&self) -> String {
        format!("{}.{}", self.module, self.function)
    }
}

struct Platform {
    name: Cow<'static, str>,
    source: Source,
    read: OnceLock<(Document, Vec<OnceLock<Arc<Operation>>>)>,
}

/// Where a document comes from.
enum Source {
    /// It is built in, as JSON.
    Embedded(&'static str),
    /// It is the user's, in the catalog's own words.
    Own(Arc<Value>),
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Catalog {
    /// The documents that are built in.
    pub fn builtin() -> Arc<Catalog> {
        Arc::new(Catalog::embedded())
    }

    /// The documents that are built in, and those of the user.
    pub fn with(documents: impl IntoIterator<Item = Own>) -> Arc<Catalog> {
        let mut catalog = Catalog::embedded();
        documents.into_iter().for_each(|own| catalog.add(own));
        Arc::new(catalog)
    }

    fn embedded() -> Catalog {
        let mut names = Vec::with_capacity(128);
        let mut platforms = Vec::with_capacity(DOCUMENTS.len());
        for (platform, document) in DOCUMENTS.iter().enumerate() {
            let of_document = document.names.iter().enumerate();
            names.extend(of_document.map(|(index, &(module, function, alias))| Name {
                module: module.into(),
                function: function.into(),
                alias: alias.into(),
                platform,
                index,
            }));
            let source = Source::Embedded(document.json);
            platforms.push(Platform { name: document.name.into(), source, read: OnceLock::new() });
        }
        Catalog { platforms, names }
    }

    fn add(&mut self, own: Own) {
        let Own { name, value, document } = own;
        let platform = self.platforms.len();
        let operations = document.paths.values().flat_map(document::PathItem::operations);
        self.names.extend(operations.enumerate().map(|(index, (_, raw))| Name {
            module: name.clone().into(),
            function: raw.operation_id.clone().into(),
            alias: raw.alias.clone().unwrap_or_default().into(),
            platform,
            index,
        }));
        let read = OnceLock::from(opened(document));
        self.platforms.push(Platform { name: name.into(), source: Source::Own(value), read });
    }

    /// The user's documents in the catalog's own words, by their modules.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Arc<Value>)> {
        self.platforms.iter().filter_map(|platform| match &platform.source {
            Source::Own(value) => Some((&*platform.name, value)),
            Source::Embedded(_) => None,
        })
    }

    /// The names of all operations, in the documents' order.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// The operation at this place of [`Catalog::names`].
    pub fn at(&self, position: usize) -> Arc<Operation> {
        let name = &self.names[position];
        let (document, operations) = self.platforms[name.platform].read();
        operations[name.index]
            .get_or_init(|| {
                let mut all =
                    document.paths.iter().flat_map(|(path, item)| item.operations().map(move |it| (path, item, it)));
                let found = all.nth(name.index);
                let (path, item, (method, raw)) =
                    found.unwrap_or_else(|| unreachable!("names are made of the same document"));
                Arc::new(Operation::new(document, path, item, method, raw))
            })
            .clone()
    }

    /// The operation of that name: `drama.list_media`, `drama::list_media`, or with the vendor's spelling.
    pub fn find(&self, name: &str) -> Option<Arc<Operation>> {
        let (module, function) = name.split_once("::").or_else(|| name.split_once('.'))?;
        let is = |it: &Name| it.module == module && (it.function == function || it.alias == function);
        self.names.iter().position(is).map(|position| self.at(position))
    }

    /// The operation that a script names.
    pub fn named(&self, name: &str) -> Result<Arc<Operation>, Error> {
        self.find(name).ok_or_else(|| {
            let error = Error::new(Kind::Argument, format!("there is no operation `{name}`"));
            match self.nearest(name) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`juben ops` lists all of them"),
            }
        })
    }

    /// The operations of a module.
    pub fn of_module(&self, module: &str) -> impl Iterator<Item = Arc<Operation>> {
        let positions = self.names.iter().enumerate().filter(move |(_, name)| name.module == module);
        positions.map(|(position, _)| self.at(position))
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = Arc<Operation>> {
        (0..self.names.len()).map(|position| self.at(position))
    }

    /// The name that was probably meant.
    pub fn nearest(&self, name: &str) -> Option<String> {
        let wanted = name.replace("::", ".");
        let all: Vec<String> = self.names.iter().map(Name::full).collect();
        let function = wanted.rsplit('.').next().unwrap_or_default();
        let same = all.iter().find(|full| full.rsplit('.').next() == Some(function));
        same.map(String::as_str).or_else(|| nearest(&wanted, all.iter().map(String::as_str))).map(str::to_owned)
    }

    /// What a code means when this operation answers it.
    pub fn error_code(&self, operation: &Operation, code: i64) -> Option<&ErrorCode> {
        let code = code.to_string();
        operation.errors.groups.iter().find_map(|group| {
            let mut groups = self.platforms.iter().filter_map(|platform| platform.read().0.errors.get(group));
            groups.find_map(|codes| codes.get(&code))
        })
    }

    /// All codes, with the group and platform they belong to.
    pub fn error_codes(&self) -> impl Iterator<Item = (&str, &str, &str, &ErrorCode)> {
        self.platforms.iter().flat_map(|platform| {
            let groups = platform.read().0.errors.iter();
            groups.flat_map(|(group, codes)| {
                codes.iter().map(|(code, meaning)| (&*platform.name, group.as_str(), code.as_str(), meaning))
            })
        })
    }

    /// What the documents say of each module.
    pub fn modules(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.platforms.iter().flat_map(|platform| &platform.read().0.tags);
        tags.map(|tag| (tag.name.as_str(), tag.description.as_str()))
    }
}

/// The built-in documents as JSON text, by name.
pub fn documents() -> impl Iterator<Item = (&'static str, &'static str)> {
    DOCUMENTS.iter().map(|document| (document.name, document.json))
}

/// Whether a path of the built-in documents begins with this step.
pub fn is_first_step(step: &str) -> bool {
    DOCUMENTS.iter().any(|document| document.steps.contains(&step))
}

impl Platform {
    fn read(&self) -> &(Document, Vec<OnceLock<Arc<Operation>>>) {
        self.read.get_or_init(|| {
            let document = match &self.source {
                Source::Embedded(json) => serde_json::from_str(json),
                Source::Own(value) => serde::Deserialize::deserialize(value.as_ref()),
            };
            opened(document.unwrap_or_else(|error| unreachable!("the document {} was read before: {error}", self.name)))
        })
    }
}

/// A document with room for its operations, which are made when they are first asked for.
fn opened(document: Document) -> (Document, Vec<OnceLock<Arc<Operation>>>) {
    let count = document.paths.values().map(|item| item.operations().count()).sum();
    (document, (0..count).map(|_| OnceLock::new()).collect())
}
