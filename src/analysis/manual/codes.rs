//! What an error code means: every documented meaning, who can answer it, and what to do.

use super::{kinds, page::Page};
use crate::{
    Error,
    catalog::{Catalog, ErrorCode, Operation, RetryWhen},
    error::{Kind, nearest},
};
use std::{collections::BTreeMap, sync::Arc};

/// The column of what is said in the entries of a page.
const COLUMN: usize = 12;

/// A list that is longer is told in numbers.
const FEW: usize = 6;

/// One documented meaning of a code.
#[derive(Debug)]
pub struct Meaning<'a> {
    /// The document: `platform`.
    pub platform: &'a str,
    /// The group of codes in it: `general`.
    pub group: &'a str,
    /// What it means.
    pub code: &'a ErrorCode,
    /// The operations that can answer it.
    pub operations: Vec<Arc<Operation>>,
    /// Those that are likely to.
    pub typical: Vec<Arc<Operation>>,
}

/// What a code means, or a kind of error, as a text in both languages; of one operation, if that is given.
pub fn explain(catalog: &Catalog, asked: &str, operation: Option<&str>, width: usize) -> Result<String, Error> {
    if let Some(kind) = Kind::named(asked) {
        return Ok(kinds::page(kind, width));
    }
    let found = meanings(catalog, asked, operation)?;
    let mut page = Page::new(width);
    for (index, meaning) in found.iter().enumerate() {
        if index > 0 {
            page.text.push('\n');
        }
        meaning.write(asked, &mut page);
    }
    Ok(page.text)
}

/// The documented meanings of a code; only the one that an operation answers by it, if that is given.
pub fn meanings<'a>(catalog: &'a Catalog, asked: &str, operation: Option<&str>) -> Result<Vec<Meaning<'a>>, Error> {
    let Ok(code) = asked.parse::<i64>() else { return Err(no_code(asked)) };
    let operation = operation.map(|name| {
        let unknown = || Error::new(Kind::Usage, format!("there is no operation `{name}`"));
        catalog.find(name).ok_or_else(|| match catalog.nearest(name) {
            Some(near) => unknown().hint(format!("did you mean `{near}`?")),
            None => unknown().hint("`juben ops` lists all of them"),
        })
    });
    let operation = operation.transpose()?;
    let all: Vec<_> = catalog.operations().collect();
    let mut found = Vec::new();
    for (platform, group, _, meaning) in catalog.error_codes().filter(|(_, _, it, _)| it.parse() == Ok(code)) {
        let is_meant = |it: &Operation| catalog.error_code(it, code).is_some_and(|known| std::ptr::eq(known, meaning));
        if operation.as_ref().is_some_and(|operation| !is_meant(operation)) {
            continue;
        }
        let operations: Vec<_> = all.iter().filter(|it| is_meant(it)).cloned().collect();
        let typical = operations.iter().filter(|it| it.errors.typical.contains(&code)).cloned().collect();
        found.push(Meaning { platform, group, code: meaning, operations, typical });
    }
    match (found.is_empty(), operation) {
        (false, _) => Ok(found),
        (true, Some(operation)) if catalog.error_codes().any(|(_, _, it, _)| it.parse() == Ok(code)) => {
            let message = format!("`{}` is not known to answer {code}", operation.full_name());
            Err(Error::new(Kind::Usage, message).hint("leave the operation out: others answer it"))
        }
        (true, _) => Err(unknown(catalog, code)),
    }
}

impl Meaning<'_> {
    fn write(&self, code: &str, page: &mut Page) {
        let ErrorCode { kind, meaning, hint, retry } = self.code;
        page.line(0, &format!("{code} — {} ({})", meaning.en, meaning.zh));
        page.entry(2, "what to do", COLUMN, &hint.en);
        page.entry(2, "", COLUMN, &hint.zh);
        page.entry(2, "again", COLUMN, again(*retry));
        page.entry(2, "kind", COLUMN, kind);
        page.entry(2, "group", COLUMN, &format!("{}, in the document `{}`", self.group, self.platform));
        if !self.typical.is_empty() {
            page.entry(2, "likely", COLUMN, &list(&self.typical, usize::MAX));
        }
        page.entry(2, "possible", COLUMN, &list(&self.operations, FEW));
    }
}

/// The names of operations, or how many each module has.
fn list(operations: &[Arc<Operation>], most: usize) -> String {
    if operations.is_empty() {
        return "no operation of the catalog".to_owned();
    }
    if operations.len() <= most {
        return operations.iter().map(|it| it.full_name()).collect::<Vec<_>>().join(", ");
    }
    let mut modules: BTreeMap<&str, usize> = BTreeMap::new();
    operations.iter().for_each(|it| *modules.entry(&it.module).or_default() += 1);
    let modules: Vec<_> = modules.into_iter().map(|(module, count)| format!("{module} ({count})")).collect();
    format!("{} operations: {}", operations.len(), modules.join(", "))
}

fn again(retry: RetryWhen) -> &'static str {
    match retry {
        RetryWhen::No => "not as it is: the same call fails in the same way",
        RetryWhen::Backoff => "soon; juben repeats what may be repeated by itself, after growing pauses",
        RetryWhen::Minute => "after a minute; juben waits and repeats by itself",
        RetryWhen::Token => "with a new token; juben does that by itself, once",
        RetryWhen::Day => "tomorrow",
        RetryWhen::Later => "when what stands in its way has ended",
    }
}

fn no_code(asked: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no kind of error `{asked}`"));
    let kinds = Kind::ALL.map(Kind::name);
    match nearest(asked, kinds) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("give a code of a platform, such as 45009, or one of: {}", kinds.join(", "))),
    }
}

/// A code that no document has: who has codes like it, and the nearest of them.
fn unknown(catalog: &Catalog, code: i64) -> Error {
    let error = Error::new(Kind::Usage, format!("no document has the code {code}"));
    let mut known: Vec<(i64, &str)> =
        catalog.error_codes().filter_map(|(_, group, it, _)| Some((it.parse().ok()?, group))).collect();
    known.sort_by_key(|(it, group)| (it.abs_diff(code), *group));
    let nearest = known.iter().take(2).map(|(it, group)| format!("{it} ({group})"));
    let nearest = nearest.collect::<Vec<_>>().join(" and ");
    // The first four digits of a long code tell whose it is.
    let begin = |code: i64| Some(code / 10_000).filter(|_| code >= 10_000_000);
    match known.iter().find(|(it, _)| begin(code).is_some() && begin(*it) == begin(code)) {
        Some((_, group)) => {
            let begin = code / 10_000;
            error.hint(format!("codes that begin with {begin} are of {group}; the nearest known ones are {nearest}"))
        }
        None => error.hint(format!("the nearest known codes are {nearest}")),
    }
}
