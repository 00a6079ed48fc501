//! `:account`, `:vars`, `:history` — what this session has.

use super::{Prompt, table, wrong};
use crate::{
    Error,
    client::Account,
    host::{shortened, shown, type_name},
    repl::Entered,
};
use rhai::{Dynamic, Map};

pub(super) fn account(prompt: &mut Prompt, name: &str) -> Result<(), Error> {
    if !name.is_empty() {
        let account = prompt.world.client().accounts().named(name)?;
        prompt.account = Some(account.name.clone());
        return Ok(());
    }
    let accounts = prompt.world.client().accounts().all();
    if accounts.is_empty() {
        return Err(wrong("there are no accounts", "`:sandbox` works without any; `juben init` writes a juben.toml"));
    }
    let row = |account: &Account| {
        let used = prompt.account.as_ref() == Some(&account.name);
        let id = account.settings.appid.as_ref().or(account.settings.userid.as_ref());
        Map::from_iter([
            ("".into(), if used { "*" } else { "" }.into()),
            ("account".into(), account.name.as_str().into()),
            ("platform".into(), account.settings.platform.name().into()),
            ("id".into(), id.map_or(Dynamic::UNIT, |id| id.as_str().into())),
            ("production".into(), if account.settings.is_production() { "yes" } else { "no" }.into()),
        ])
    };
    let rows: Vec<Map> = accounts.iter().map(|account| row(account)).collect();
    table(prompt, &["", "account", "platform", "id", "production"], &rows)
}

pub(super) fn vars(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    let names = prompt.session.names();
    let rows: Vec<Map> = prompt.session.variables().map(|(name, value)| variable(name, value)).collect();
    if !rows.is_empty() {
        table(prompt, &["name", "type", "size", "value"], &rows)?;
    }
    let functions = names.functions.iter().map(|it| format!("fn {}\n", it.signature()));
    let imports = names.imports.iter().map(|it| format!("import {:?} as {}\n", it.name, it.alias));
    let others: String = functions.chain(imports).collect();
    let none = if rows.is_empty() && others.is_empty() { "nothing yet\n" } else { "" };
    prompt.screen.write(&(others + none))
}

fn variable(name: &str, value: &Dynamic) -> Map {
    const LONGEST: usize = 60;
    let size = if let Ok(items) = value.as_array_ref() {
        Some(items.len())
    } else if let Ok(fields) = value.as_map_ref() {
        Some(fields.len())
    } else if let Ok(bytes) = value.as_blob_ref() {
        Some(bytes.len())
    } else {
        value.as_immutable_string_ref().ok().map(|text| text.chars().count())
    };
    let kind = if value.is_read_only() { format!("const {}", type_name(value)) } else { type_name(value).to_owned() };
    Map::from_iter([
        ("name".into(), name.into()),
        ("type".into(), kind.into()),
        ("size".into(), size.map_or(Dynamic::UNIT, |size| (size as i64).into())),
        ("value".into(), shortened(&shown(value).replace('\n', " "), LONGEST).into()),
    ])
}

pub(super) fn history(prompt: &mut Prompt, count: &str) -> Result<(), Error> {
    const USUAL: usize = 20;
    let count = match count {
        "" => USUAL,
        _ => count
            .parse()
            .map_err(|_| wrong(format!("`:history` takes a number, not {count:?}"), "such as `:history 50`"))?,
    };
    let entries = &prompt.entered;
    if entries.is_empty() {
        return prompt.screen.note("no entry of this session has worked yet; Up and Ctrl-R find those of earlier ones");
    }
    let first = entries.len().saturating_sub(count);
    let entry = |entry: &Entered| {
        let mut lines = entry.text.trim().lines();
        let first = format!("{:>4}  {}\n", entry.number, lines.next().unwrap_or_default());
        lines.fold(first, |all, line| format!("{all}      {line}\n"))
    };
    prompt.screen.write(&entries[first..].iter().map(entry).collect::<String>())
}
