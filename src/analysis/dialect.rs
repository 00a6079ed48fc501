//! How scripts are written: Rhai, with a few words set free.

use crate::{Error, error::Kind};
use rhai::{Engine, LexError, ParseErrorType, Token};
use std::sync::atomic::{AtomicU8, Ordering};

/// Let an engine read scripts as juben does. Whoever compiles a text, to run it or only to look at it, begins here.
pub fn speak(engine: &mut Engine) {
    // Debug builds would otherwise allow less than release builds.
    engine.set_max_call_levels(128);
    engine.set_max_expr_depths(128, 128);
    free_words(engine);
}

/// Let words be names where they can mean nothing else: `new`, which the language only keeps for later, is a field of
/// the platforms; `until` ends a `do` loop, and so stands after a `}` and nowhere else; after `::` stand functions such as
/// `account::switch` and `log::debug`.
fn free_words(engine: &mut Engine) {
    const AFTER_COLONS: u8 = 1;
    const AFTER_BRACE: u8 = 2;
    let before = AtomicU8::new(0);
    #[allow(deprecated)] // not deprecated, but marked as volatile
    engine.on_parse_token(move |token, _, _| {
        let here = match token {
            Token::DoubleColon => AFTER_COLONS,
            Token::RightBrace => AFTER_BRACE,
            _ => 0,
        };
        let before = before.swap(here, Ordering::Relaxed);
        match token {
            Token::Reserved(word) if before == AFTER_COLONS || word.as_str() == "new" => Token::Identifier(word),
            Token::Until if before != AFTER_BRACE => Token::Identifier(Box::new("until".into())),
            Token::Switch if before == AFTER_COLONS => Token::Identifier(Box::new("switch".into())),
            token => token,
        }
    });
}

/// A text that is no script.
pub fn parsing(problem: &ParseErrorType) -> Error {
    let error = Error::new(Kind::Usage, format!("the script does not parse: {problem}"));
    match problem {
        ParseErrorType::Reserved(word) => error.hint(instead_of(word)),
        ParseErrorType::BadInput(LexError::UnexpectedInput(sign)) => error.hinted(of_keyboard(sign)),
        _ => error,
    }
}

/// What to write instead of a word that the language keeps.
fn instead_of(word: &str) -> String {
    match word {
        "null" | "nil" => "nothing is written as ()".to_owned(),
        "var" => "a variable is declared by `let`".to_owned(),
        "async" | "await" => "leave it out: every call waits for its answer".to_owned(),
        word if word.starts_with('#') => {
            "a script does not begin with `#!`: leave that line out, and run it by `juben run`".to_owned()
        }
        sign if !sign.starts_with(|it: char| it.is_alphabetic() || it == '_') => {
            "this sign means nothing in a script: leave it out".to_owned()
        }
        _ => format!(
            "choose another name; a field of that name is written in quotes: #{{ \"{word}\": … }}, value[\"{word}\"]"
        ),
    }
}

/// The sign that is meant by one of a Chinese keyboard.
fn of_keyboard(sign: &str) -> Option<String> {
    const MEANT: [(&str, &str); 16] = [
        ("（", "("),
        ("）", ")"),
        ("【", "["),
        ("】", "]"),
        ("；", ";"),
        ("：", ":"),
        ("，", ","),
        ("、", ","),
        ("。", "."),
        ("“", "\""),
        ("”", "\""),
        ("‘", "\""),
        ("’", "\""),
        ("！", "!"),
        ("＝", "="),
        ("　", "a blank"),
    ];
    let (_, meant) = MEANT.into_iter().find(|(known, _)| *known == sign)?;
    Some(format!("write {meant} instead of {sign}: this is a sign of a Chinese keyboard"))
}
