//! Grants of `[rights]` in juben.toml.

use crate::{
    Error,
    catalog::{Catalog, Schema},
    config::{self, Config},
    error::Kind,
    packages::Name,
    rights::{Grant, Rights},
};
use std::collections::BTreeSet;

/// What juben.toml allows to a package, by its name or by that of its team, if it speaks of it at all.
pub(in crate::cli) fn configured(config: &Config, catalog: &Catalog, name: &Name) -> Result<Option<Grant>, Error> {
    table(config, name).map(|(name, allowed)| grant(config, catalog, name, allowed)).transpose()
}

/// The table that speaks of a package, with its name.
pub(super) fn table<'a>(config: &'a Config, name: &Name) -> Option<(&'a str, &'a config::Allowed)> {
    let of_team = format!("{}/*", name.team());
    let found = config.rights.get_key_value(name.as_str()).or_else(|| config.rights.get_key_value(&of_team));
    found.map(|(name, allowed)| (name.as_str(), allowed))
}

/// What `--allow` lets the user's own code do, or a package. It takes the place of the rights in juben.toml; accounts and
/// things stay limited as that says.
pub(in crate::cli) fn allowed(
    rights: &Rights,
    config: &Config,
    catalog: &Catalog,
    name: Option<&Name>,
) -> Result<Grant, Error> {
    let limits = name.map(|name| configured(config, catalog, name)).transpose()?.flatten().unwrap_or_default();
    Ok(Grant { rights: rights.clone(), ..limits })
}

/// One table of it, if nothing in it is wrong.
pub(in crate::cli) fn grant(
    config: &Config,
    catalog: &Catalog,
    name: &str,
    allowed: &config::Allowed,
) -> Result<Grant, Error> {
    let wrong = |message: String| Error::new(Kind::Config, format!("[rights.{name:?}]: {message}"));
    let rights = allowed.allow.join(",").parse::<Rights>();
    let rights = rights.map_err(|error| wrong(error).hint("rights are written like write:novel.add_book_auth"))?;
    let accounts = || config.account.keys().chain(config.api.iter().map(|api| &api.name)).map(String::as_str);
    if let Some(unknown) = allowed.accounts.iter().flatten().find(|account| accounts().all(|known| known != **account))
    {
        return Err(wrong(format!("there is no account `{unknown}`")).hint_names(unknown, accounts()));
    }
    let fields = fields(catalog);
    if let Some(unknown) = allowed.only.keys().find(|field| !fields.contains(*field)) {
        let settings = fields.iter().map(String::as_str).chain(["allow", "accounts"]);
        let error = wrong(format!("no operation has a field `{unknown}`"));
        return Err(error.hint_names(unknown, settings));
    }
    Ok(Grant {
        rights: rights.from_folder(&super::absolute(&allowed.folder)),
        accounts: allowed.accounts.clone(),
        only: allowed.only.iter().map(|(field, things)| (field.clone(), things.texts())).collect(),
    })
}

/// The fields of all operations, also those inside of others.
fn fields(catalog: &Catalog) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    catalog.operations().for_each(|operation| collect(&operation.input, &mut fields));
    fields
}

fn collect(schema: &Schema, fields: &mut BTreeSet<String>) {
    fields.extend(schema.properties.keys().cloned());
    schema.properties.values().chain(schema.items.as_deref()).for_each(|inner| collect(inner, fields));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(table: &str, name: &str) -> Result<Option<Grant>, String> {
        let account = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\n";
        let config = Config::parse(&format!("{account}{table}")).unwrap();
        configured(&config, &Catalog::builtin(), &name.parse().unwrap())
            .map_err(|error| format!("{} {}", error.message, error.hint.clone().unwrap_or_default()))
    }

    #[test]
    fn a_package_has_what_stands_below_its_name_or_its_team() {
        let table = "[rights.\"team/*\"]\nallow = [\"read\"]\n[rights.\"team/a\"]\nallow = [\"write\"]\naccounts = [\"main\"]\n\
                     drama_id = [1001, 1002]\nbook_id = \"b1\"\n";
        let grant = of(table, "team/a").unwrap().unwrap();
        assert_eq!(grant.rights.to_string(), "write");
        assert_eq!(grant.accounts, Some(["main".to_owned()].into()));
        assert_eq!(grant.only["drama_id"], ["1001", "1002"].map(str::to_owned).into());
        assert_eq!(grant.only["book_id"], ["b1".to_owned()].into());
        assert_eq!(of(table, "team/b").unwrap().unwrap().rights.to_string(), "read");
        assert_eq!(of(table, "other/a"), Ok(None));
    }

    #[test]
    fn what_is_misspelt_is_refused_with_the_nearest_name() {
        let wrong = |line: &str| of(&format!("[rights.\"team/a\"]\n{line}\n"), "team/a").unwrap_err();
        assert!(wrong("drama_idd = [1]").contains("drama_id"), "{}", wrong("drama_idd = [1]"));
        assert!(wrong("alow = [\"read\"]").contains("allow"));
        assert!(wrong("accounts = [\"mainn\"]").contains("main"));
        assert!(wrong("allow = [\"reed\"]").contains("read"));
    }
}
