//! Which arguments a script asks for, as far as its text tells.

use super::{Script, modules::stdlib};
use regex::Regex;

impl Script {
    /// The names that the script gives to `args::get` and `args::path`; `None` when the text does not tell all of them: a name is not
    /// written out, or a file beside the script may ask as well.
    pub fn asked(&self) -> Option<Vec<String>> {
        let all = |pattern: &str| -> Vec<String> {
            let pattern = Regex::new(pattern).unwrap_or_else(|error| unreachable!("a constant: {error}"));
            pattern.captures_iter(&self.text).map(|found| found[1].to_owned()).collect()
        };
        let known = |import: &String| stdlib().any(|(module, _)| module == import);
        let names = all(r#"args::(?:get|path)\(\s*"([^"]*)"\s*,"#);
        let told =
            all(r"(args::(?:get|path)\(\D)").len() == names.len() && all(r#"\bimport\s+"([^"]*)""#).iter().all(known);
        told.then_some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Vec<String>> {
        Script { name: "test.rhai".into(), text: text.into() }.asked()
    }

    #[test]
    fn names_are_told_when_all_of_them_are_written_out() {
        let text = r#"import "outcome" as outcome; args::get("days", args::get( "extend", 1)); args::path("file", args::path(0, ""))"#;
        assert_eq!(asked(text), Some(vec!["days".into(), "extend".into(), "file".into()]));
        assert_eq!(asked("print(1)"), Some(vec![]));
        assert_eq!(asked(r#"args::get(name, 1); args::get("days", 1)"#), None);
        assert_eq!(asked(r#"import "own" as own; args::get("days", 1)"#), None);
    }
}
