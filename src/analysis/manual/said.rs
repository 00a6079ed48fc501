//! What the manual of a function says of its parameters.

use super::Function;

impl Function {
    /// What its manual says of a parameter: `string, as in juben.toml.`
    pub(in crate::analysis) fn about(&self, parameter: &str) -> Option<String> {
        let mark = format!("`{parameter}`: ");
        let mut lines = self.text.lines().skip_while(|line| !(line.starts_with("- `") && line.contains(&mark)));
        let first = lines.next()?;
        let first = &first[first.find(&mark)? + mark.len()..];
        // Several parameters may share a line.
        if let Some(end) = first.find(". `") {
            return Some(first[..end].to_owned());
        }
        let rest = lines.take_while(|line| !line.is_empty() && !line.starts_with("- ") && !line.starts_with("```"));
        Some(std::iter::once(first).chain(rest.map(str::trim)).collect::<Vec<_>>().join(" "))
    }

    /// What its manual says of its result.
    pub(in crate::analysis) fn returns(&self) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix("- returns: ")).unwrap_or_default()
    }

    /// Whether it is written after a value: its manual then does not describe the first parameter.
    pub(in crate::analysis) fn is_method(&self) -> bool {
        self.parameters.first().is_some_and(|first| self.about(first).is_none())
    }

    /// The fields that a parameter may have which is a map of options, with what is said of each: after `map:` there is
    /// a list of names, each perhaps with something in brackets. Others are named by `those of`.
    pub(in crate::analysis) fn options(&self, parameter: &str) -> Options {
        let Some(about) = self.about(parameter).filter(|about| about.starts_with("map")) else {
            return Options::default();
        };
        let mut options = Options { of_any_call: about.contains("those of any call"), ..Options::default() };
        let mut rest = about.as_str();
        while let Some(start) = rest.find(['`', '(']) {
            let (before, found) = rest.split_at(start);
            if let Some(inner) = found.strip_prefix('`') {
                let Some((name, after)) = inner.split_once('`') else { break };
                let elsewhere = before.ends_with("of ");
                let borrowed = before.ends_with("those of ") || before.ends_with("map, as of ");
                match (elsewhere, borrowed) {
                    (_, true) => options.as_of.push(name.to_owned()),
                    (true, _) => {}
                    _ => options.fields.push((name.to_owned(), in_brackets(after).unwrap_or_default().to_owned())),
                }
                rest = after;
            } else {
                rest = &found[in_brackets(found).map_or(1, |inner| inner.len() + 2)..];
            }
        }
        options
    }
}

/// What a map of options may have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::analysis) struct Options {
    /// Names, each with what is said of it.
    pub(in crate::analysis) fields: Vec<(String, String)>,
    /// The functions of the same module whose options it may have too.
    pub(in crate::analysis) as_of: Vec<String>,
    /// Whether it may have the options of any call.
    pub(in crate::analysis) of_any_call: bool,
}

impl Options {
    /// What is said of an option.
    pub(in crate::analysis) fn says(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, about)| about.as_str())
    }
}

/// The inside of the brackets that a text begins with.
fn in_brackets(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('(')?;
    let mut depth = 1;
    let end = inner.find(|it| {
        depth += i32::from(it == '(') - i32::from(it == ')');
        depth == 0
    })?;
    Some(&inner[..end])
}

/// The texts that a manual allows: `"asc"` and `"desc"`.
pub(in crate::analysis) fn quoted_values(about: &str) -> impl Iterator<Item = &str> {
    about.split('`').filter_map(|it| it.strip_prefix('"')?.strip_suffix('"')).filter(|it| !it.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(text: &str) -> Function {
        Function {
            module: String::new(),
            name: "f".to_owned(),
            parameters: Vec::new(),
            text: text.to_owned(),
            imported: false,
        }
    }

    #[test]
    fn a_parameter_is_described_over_several_lines() {
        let function = function("F.\n- `a`: string. `b`: int,\n  1 or\n  more.\n- returns: int.");
        assert_eq!(function.about("a").as_deref(), Some("string"));
        assert_eq!(function.about("b").as_deref(), Some("int, 1 or more."));
        assert_eq!(function.about("returns"), None);
    }

    #[test]
    fn options_are_read_off_the_manual() {
        let function = function(
            "- `options`: map: `until` (int, or `\"x\"` (y)) or `days` (int), `at_once` as of `renew`, and\n  those of `file` and those of any call.",
        );
        let options = function.options("options");
        let names: Vec<_> = options.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["until", "days", "at_once"]);
        assert_eq!(options.fields[0].1, "int, or `\"x\"` (y)");
        assert_eq!((options.as_of, options.of_any_call), (vec!["file".to_owned()], true));
    }

    #[test]
    fn values_stand_in_quotes() {
        assert_eq!(quoted_values("`\"asc\"` or `\"desc\"`, of `x`").collect::<Vec<_>>(), ["asc", "desc"]);
    }
}
