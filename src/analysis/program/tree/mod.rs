//! A script as a tree: its statements, its functions with their bodies, and a walk through them.

mod scope;
mod spans;
mod walk;

pub(in crate::analysis) use scope::Scope;
pub(in crate::analysis) use spans::Spans;
pub(in crate::analysis) use walk::{Call, Visitor, first, literal_text};

use crate::analysis::speak;
use rhai::{
    AST, ASTFlags, ASTNode, Engine, FnAccess, Module, OptimizationLevel, ParseError, ScriptFuncDef, Shared, Stmt,
};
use std::collections::HashMap;

/// A text that was parsed.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Tree {
    body: Vec<Stmt>,
    /// The functions, in the order of the text.
    pub(in crate::analysis) functions: Vec<Function>,
    closures: HashMap<String, Function>,
}

/// A function or a closure of the text.
#[derive(Debug)]
pub(in crate::analysis) struct Function {
    pub(in crate::analysis) name: String,
    /// Those of a closure begin with what it captures.
    pub(in crate::analysis) parameters: Vec<String>,
    pub(in crate::analysis) private: bool,
    /// Whether it is a method of a type, `fn int.double()`, which everyone sees who imports its file.
    pub(in crate::analysis) of_type: bool,
    body: Vec<Stmt>,
}

impl Function {
    /// `renew(rows, days)`
    pub(in crate::analysis) fn signature(&self) -> String {
        format!("{}({})", self.name, self.parameters.join(", "))
    }
}

impl Tree {
    /// Literal maps and arrays stay as they are written, with the places of their fields.
    pub(in crate::analysis) fn parse(text: &str) -> Result<Tree, ParseError> {
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
                of_type: definition.this_type.is_some(),
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

    /// The names of the constants outside of functions.
    pub(in crate::analysis) fn constants(&self) -> impl Iterator<Item = &str> {
        self.body.iter().filter_map(|statement| match statement {
            Stmt::Var(variable, flags, _) if flags.contains(ASTFlags::CONSTANT) => Some(variable.0.name.as_str()),
            _ => None,
        })
    }

    /// The names of the values that others can read.
    pub(in crate::analysis) fn exports(&self) -> impl Iterator<Item = &str> {
        self.body.iter().filter_map(|statement| match statement {
            Stmt::Var(variable, flags, _) if flags.contains(ASTFlags::EXPORTED) => Some(variable.0.name.as_str()),
            Stmt::Export(export, _) if export.1.name.is_empty() => Some(export.0.name.as_str()),
            Stmt::Export(export, _) => Some(export.1.name.as_str()),
            _ => None,
        })
    }

    /// The functions of that name.
    pub(in crate::analysis) fn forms<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Function> {
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
