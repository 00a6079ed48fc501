//! A script as a tree: its statements, its functions with their bodies, and a walk through them.

mod scope;
mod walk;

pub(super) use scope::Scope;
pub(super) use walk::{Call, Visitor, literal_text};

use super::{Source, Span, dialect::speak, tokens};
use rhai::{
    AST, ASTNode, Engine, FnAccess, Module, OptimizationLevel, ParseError, Position, ScriptFuncDef, Shared, Stmt,
};
use std::collections::HashMap;

/// A text that was parsed.
#[derive(Debug, Default)]
pub(super) struct Tree {
    body: Vec<Stmt>,
    /// The functions, in the order of the text.
    pub(super) functions: Vec<Function>,
    closures: HashMap<String, Function>,
}

/// A function or a closure of the text.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// Those of a closure begin with what it captures.
    pub(super) parameters: Vec<String>,
    pub(super) private: bool,
    body: Vec<Stmt>,
}

impl Function {
    /// `renew(rows, days)`
    pub(super) fn signature(&self) -> String {
        format!("{}({})", self.name, self.parameters.join(", "))
    }
}

impl Tree {
    /// Literal maps and arrays stay as they are written, with the places of their fields.
    pub(super) fn parse(text: &str) -> Result<Tree, ParseError> {
        let mut engine = Engine::new_raw();
        speak(&mut engine);
        engine.set_optimization_level(OptimizationLevel::None);
        let ast = engine.compile(text)?;
        let mut tree = Tree { body: ast.statements().to_vec(), ..Tree::default() };
        let mut functions: Vec<_> = ast.iter_fn_def().collect();
        functions.sort_by_key(|it| it.body.start_position());
        for definition in functions {
            let function = Function {
                name: definition.name.to_string(),
                parameters: definition.params.iter().map(ToString::to_string).collect(),
                private: definition.access == FnAccess::Private,
                body: body_of(definition),
            };
            // No other function has such a name.
            if function.name.contains('$') {
                tree.closures.insert(function.name.clone(), function);
            } else {
                tree.functions.push(function);
            }
        }
        Ok(tree)
    }

    /// The functions of that name.
    pub(super) fn forms<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |it| it.name == name)
    }
}

/// The language does not hand out what is in a function, except to those who walk through a tree: here one that has
/// nothing else.
fn body_of(definition: &Shared<ScriptFuncDef>) -> Vec<Stmt> {
    let mut alone = Module::new();
    alone.set_script_fn(definition.clone());
    let mut body = Vec::new();
    AST::new([], alone).walk(&mut |path: &[ASTNode]| {
        if let [ASTNode::Stmt(statement)] = path {
            body.push((*statement).clone());
        }
        true
    });
    body
}

/// The pieces of a text, to tell where the piece that begins at a position ends.
pub(super) struct Spans<'a> {
    source: &'a Source,
    /// Where each line begins.
    lines: Vec<usize>,
    tokens: Vec<super::Token>,
}

impl<'a> Spans<'a> {
    pub(super) fn new(source: &'a Source) -> Spans<'a> {
        let ends = source.text.match_indices('\n').map(|(end, _)| end + 1);
        Spans { source, lines: std::iter::once(0).chain(ends).collect(), tokens: tokens(&source.text) }
    }

    /// The byte of a position; the start of the text if it has none.
    pub(super) fn offset(&self, position: Position) -> usize {
        let start = position.line().and_then(|line| self.lines.get(line - 1)).copied().unwrap_or(0);
        let line = self.source.text[start..].lines().next().unwrap_or_default();
        let before = position.position().unwrap_or(1).saturating_sub(1);
        start + line.chars().take(before).map(char::len_utf8).sum::<usize>()
    }

    /// The piece at a position.
    pub(super) fn piece(&self, position: Position) -> Span {
        let at = self.offset(position);
        let next = self.tokens.partition_point(|token| token.span.end <= at);
        match self.tokens.get(next) {
            Some(token) if token.span.start <= at => at..token.span.end,
            _ => at..(at + 1).min(self.source.text.len()).max(at),
        }
    }

    /// From the piece at one position to the piece at another.
    pub(super) fn from_to(&self, first: Position, last: Position) -> Span {
        let (first, last) = (self.piece(first), self.piece(last));
        if first.start <= last.start { first.start..last.end } else { last }
    }
}
