//! Where a name is defined.

use super::{
    Find, Source, Span,
    context::{Context, Inside, callee},
    defined::{self, Imported},
    words::Words,
};
use crate::error::Place;

/// Where the name at byte `at` is defined: in this text (whose name is `name`), or in an imported module.
pub fn definition(name: &str, text: &str, at: usize, find: Find<'_>) -> Option<Place> {
    let words = Words::of(text);
    let index = words.at(at)?;
    let imports = defined::imports(&words);
    let start = |import: &Imported<'_>| Some(find(name, import.name)?.place(0));
    if let Some(imported) = words.quoted(index).filter(|_| words.before(index) == "import") {
        return Some(find(name, imported)?.place(0));
    }
    if !words.is_name(index) {
        return None;
    }
    let imported = |alias: &str| imports.iter().find(|it| it.alias == alias);
    let called = callee(&words, index);
    if !called.module.is_empty() {
        let module = find(name, imported(called.module)?.name)?;
        let span = function(&Words::of(&module.text), called.name, false)?;
        return Some(module.place(span.start));
    }
    let follows = words.get(index + 1);
    if (follows == "::" || words.before(index) == "as")
        && let Some(import) = imported(called.name)
    {
        return start(import);
    }
    let own = || function(&words, called.name, true);
    let span = if follows == "(" || words.before(index) == "fn" { own() } else { variable(&words, index).or_else(own) };
    Some(Source::new(name, text).place(span.filter(|_| !called.is_method)?.start))
}

fn function(words: &Words<'_>, name: &str, own: bool) -> Option<Span> {
    let functions = defined::functions(words).into_iter();
    functions.filter(|it| own || !it.private).find(|it| it.function.name == name).map(|it| it.span)
}

/// The nearest variable of that name, or the word itself where it is defined.
fn variable(words: &Words<'_>, index: usize) -> Option<Span> {
    let context = Context::of(words, words.span(index).start);
    if context.inside != Inside::Code {
        return None;
    }
    // A definition is seen only after its name.
    let seen = defined::seen(words, index + 1);
    seen.locals.into_iter().find(|local| local.name == words.get(index)).map(|local| local.span)
}
