//! Do the parameters and options that are written out fit the operation?

use super::checker::{Checker, said};
use crate::{
    Error,
    analysis::{Span, program::literal, program::tree::Call},
    catalog::{Fault, Operation, Problem, Schema, Unknown, check, check_option},
};
use rhai::{Dynamic, Expr, Map};

/// How many problems of one call are told.
const MOST: usize = 20;

/// The parameters of a call as they are written.
pub(super) enum Written<'a> {
    /// As a map.
    Map(&'a Expr),
    /// One after the other, with their names.
    InOrder(Vec<(&'a str, &'a Expr)>),
}

impl Checker<'_> {
    pub(super) fn call_of_operation(&mut self, operation: &Operation, call: &Call<'_>) {
        let arguments = &call.of.args[..];
        let is =
            |at: usize, kind: fn(&Dynamic) -> bool| arguments.get(at).map(literal::value).is_some_and(|it| kind(&it));
        let is_unknown = |at| is(at, |value| value.is::<Unknown>());
        let in_order = operation.positional().filter(|names| {
            names.len() == arguments.len()
                || (names.len() + 1 == arguments.len() && (is_unknown(names.len()) || is(names.len(), Dynamic::is_map)))
        });
        let as_map = arguments.len() <= 2 && (arguments.is_empty() || is(0, Dynamic::is_map) || is_unknown(0));
        let with_options = arguments.len() == 2 && (is(1, Dynamic::is_map) || is_unknown(1));
        let name = operation.full_name();
        match in_order {
            _ if as_map && (arguments.len() < 2 || with_options) => {
                let written = arguments.first().map_or(Written::InOrder(Vec::new()), Written::Map);
                self.fields(&operation.input, &name, &written, self.span_of(call));
                arguments.get(1).into_iter().for_each(|options| self.options(options, &name));
            }
            Some(names) if !is(0, Dynamic::is_map) => {
                let written = names.iter().map(String::as_str).zip(arguments).collect();
                self.fields(&operation.input, &name, &Written::InOrder(written), self.span_of(call));
                arguments.get(names.len()).into_iter().for_each(|options| self.options(options, &name));
            }
            _ => {
                let error = said(format!("it takes {}", operation.forms())).operation(&name);
                let error = error.hinted(operation.example_call().map(|call| format!("for example {call}")));
                self.error("wrong_arguments", self.span_of(call), error);
            }
        }
    }

    /// All that is wrong with the fields, each told where it is written; what is missing, at `call`.
    pub(super) fn fields(&mut self, schema: &Schema, operation: &str, written: &Written<'_>, call: Span) {
        let mut given = match written {
            Written::Map(expression) => match literal::value(expression).try_cast::<Map>() {
                Some(fields) => fields,
                None => return,
            },
            Written::InOrder(values) => {
                values.iter().map(|(name, value)| ((*name).into(), literal::value(value))).collect()
            }
        };
        for _ in 0..MOST {
            let Err(problem) = check(schema, &given) else { return };
            let span = self.span_of_problem(&problem, written).unwrap_or_else(|| call.clone());
            let mended = mend(&mut given, &problem);
            let code = match problem.fault {
                Fault::Unknown => "unknown_field",
                Fault::Missing => "missing_field",
                Fault::Wrong => "wrong_value",
            };
            self.error(code, span, Error::from(problem).operation(operation));
            if !mended {
                return;
            }
        }
    }

    fn options(&mut self, options: &Expr, operation: &str) {
        let Expr::Map(fields, _) = options else { return };
        for (name, value) in &fields.0 {
            let Err(problem) = check_option(&name.name, &literal::value(value)) else { continue };
            let (code, span) = match problem.fault {
                Fault::Unknown => ("unknown_option", self.spans.piece(name.pos)),
                _ => ("wrong_option", self.spans.value(value.start_position())),
            };
            self.error(code, span, Error::from(problem).operation(operation));
        }
    }

    /// Where the value of a problem is written; of one that is missing, where the map begins that lacks it.
    fn span_of_problem(&self, problem: &Problem, written: &Written<'_>) -> Option<Span> {
        let (expression, rest) = match written {
            Written::Map(map) => (*map, problem.path.as_str()),
            Written::InOrder(values) => {
                let (name, value) = values.iter().find(|(name, _)| step(&problem.path, name).is_some())?;
                (*value, step(&problem.path, name)?)
            }
        };
        let is_top = matches!(written, Written::Map(_));
        self.span_in(expression, rest, problem.fault, is_top)
    }

    fn span_in(&self, expression: &Expr, rest: &str, fault: Fault, is_top: bool) -> Option<Span> {
        match expression {
            _ if rest.is_empty() && !is_top => Some(self.spans.value(expression.start_position())),
            Expr::Map(fields, at) => {
                let mut fields =
                    fields.0.iter().filter_map(|(name, value)| Some((name, value, step(rest, &name.name)?)));
                match fields.next() {
                    Some((name, _, "")) if fault == Fault::Unknown => Some(self.spans.piece(name.pos)),
                    Some((_, value, rest)) => self.span_in(value, rest, fault, false),
                    None => (!is_top).then(|| self.spans.value(*at)),
                }
            }
            Expr::Array(items, at) => {
                let (index, rest) = index(rest).unwrap_or((usize::MAX, ""));
                match items.get(index) {
                    Some(item) => self.span_in(item, rest, fault, false),
                    None => Some(self.spans.value(*at)),
                }
            }
            _ => Some(self.spans.value(expression.start_position())),
        }
    }
}

/// What follows this name in a path such as `books[3].expire_time`.
fn step<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(name)?;
    rest.strip_prefix('.').or((rest.is_empty() || rest.starts_with('[')).then_some(rest))
}

/// The number in brackets at the start of a path, and what follows.
fn index(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
}

/// Take a problem out of the fields, so that the next one is found. Nothing can be done where one of several is missing.
fn mend(fields: &mut Map, problem: &Problem) -> bool {
    let Some(name) = fields.keys().find(|name| step(&problem.path, name).is_some()).cloned() else {
        let can = problem.fault == Fault::Missing && !problem.path.is_empty();
        return can && fields.insert(problem.path.as_str().into(), literal::unknown()).is_none();
    };
    let rest = step(&problem.path, &name).unwrap_or_default();
    if rest.is_empty() && problem.fault == Fault::Unknown {
        // What was misspelt is not missing, too.
        if let Some(meant) = &problem.meant {
            fields.entry(meant.as_str().into()).or_insert_with(literal::unknown);
        }
        return fields.remove(&name).is_some();
    }
    fields.get_mut(&name).is_some_and(|value| mend_value(value, rest, problem))
}

fn mend_value(value: &mut Dynamic, rest: &str, problem: &Problem) -> bool {
    if rest.is_empty() {
        *value = literal::unknown();
        return true;
    }
    if let Some((index, rest)) = index(rest) {
        let items = value.as_array_mut().ok();
        return items.is_some_and(|mut items| items.get_mut(index).is_some_and(|it| mend_value(it, rest, problem)));
    }
    let inner = Problem { path: rest.to_owned(), ..problem.clone() };
    value.as_map_mut().is_ok_and(|mut fields| mend(&mut fields, &inner))
}
