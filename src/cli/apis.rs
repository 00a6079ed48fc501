//! The catalog of a configuration: what is built in, and the documents of its `[[api]]`.

use super::Common;
use crate::{
    Error,
    catalog::{Catalog, Own, is_first_step},
    config::{Api, Config},
    engine::manual,
    error::Kind,
};
use std::sync::Arc;

/// The catalog, for those who need no more of the configuration.
pub(super) fn catalog_of(common: &Common) -> Result<Arc<Catalog>, Error> {
    catalog(&Config::load(common.config.as_deref())?.0)
}

/// Most have no document of their own; nothing is read then.
pub(super) fn catalog(config: &Config) -> Result<Arc<Catalog>, Error> {
    let builtin = Catalog::builtin();
    if config.api.is_empty() {
        return Ok(builtin);
    }
    let manual = manual();
    let is_known = |name: &str| {
        manual.iter().any(|function| function.module == name) || builtin.names().iter().any(|it| it.module == name)
    };
    let mut documents = Vec::with_capacity(config.api.len());
    for (index, Api { name, document, .. }) in config.api.iter().enumerate() {
        if is_known(name) {
            return Err(taken(name, "which is a module of juben itself"));
        }
        if name == "_sandbox" || is_first_step(name) {
            return Err(taken(name, &format!("but /{name}/ is a path of the sandbox itself")));
        }
        if config.api[..index].iter().any(|other| other.name == *name) {
            return Err(taken(name, "as another one has"));
        }
        documents.push(Own::read(name, document)?);
    }
    Ok(Catalog::with(documents))
}

fn taken(name: &str, why: &str) -> Error {
    let message = format!("[[api]] has the name `{name}`, {why}");
    Error::new(Kind::Config, message).hint("give it another `name` in juben.toml: it is the module of its functions")
}
