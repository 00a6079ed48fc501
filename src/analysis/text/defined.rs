//! What a text defines by itself: functions, imports, and the variables that are seen at a place.

use super::{Function, Span, words::Words};

/// A function that a text defines.
pub(in crate::analysis) struct Defined {
    pub(in crate::analysis) function: Function,
    /// Its name.
    pub(in crate::analysis) span: Span,
    /// All of it, to the end of its body.
    pub(in crate::analysis) whole: Span,
    /// Whether only its own text sees it.
    pub(in crate::analysis) private: bool,
}

/// `import "name" as alias`; the alias may be missing.
pub(in crate::analysis) struct Imported<'a> {
    pub(in crate::analysis) name: &'a str,
    /// The name, with its quotes.
    pub(in crate::analysis) span: Span,
    pub(in crate::analysis) alias: &'a str,
}

/// A variable or constant.
#[derive(Clone)]
pub(in crate::analysis) struct Local<'a> {
    pub(in crate::analysis) name: &'a str,
    pub(in crate::analysis) span: Span,
    pub(in crate::analysis) origin: Origin,
}

/// Where the value of a variable comes from.
#[derive(Clone, Copy)]
pub(in crate::analysis) enum Origin {
    /// The expression that begins at this token.
    Expression(usize),
    /// Each item of the chain that begins there, and ends before the other.
    ItemOf(usize, usize),
    /// It is the parameter of a function, or a counter.
    Unknown,
}

/// The functions that a text defines.
pub(in crate::analysis) fn functions(words: &Words<'_>) -> Vec<Defined> {
    let starts = (0..words.tokens.len()).filter_map(|index| Some((index, name_of_function(words, index)?)));
    starts.map(|(index, name)| function(words, index, name)).collect()
}

/// The functions that a text defines: the name of each, all of it, and `(parameters)`.
pub fn functions_of(text: &str) -> Vec<(Span, Span, String)> {
    let words = Words::of(text);
    functions(&words)
        .into_iter()
        .map(|it| (it.span, it.whole, format!("({})", it.function.parameters.join(", "))))
        .collect()
}

/// Where the name is of the function that begins with `fn` here: `fn name(…)`, `fn type.name(…)`.
fn name_of_function(words: &Words<'_>, index: usize) -> Option<usize> {
    let is_method = words.get(index + 2) == ".";
    let name = if is_method { index + 3 } else { index + 1 };
    (words.get(index) == "fn" && words.is_free_name(name)).then_some(name)
}

fn function(words: &Words<'_>, index: usize, name: usize) -> Defined {
    let private = words.before(index) == "private";
    let first = index - usize::from(private);
    let comments = (0..first).rev().take_while(|index| words.is_comment(*index)).map(|index| words.get(index));
    let mut comments: Vec<_> = comments.take_while(|it| it.starts_with("///")).collect();
    comments.reverse();
    let lines: Vec<_> = comments.iter().map(|line| line[3..].strip_prefix(' ').unwrap_or(&line[3..])).collect();
    let function = Function {
        module: String::new(),
        name: words.get(name).to_owned(),
        parameters: parameters(words, name).map(|it| words.get(it).to_owned()).collect(),
        text: lines.join("\n"),
        imported: false,
    };
    let end = words.closer(name + 1).and_then(|close| words.closer(close + 1));
    let end = end.map_or(words.text.len(), |close| words.span(close).end);
    Defined { function, span: words.span(name), whole: words.span(first).start..end, private }
}

/// The parameters of the function whose name is here.
fn parameters<'w>(words: &'w Words<'_>, name: usize) -> impl Iterator<Item = usize> + 'w {
    let start = if words.get(name + 1) == "(" { name + 2 } else { words.tokens.len() };
    let listed = move |it: &usize| words.is_free_name(*it) || words.get(*it) == ",";
    (start..words.tokens.len()).take_while(listed).filter(|it| words.is_free_name(*it))
}

/// What a text imports.
pub(in crate::analysis) fn imports<'a>(words: &Words<'a>) -> Vec<Imported<'a>> {
    let import = |index: usize| {
        let name = words.quoted(index + 1).filter(|_| words.get(index) == "import")?;
        let named = words.get(index + 2) == "as" && words.is_free_name(index + 3);
        Some(Imported { name, span: words.span(index + 1), alias: if named { words.get(index + 3) } else { "" } })
    };
    (0..words.tokens.len()).filter_map(import).collect()
}

/// The names that a text imports, each with its quotes' place.
pub fn imports_of(text: &str) -> Vec<(Span, String)> {
    imports(&Words::of(text)).into_iter().map(|it| (it.span, it.name.to_owned())).collect()
}

/// What is seen after the first so many tokens.
pub(in crate::analysis) struct Seen<'a> {
    /// The last defined first.
    pub(in crate::analysis) locals: Vec<Local<'a>>,
    /// Whether that is in a function, which sees nothing from around it.
    pub(in crate::analysis) in_function: bool,
}

/// A bracket with what was defined before it opened.
struct Scope {
    bracket: usize,
    locals: usize,
    of_function: bool,
}

/// What is seen where the first so many tokens end.
pub(in crate::analysis) fn seen<'a>(words: &Words<'a>, before: usize) -> Seen<'a> {
    let mut locals: Vec<Local<'a>> = Vec::new();
    let mut scopes: Vec<Scope> = Vec::new();
    // Parameters and loop variables are seen in the block that follows.
    let mut coming: Vec<Local<'a>> = Vec::new();
    let mut function_comes = false;
    let local = |index: usize, origin| Local { name: words.get(index), span: words.span(index), origin };
    for index in 0..before {
        match words.get(index) {
            "let" | "const" if words.is_free_name(index + 1) && index + 1 < before => {
                let given = words.get(index + 2) == "=";
                let origin = if given { Origin::Expression(index + 3) } else { Origin::Unknown };
                locals.push(local(index + 1, origin));
            }
            "fn" => {
                if let Some(name) = name_of_function(words, index) {
                    function_comes = true;
                    coming = parameters(words, name).map(|it| local(it, Origin::Unknown)).collect();
                }
            }
            "for" => coming = of_loop(words, index).into_iter().map(|(it, origin)| local(it, origin)).collect(),
            "catch" if words.get(index + 1) == "(" && words.is_free_name(index + 2) => {
                coming = vec![local(index + 2, Origin::Unknown)];
            }
            "|" => {
                if let Some((names, body)) = words.closure(index)
                    && body <= before
                {
                    let origin = |place| if place == 0 { of_closure(words, index) } else { Origin::Unknown };
                    locals.extend(names.into_iter().enumerate().map(|(place, it)| local(it, origin(place))));
                }
            }
            bracket if words.is_open_bracket(index) => {
                let begins = bracket == "{";
                scopes.push(Scope { bracket: index, locals: locals.len(), of_function: begins && function_comes });
                if begins {
                    locals.append(&mut coming);
                    function_comes = false;
                }
            }
            _ if words.is_close_bracket(index) => {
                let opener = words.opener(index);
                if let Some(place) = scopes.iter().rposition(|scope| Some(scope.bracket) == opener) {
                    locals.truncate(scopes[place].locals);
                    scopes.truncate(place);
                }
            }
            _ => {}
        }
    }
    let function = scopes.iter().rev().find(|scope| scope.of_function);
    let mut locals = locals.split_off(function.map_or(0, |scope| scope.locals));
    locals.reverse();
    Seen { locals, in_function: function.is_some() }
}

/// The variables of `for x in xs` and `for (x, i) in xs`.
fn of_loop(words: &Words<'_>, index: usize) -> Vec<(usize, Origin)> {
    let pair = usize::from(words.get(index + 1) == "(");
    let names = [index + 1 + pair, index + 4];
    let first = words.is_free_name(names[0]).then(|| {
        let end = if pair == 1 { words.closer(index + 1).map_or(index + 5, |close| close + 1) } else { index + 2 };
        let origin = if words.get(end) == "in" { Origin::ItemOf(end + 1, usize::MAX) } else { Origin::Unknown };
        (names[0], origin)
    });
    let second = (pair == 1 && words.is_free_name(names[1])).then_some((names[1], Origin::Unknown));
    first.into_iter().chain(second).collect()
}

/// The first parameter of `xs.map(|x| …)` is an item of what the method belongs to.
fn of_closure(words: &Words<'_>, index: usize) -> Origin {
    let is_method = index >= 4 && words.before(index) == "(" && words.get(index - 3) == ".";
    match is_method.then(|| words.chain_start(index - 3)) {
        Some(start) if start < index - 3 => Origin::ItemOf(start, index - 3),
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_with_their_names_their_whole_and_their_parameters() {
        let text = "private fn a(x, y) { { } }\nfn int.double(by) { fn_1 }\nfn half(";
        let found = functions_of(text);
        let found = found.iter().map(|(name, whole, it)| (&text[name.clone()], &text[whole.clone()], &**it));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                ("a", "private fn a(x, y) { { } }", "(x, y)"),
                ("double", "fn int.double(by) { fn_1 }", "(by)"),
                ("half", "fn half(", "()"),
            ]
        );
    }
}
