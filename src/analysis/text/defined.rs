//! What a text defines by itself: functions, imports, and the variables that are seen at a place.

use super::{Function, Span, words::Words};

/// A function that a text defines.
pub(in crate::analysis) struct Defined {
    pub(in crate::analysis) function: Function,
    /// Its name.
    pub(in crate::analysis) span: Span,
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
    let starts = (0..words.tokens.len()).filter(|index| words.get(*index) == "fn" && words.is_free_name(index + 1));
    starts.map(|index| function(words, index)).collect()
}

fn function(words: &Words<'_>, index: usize) -> Defined {
    let private = words.before(index) == "private";
    let first = index - usize::from(private);
    let comments = (0..first).rev().take_while(|index| words.is_comment(*index)).map(|index| words.get(index));
    let mut comments: Vec<_> = comments.take_while(|it| it.starts_with("///")).collect();
    comments.reverse();
    let lines: Vec<_> = comments.iter().map(|line| line[3..].strip_prefix(' ').unwrap_or(&line[3..])).collect();
    let function = Function {
        module: String::new(),
        name: words.get(index + 1).to_owned(),
        parameters: parameters(words, index).map(|it| words.get(it).to_owned()).collect(),
        text: lines.join("\n"),
        imported: false,
    };
    Defined { function, span: words.span(index + 1), private }
}

/// The parameters of the function that begins with `fn` here.
fn parameters<'w>(words: &'w Words<'_>, index: usize) -> impl Iterator<Item = usize> + 'w {
    let start = if words.get(index + 2) == "(" { index + 3 } else { words.tokens.len() };
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
            "fn" if words.is_free_name(index + 1) => {
                function_comes = true;
                coming = parameters(words, index).map(|it| local(it, Origin::Unknown)).collect();
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
