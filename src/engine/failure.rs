//! From the language's errors to ours: the innermost cause, where it is, and a hint.

pub(super) use crate::analysis::parsing;

use super::{Sources, names};
use crate::{
    Error,
    error::{Kind, Place, nearest},
    host::Host,
};
use rhai::{Dynamic, Engine, EvalAltResult, Map, Position};

/// The place of a position, if it has one.
pub(super) fn place(file: &str, position: Position) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}

/// What a script's error means, and where it was raised.
pub(super) fn explain(engine: &Engine, host: &Host, sources: &Sources, script: &str, error: EvalAltResult) -> Error {
    // A closure, which has a `$` in its name, sees what is around it.
    let in_function = matches!(&error, EvalAltResult::ErrorInFunctionCall(function, ..) if !function.contains('$'));
    let caller = caller(script, &error);
    let (file, error) = innermost(script, sources, script.to_owned(), error);
    let text = sources.get(&file).unwrap_or_default();
    let at = place(&file, error.position());
    let error = match error {
        EvalAltResult::ErrorTerminated(token, _) => {
            token.try_cast::<Error>().unwrap_or_else(|| Error::new(Kind::Cancelled, "stopped"))
        }
        EvalAltResult::ErrorRuntime(value, _) => of_value(value, at.as_ref()),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            names::no_such_function(engine, host, sources, &text, &signature)
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => no_such_field(host, &text, &name),
        EvalAltResult::ErrorModuleNotFound(name, _) => names::no_such_module(engine, &name),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let error = Error::new(Kind::Script, format!("there is no variable `{name}`"));
            match nearest(&name, words_of(&text).filter(|word| *word != name)) {
                _ if in_function => {
                    error.hint("functions do not see the variables of the script: pass them as arguments")
                }
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("a variable is made by `let {name} = …;`")),
            }
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => Error::new(Kind::Limit, format!("{what} is larger than allowed"))
            .hint("work in smaller pieces, or raise [limits] in juben.toml"),
        EvalAltResult::ErrorStackOverflow(_) => Error::new(Kind::Limit, "functions call each other too deeply")
            .hint("does a function call itself without end?"),
        EvalAltResult::ErrorParsing(problem, _) => parsing(&problem),
        mut other => {
            other.clear_position();
            Error::new(Kind::Script, other.to_string())
        }
    };
    // What goes wrong in the standard library is of interest where it was called, unless it is the library's own mistake.
    match caller.filter(|_| is_standard(script, &file) && error.kind != Kind::Script) {
        Some(caller) => error.placed(caller),
        None => at.into_iter().fold(error, Error::at),
    }
}

/// Where the user's own text has called the standard library, if that is where it went wrong.
fn caller(script: &str, error: &EvalAltResult) -> Option<Place> {
    let (mut file, mut error, mut caller) = (script, error, None);
    while let EvalAltResult::ErrorInFunctionCall(_, source, inner, position) = error {
        if !is_standard(script, file) && is_standard(script, source) {
            caller = place(file, *position);
        }
        if !source.is_empty() {
            file = source;
        }
        error = inner;
    }
    caller
}

/// Whether a text is of the standard library. A script that is run is not, wherever it is.
fn is_standard(script: &str, file: &str) -> bool {
    file != script && file.starts_with("stdlib/")
}

/// The language knows the source of a function of a module; one of the script is at home in the script, or in an earlier entry.
fn innermost(script: &str, sources: &Sources, file: String, error: EvalAltResult) -> (String, EvalAltResult) {
    match error {
        EvalAltResult::ErrorInFunctionCall(name, source, inner, _) => {
            let source = if source.is_empty() { file } else { source };
            let home = sources.home(&name).filter(|_| source == script);
            innermost(script, sources, home.unwrap_or(source), *inner)
        }
        EvalAltResult::ErrorInModule(source, inner, _) => innermost(script, sources, source, *inner),
        error => (file, error),
    }
}

/// A value that a script threw, or that a native function threw as a map. Where it was thrown is known better than the map
/// tells, unless the map has come from elsewhere.
fn of_value(value: Dynamic, thrown: Option<&Place>) -> Error {
    let Some(fields) = value.clone().try_cast::<Map>() else {
        return Error::new(Kind::Script, value.to_string());
    };
    let text = |name: &str| fields.get(name).filter(|it| it.is_string()).map(ToString::to_string);
    let number = |name: &str| fields.get(name).and_then(|it| it.as_int().ok());
    let kind = text("kind").and_then(|kind| Kind::named(&kind)).unwrap_or(Kind::Script);
    let message = text("message").unwrap_or_else(|| crate::host::shown(&value));
    let mut error = Error::new(kind, message).request_id(text("request_id"));
    error = error.hinted(text("hint"));
    error = number("code").into_iter().fold(error, Error::code);
    error = text("op").into_iter().fold(error, |error, name| error.operation(&name));
    if let Some(retryable) = fields.get("retryable").and_then(|it| it.as_bool().ok()) {
        error = error.retryable(retryable);
    }
    error = text("account").into_iter().fold(error, |error, name| error.account(&name));
    if let Some(result) = fields.get("result") {
        error = error.reply(Map::from_iter([("result".into(), result.clone())]));
    }
    match (text("file"), number("line"), number("column")) {
        (Some(file), Some(line), Some(column)) => {
            let place = Place { file, line: line as usize, column: column as usize };
            let same = thrown.is_some_and(|thrown| (thrown.line, thrown.column) == (place.line, place.column));
            if same { error } else { error.at(place) }
        }
        _ => error,
    }
}

/// A field that is not there. The language does not say of which map, so the names are those of the replies that this
/// run has had, and those that the script writes itself.
fn no_such_field(host: &Host, text: &str, name: &str) -> Error {
    let error = Error::new(Kind::Script, format!("there is no field `{name}`"));
    let maybe = format!("a field that may be absent is asked for by .get(\"{name}\"), or `\"{name}\" in value`");
    let objects = host.reply_fields();
    let in_replies = nearest(name, objects.iter().flatten().map(String::as_str));
    if let Some(near) = in_replies {
        let siblings = objects.iter().find(|names| names.iter().any(|known| known == near));
        let siblings = siblings.map(|names| names.join(", ")).unwrap_or_default();
        if near == name {
            return error.hint(format!("this reply has none of that name; {maybe}"));
        }
        let others = if siblings == near { String::new() } else { format!(" there are: {siblings}") };
        return error.hint(format!("did you mean `{near}`?{others}"));
    }
    let own = words_of(text).filter(|word| *word != name);
    match nearest(name, own) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if objects.is_empty() => error.hint(maybe),
        None => error.hint(format!("the replies of this run have {}; {maybe}", some_of(&objects))),
    }
}

/// The words that a script writes itself.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric() && it != '_').filter(|word| !word.is_empty())
}

/// Names of fields, as many as a person reads.
fn some_of(objects: &[Vec<String>]) -> String {
    const MOST: usize = 24;
    let mut names: Vec<&str> = Vec::new();
    for name in objects.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let more = if names.len() > MOST { ", …" } else { "" };
    names.truncate(MOST);
    format!("{}{more}", names.join(", "))
}
