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

/// A part of a run needs what it is not granted.
pub(super) fn of_run(part: &Part, parts: &[Part], package: Option<&Package>) -> Error {
    let all: Rights = parts.iter().flat_map(|part| part.needs.iter()).cloned().collect();
    let flags = lines(all.iter().map(ToString::to_string), ",", room());
    let flags = flags.map(|rights| format!("--allow {}", quoted(&rights)));
    let flags = format!("for this run:\n{}", flags.collect::<Vec<_>>().join(" \\\n"));
    let for_good = package.map(|package| for_good(part, package));
    refused(part).hint([Some(flags), for_good].into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// The same where no flag could be given: in a job, in a test, and at the prompt.
pub(super) fn of_others(part: &Part, package: Option<&Package>) -> Error {
    refused(part).hinted(package.map(|package| for_good(part, package)))
}

fn refused(part: &Part) -> Error {
    let missing = part.missing().to_string().replace(',', ", ");
    Error::new(Kind::Denied, format!("{} may not do what it needs: {missing}", part.name))
}

/// What to write in juben.toml.
fn for_good(part: &Part, package: &Package) -> String {
    let rights = lines(part.needs.iter().map(|right| format!("{:?}", right.to_string())), ", ", room());
    let rights: String = rights.map(|line| format!("  {line},\n")).collect();
    format!("for good, in juben.toml:\n[rights.{:?}]\nallow = [\n{rights}]", package.manifest.name.as_str())
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
