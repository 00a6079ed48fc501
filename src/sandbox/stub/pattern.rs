//! A text that a regular expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

/// No text is longer, in bytes: repetitions within repetitions grow fast.
const LONGEST: usize = 20_000;

/// The shortest text of at least so many characters, or `None` when the expression cannot be read.
pub(super) fn text(pattern: &str, least: usize) -> Option<String> {
    let tree = regex_syntax::parse(pattern).ok()?;
    let known = regex::Regex::new(pattern).ok()?;
    // What may be repeated is repeated more often, until the text is long enough.
    let tries = (0..=least.min(1000)).map(|more| {
        let mut text = String::new();
        write(&tree, more, &mut text);
        text
    });
    let mut fitting = tries.filter(|text| known.is_match(text));
    fitting.find(|text| text.chars().count() >= least)
}

fn write(tree: &Hir, more: usize, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    match tree.kind() {
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.push(sign(class)),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX) as usize;
            for _ in 0..(repetition.min as usize).max(more).min(most) {
                write(&repetition.sub, more, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, more, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, more, text)),
        HirKind::Alternation(options) => options.iter().take(1).for_each(|option| write(option, more, text)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// A letter or a digit if the class has one.
fn sign(class: &Class) -> char {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect(),
    };
    let has = |sign: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&sign));
    let usual = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain('!'..='~').find(has);
    usual.or_else(|| ranges.first().map(|(start, _)| *start)).unwrap_or('a')
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_text_matches_its_pattern() {
        for (pattern, least, expected) in [
            ("^[A-Z]{3}-\\d{4}$", 0, "AAA-0000"),
            ("^1[3-9]\\d{9}$", 0, "13000000000"),
            ("^(new|open)$", 0, "new"),
            ("^[a-z]+$", 5, "aaaaa"),
            ("^[\\u4e00-\\u9fa5]{2,4}$", 3, "一一一"),
            ("x", 0, "x"),
        ] {
            assert_eq!(text(pattern, least).as_deref(), Some(expected), "{pattern}");
        }
        assert_eq!(text("(?=a)b", 0), None);
        assert_eq!(text("^((a+)+)+\\bb$", 1000), None);
    }
}
