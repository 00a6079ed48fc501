//! Which paths the files of a package may have: those that mean the same file on every system, and no other.

use icu_normalizer::ComposingNormalizerBorrowed;
use std::collections::HashMap;

/// In bytes.
const LONGEST: usize = 255;

/// Folders within folders.
const DEEPEST: usize = 16;

/// What Windows keeps for devices, whatever extension follows.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The paths of a package so far. No two of them may be one file on any system.
#[derive(Debug, Default)]
pub struct Paths {
    /// By the path as the least careful system compares it.
    taken: HashMap<String, Taken>,
}

#[derive(Debug)]
struct Taken {
    path: String,
    is_file: bool,
}

impl Paths {
    /// Add a file, or say why the package may not have it.
    pub fn add_file(&mut self, path: &str) -> Result<(), String> {
        self.add(path, true)
    }

    /// Add a folder.
    pub fn add_folder(&mut self, path: &str) -> Result<(), String> {
        self.add(path, false)
    }

    fn add(&mut self, path: &str, is_file: bool) -> Result<(), String> {
        if let Some(fault) = fault(path) {
            return Err(fault);
        }
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        folders.map(|folder| (folder, false)).chain([(path, is_file)]).try_for_each(|(path, is_file)| {
            let path = path.to_owned();
            match self.taken.get(&folded(&path)) {
                Some(other) if other.path != path => {
                    Err(format!("it differs from {} only in a way that some systems do not see", shown(&other.path)))
                }
                Some(Taken { is_file: true, .. }) if is_file => Err("it is there twice".to_owned()),
                Some(other) if other.is_file || is_file => {
                    Err(format!("{} is a file and a folder at once", shown(&path)))
                }
                Some(_) => Ok(()),
                None => {
                    self.taken.insert(folded(&path), Taken { path, is_file });
                    Ok(())
                }
            }
        })
    }
}

/// Why no file of a package may have this path.
fn fault(path: &str) -> Option<String> {
    if path.len() > LONGEST {
        return Some(format!("its path has {} bytes; it may have {LONGEST}", path.len()));
    }
    if path.starts_with('/') {
        return Some("its path begins at the root of the disk".to_owned());
    }
    if path.matches('/').count() >= DEEPEST {
        return Some(format!("it lies more than {DEEPEST} folders deep"));
    }
    if let Some(letter) = path.chars().find(|it| is_forbidden(*it)) {
        return Some(format!("its path has the character {}", letter.escape_debug()));
    }
    if !ComposingNormalizerBorrowed::new_nfc().is_normalized(path) {
        return Some("its path is not in Unicode's composed form (NFC)".to_owned());
    }
    path.split('/').find_map(fault_of_step)
}

fn fault_of_step(step: &str) -> Option<String> {
    let stem = folded(step.split('.').next().unwrap_or_default().trim_end());
    let numbered = |word: &str| stem.strip_prefix(word).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    match step {
        "" => Some("a step of its path is empty".to_owned()),
        "." | ".." => Some(format!("its path has a step `{step}`")),
        _ if step.ends_with(['.', ' ']) || step.starts_with(' ') => {
            Some(format!("{} ends with a dot or a blank, or begins with a blank", shown(step)))
        }
        _ if RESERVED.contains(&stem.as_str()) || numbered("com") || numbered("lpt") => {
            Some(format!("{} is the name of a device on Windows", shown(step)))
        }
        _ if matches!(folded(step).as_str(), ".git" | "git~1") => Some("no package brings a `.git`".to_owned()),
        _ => None,
    }
}

/// What no system or no eye tells from nothing, and what means something to Windows.
fn is_forbidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(letter, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
        || matches!(letter, '\u{fff0}'..='\u{fffd}' | '\u{1bca0}'..='\u{1bca3}' | '\u{e0000}'..='\u{e0fff}')
}

/// The path as the least careful system compares it: without case, and without the difference between letters that look
/// the same.
fn folded(path: &str) -> String {
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let plain = nfkc.normalize(path);
    let upper = plain.chars().flat_map(char::to_uppercase);
    nfkc.normalize(&upper.flat_map(char::to_lowercase).collect::<String>()).into_owned()
}

/// A path as an error names it: in one line, with nothing in it that a terminal obeys.
pub(super) fn shown(path: &str) -> String {
    const MOST: usize = 80;
    let more = if path.chars().count() > MOST { "…" } else { "" };
    format!("`{}{more}`", path.chars().take(MOST).collect::<String>().escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(paths: &[&str]) -> Option<String> {
        let mut all = Paths::default();
        paths.iter().find_map(|path| all.add_file(path).err())
    }

    #[test]
    fn plain_paths_are_taken() {
        let paths = ["package.toml", "a/b/c.rhai", "a/b.rhai", "a/console", "第1集.rhai", "é.rhai", ".editorconfig"];
        assert_eq!(refusal(&paths), None);
    }

    #[test]
    fn paths_that_mean_one_file_somewhere_are_not() {
        for (one, other) in [
            ("a.rhai", "A.rhai"),
            ("straße", "STRASSE"),
            ("ſ", "s"),
            ("K", "k"),
            ("ﬁle", "file"),
            ("Σς", "σς"),
            ("a/x", "A/y"),
            ("x", "x"),
            ("x", "x/y"),
            ("x/y", "x"),
        ] {
            assert!(refusal(&[one, other]).is_some(), "{one} {other}");
        }
    }

    #[test]
    fn paths_that_some_system_reads_otherwise_are_not() {
        for path in [
            "",
            ".",
            "a/./b",
            "../a",
            "a/..",
            "/a",
            "a//b",
            "a/",
            "C:a",
            "a\\b",
            "CON",
            "nul.txt",
            "aux .txt",
            "com1",
            "LPT9.rhai",
            "COM¹",
            "a.",
            "a ",
            " a",
            "a\u{0}",
            "a\nb",
            "a\u{202e}b",
            "a\u{200d}b",
            "e\u{301}",
            ".git/config",
            ".GIT",
            "GIT~1",
            "a*",
        ] {
            assert!(refusal(&[path]).is_some(), "{path:?}");
        }
        assert!(refusal(&[&"a".repeat(256)]).is_some());
        assert!(refusal(&[&"a/".repeat(17)]).is_some());
    }
}
