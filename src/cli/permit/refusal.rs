//! Why a run does not begin, and what to write so that it does.

use crate::{
    Error,
    cli::width,
    error::Kind,
    packages::Package,
    rights::{Part, Rights},
};

/// What stands around the rights in a line of a hint: `help: --allow … \`.
const AROUND: usize = 18;

/// The table of juben.toml that speaks of a package, and what that allows.
pub(super) type Table<'a> = (&'a str, Rights);

/// A part of a run needs what it is not granted.
pub(super) fn of_run(part: &Part, parts: &[Part], package: Option<(&Package, Option<Table<'_>>)>) -> Error {
    let all: Rights = parts.iter().flat_map(|part| part.needs.iter()).cloned().collect();
    let flags = lines(all.iter().map(ToString::to_string), ",", room());
    let flags = flags.map(|rights| format!("--allow {}", quoted(&rights)));
    let flags = format!("for this run:\n{}", flags.collect::<Vec<_>>().join(" \\\n"));
    let for_good = package.and_then(|(package, table)| for_good(part, package, table));
    refused(part).hint([Some(flags), for_good].into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// The same where no flag could be given: in a job, in a test, and at the prompt.
pub(super) fn of_others(part: &Part, package: Option<(&Package, Option<Table<'_>>)>) -> Error {
    refused(part).hinted(package.and_then(|(package, table)| for_good(part, package, table)))
}

fn refused(part: &Part) -> Error {
    let missing = part.missing().to_string().replace(',', ", ");
    Error::new(Kind::Denied, format!("{} may not do what it needs: {missing}", part.name))
}

/// What to write in juben.toml, if it does not stand there.
fn for_good(part: &Part, package: &Package, table: Option<Table<'_>>) -> Option<String> {
    let listed = |rights: &Rights| {
        let rights = lines(rights.iter().map(|right| format!("{:?}", right.to_string())), ", ", room());
        rights.map(|line| format!("  {line},\n")).collect::<String>()
    };
    let Some((name, allowed)) = table else {
        let (name, rights) = (package.manifest.name.as_str(), listed(&part.needs));
        return Some(format!("for good, in juben.toml:\n[rights.{name:?}]\nallow = [\n{rights}]"));
    };
    let lacking = allowed.lacks(&part.needs);
    let add = || format!("for good, add to `allow` of [rights.{name:?}] in juben.toml:\n{}", listed(&lacking));
    (!lacking.is_empty()).then(|| add().trim_end().to_owned())
}

/// A longer line does not stay one on the screen, and could not be copied.
fn room() -> usize {
    width().clamp(60, 88) - AROUND
}

/// As many as fit into that width, line by line.
fn lines(words: impl Iterator<Item = String>, between: &str, room: usize) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut().filter(|line| line.len() + between.len() + word.len() <= room) {
            Some(line) => *line = [line.as_str(), &word].join(between),
            None => lines.push(word),
        }
    }
    lines.into_iter()
}

/// As a shell takes it.
fn quoted(rights: &str) -> String {
    let plain = |sign: char| sign.is_alphanumeric() || "-_.:,/".contains(sign);
    if rights.chars().all(plain) { rights.to_owned() } else { format!("'{}'", rights.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::Grant;

    #[test]
    fn what_is_to_be_written_can_be_copied() {
        let needs: Rights =
            "read:drama.list_dramas,read:drama.list_media,write:novel.add_book_auth,files-read:/srv/a b"
                .parse()
                .unwrap();
        let part = Part { name: "own.rhai".into(), needs, grant: Some(Grant::default()) };
        let error = of_run(&part, std::slice::from_ref(&part), None);
        assert_eq!(
            error.hint.as_deref(),
            Some(
                "for this run:\n--allow read:drama.list_dramas,read:drama.list_media,write:novel.add_book_auth \\\n\
                 --allow 'files-read:/srv/a b'"
            )
        );
        assert!(error.message.contains("read:drama.list_dramas, read:drama.list_media"), "{error}");
    }
}
