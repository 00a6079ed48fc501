//! The words in which a job's news is told: a text with `{job}`, `{what}` and the like.

use super::Notice;
use crate::{Error, error::Kind};

/// In case the configuration has none.
const USUAL: &str = "{job} {what}\n{reason}\n{hint}\ndue {due}\nrun {run}";

/// A checked template.
#[derive(Debug, Clone)]
pub(super) struct Template(String);

impl Template {
    /// The text of `[notify.NAME]`, whose names must be those of a notice.
    pub(super) fn new(target: &str, text: Option<&str>) -> Result<Template, Error> {
        let text = text.unwrap_or(USUAL);
        let notice = Notice::default();
        let known = notice.fields().map(|(name, _)| name);
        match names(text).find(|name| !known.contains(name)) {
            None => Ok(Template(text.to_owned())),
            Some(name) => {
                let message = format!("[notify.{target}]: the template has {{{name}}}, which is not known");
                Err(Error::new(Kind::Config, message).hint_names(name, known))
            }
        }
    }

    /// The text for this notice. A line that would say nothing, because nothing is known of what it names, is left out.
    pub(super) fn fill(&self, notice: &Notice) -> String {
        let fields = notice.fields();
        let value = |name: &str| fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        let says = |line: &&str| names(line).next().is_none() || names(line).any(|name| !value(name).is_empty());
        let lines = self.0.lines().filter(says).map(|line| replaced(line, value));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

/// What stands between braces and looks like a name.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

/// In one pass: what a value has between braces is no name.
fn replaced<'a>(line: &str, value: impl Fn(&str) -> &'a str) -> String {
    let mut pieces = line.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| match piece.split_once('}') {
        Some((name, rest)) if is_name(name) => text + value(name) + rest,
        _ => text + "{" + piece,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        let [job, what, reason] = ["renew", "failed", "code {run} \"no\""].map(str::to_owned);
        Notice { job, what, reason, ..Notice::default() }
    }

    #[test]
    fn lines_of_which_nothing_is_known_are_left_out() {
        let usual = Template::new("team", None).unwrap();
        assert_eq!(usual.fill(&notice()), "renew failed\ncode {run} \"no\"");
        let own = Template::new("team", Some("短剧: {job}{error}\n{hint}\n--\n{\"a\": {}} {job}")).unwrap();
        assert_eq!(own.fill(&notice()), "短剧: renew\n--\n{\"a\": {}} renew");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let error = Template::new("team", Some("{jobs} failed")).unwrap_err();
        assert_eq!(error.message, "[notify.team]: the template has {jobs}, which is not known");
        assert_eq!(error.hint.as_deref(), Some("did you mean `job`?"));
    }
}
