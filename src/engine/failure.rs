//! From the language's errors to ours: the innermost cause, where it is, and a hint.

use crate::{
    Error,
    error::{Kind, Place, nearest},
};
use rhai::{Dynamic, Engine, EvalAltResult, Map, Position};

/// The place of a position, if it has one.
pub(super) fn place(file: &str, position: Position) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}

/// What a script's error means, and where it was raised.
pub(super) fn explain(engine: &Engine, script: &str, error: EvalAltResult) -> Error {
    let (file, error) = innermost(script.to_owned(), error);
    let at = place(&file, error.position());
    let error = match error {
        EvalAltResult::ErrorTerminated(token, _) => {
            token.try_cast::<Error>().unwrap_or_else(|| Error::new(Kind::Cancelled, "stopped"))
        }
        EvalAltResult::ErrorRuntime(value, _) => of_value(value),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => no_such_function(engine, &signature),
        EvalAltResult::ErrorModuleNotFound(name, _) => no_such_module(engine, &name),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            Error::new(Kind::Script, format!("there is no variable `{name}`"))
                .hint("functions do not see the variables of the script: pass them as arguments")
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => Error::new(Kind::Limit, format!("{what} is larger than allowed"))
            .hint("work in smaller pieces, or raise [limits] in juben.toml"),
        EvalAltResult::ErrorStackOverflow(_) => Error::new(Kind::Limit, "functions call each other too deeply")
            .hint("does a function call itself without end?"),
        EvalAltResult::ErrorParsing(problem, _) => {
            Error::new(Kind::Usage, format!("the script does not parse: {problem}"))
        }
        mut other => {
            other.clear_position();
            Error::new(Kind::Script, other.to_string())
        }
    };
    at.into_iter().fold(error, Error::at)
}

fn innermost(file: String, error: EvalAltResult) -> (String, EvalAltResult) {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => {
            innermost(if source.is_empty() { file } else { source }, *inner)
        }
        EvalAltResult::ErrorInModule(source, inner, _) => innermost(source, *inner),
        error => (file, error),
    }
}

/// A value that a script threw, or that a native function threw as a map.
fn of_value(value: Dynamic) -> Error {
    let Some(fields) = value.clone().try_cast::<Map>() else {
        return Error::new(Kind::Script, value.to_string());
    };
    let text = |name: &str| fields.get(name).filter(|it| it.is_string()).map(ToString::to_string);
    let number = |name: &str| fields.get(name).and_then(|it| it.as_int().ok());
    let kind = text("kind").and_then(|kind| Kind::named(&kind)).unwrap_or(Kind::Script);
    let message = text("message").unwrap_or_else(|| crate::host::shown(&value));
    let mut error = Error::new(kind, message).request_id(text("request_id"));
    error = text("hint").into_iter().fold(error, Error::hint);
    error = number("code").into_iter().fold(error, Error::code);
    error = text("op").into_iter().fold(error, |error, name| error.operation(&name));
    error = text("account").into_iter().fold(error, |error, name| error.account(&name));
    if let Some(result) = fields.get("result") {
        error = error.reply(Map::from_iter([("result".into(), result.clone())]));
    }
    match (text("file"), number("line"), number("column")) {
        (Some(file), Some(line), Some(column)) => {
            error.at(Place { file, line: line as usize, column: column as usize })
        }
        _ => error,
    }
}

fn no_such_function(engine: &Engine, signature: &str) -> Error {
    let name = signature.split([' ', '(']).next().unwrap_or(signature);
    let Some((module, function)) = name.rsplit_once("::") else {
        return Error::new(Kind::Script, format!("there is no function {signature}"))
            .hint("the name, the number of arguments or their types differ");
    };
    let functions = functions_of(engine, module);
    let error = Error::new(Kind::Script, format!("there is no function `{signature}`"));
    if functions.iter().any(|known| known == function) {
        return error
            .hint(format!("`{name}` exists, but takes other arguments: `juben doc {}`", name.replace("::", ".")));
    }
    match nearest(function, functions.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{module}::{near}`?")),
        None => error.hint(format!("`juben ops {module}` lists what `{module}` has")),
    }
}

fn no_such_module(engine: &Engine, name: &str) -> Error {
    let error = Error::new(Kind::Script, format!("there is no module `{name}`"));
    let modules = modules_of(engine);
    match nearest(name, modules.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("a module of your own is a file beside the script: import \"name\" as name;"),
    }
}

fn signatures(engine: &Engine) -> Vec<String> {
    engine.gen_fn_signatures(false)
}

fn functions_of(engine: &Engine, module: &str) -> Vec<String> {
    let prefix = format!("{module}::");
    let all = signatures(engine);
    let names =
        all.iter().filter_map(|signature| signature.strip_prefix(&prefix)?.split('(').next().map(str::to_owned));
    names.collect()
}

fn modules_of(engine: &Engine) -> Vec<String> {
    let mut modules: Vec<_> = signatures(engine)
        .iter()
        .filter_map(|it| Some(it.split('(').next()?.rsplit_once("::")?.0.to_owned()))
        .collect();
    modules.sort();
    modules.dedup();
    modules
}

/// Reading a field that is not there names those that are.
pub(super) fn no_such_field(map: &Map, name: &str) -> Box<EvalAltResult> {
    let known = || map.keys().map(|known| known.as_str());
    let hint = match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there are: {}. A field that may be absent: `\"{name}\" in value`",
            known().collect::<Vec<_>>().join(", ")
        ),
    };
    let fields = [
        ("kind".into(), Kind::Script.name().into()),
        ("message".into(), format!("there is no field `{name}`").into()),
        ("hint".into(), hint.into()),
    ];
    EvalAltResult::ErrorRuntime(Map::from_iter(fields).into(), Position::NONE).into()
}
