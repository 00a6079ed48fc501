//! A walk through a script that knows which names can be seen at each place.

use super::{Function, Scope, Tree};
use rhai::{Expr, FlowControl, FnCallExpr, FnPtr, Ident, Namespace, Position, Stmt, StmtBlock};

/// A call of a function, in any form.
pub(in crate::analysis) struct Call<'a> {
    /// The function and the arguments.
    pub(in crate::analysis) of: &'a FnCallExpr,
    /// The function's name.
    pub(in crate::analysis) at: Position,
    /// Whether it is written as `value.name(…)`.
    pub(in crate::analysis) is_method: bool,
    /// Whether nobody takes its value.
    pub(in crate::analysis) is_dropped: bool,
}

/// What is done on the way; each is told before what is inside of it.
pub(in crate::analysis) trait Visitor {
    /// A call, or an operator.
    fn call(&mut self, _call: &Call<'_>, _scope: &Scope) {}
    /// A variable that is used.
    fn variable(&mut self, _name: &str, _of: &Namespace, _at: Position, _scope: &Scope) {}
    /// An import, before its name can be seen.
    fn import(&mut self, _module: &Expr, _alias: &Ident, _at: Position, _scope: &Scope) {}
    /// A field, as a map names it or as it is asked for.
    fn field(&mut self, _name: &str) {}
    /// What a value is assigned to.
    fn assigned(&mut self, _target: &Expr) {}
    /// A variable, a parameter or a constant that can be seen from here on.
    fn defined(&mut self, _name: &str, _scope: &Scope) {}
}

impl Tree {
    /// Walk through all of it.
    pub(in crate::analysis) fn walk(&self, visitor: &mut impl Visitor) {
        self.walk_body(visitor);
        self.functions.iter().for_each(|function| self.walk_function(function, visitor));
    }

    /// Walk through what is in no function.
    pub(in crate::analysis) fn walk_body(&self, visitor: &mut impl Visitor) {
        let mut walk = Walk { tree: self, visitor, scope: Scope::default() };
        walk.statements(&self.body, Value::Taken);
    }

    /// Walk through a function. It sees the imports of the script.
    pub(in crate::analysis) fn walk_function(&self, function: &Function, visitor: &mut impl Visitor) {
        let mut walk = Walk { tree: self, visitor, scope: Scope::default() };
        for statement in &self.body {
            if let Stmt::Import(import, _) = statement {
                walk.scope.add_import(&import.1.name, literal_text(&import.0));
            }
        }
        walk.function(function);
    }
}

/// The text of a literal.
pub(in crate::analysis) fn literal_text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::StringConstant(text, _) => Some(text),
        _ => None,
    }
}

/// The first link of what follows in a chain: of `a["b"].c` the chain goes on after `a` by `"b"`, then `c`.
pub(in crate::analysis) fn first(rest: &Expr) -> &Expr {
    match rest {
        Expr::Dot(pair, _, _) | Expr::Index(pair, _, _) => &pair.lhs,
        other => other,
    }
}

/// Whether somebody takes the value of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Taken,
    Dropped,
}

struct Walk<'a, V> {
    tree: &'a Tree,
    visitor: &'a mut V,
    scope: Scope,
}

impl<V: Visitor> Walk<'_, V> {
    fn function(&mut self, function: &Function) {
        let before = self.scope.enter();
        let outer = std::mem::replace(&mut self.scope.in_function, true);
        function.parameters.iter().for_each(|name| self.define(name));
        self.statements(&function.body, Value::Taken);
        self.scope.in_function = outer;
        self.scope.leave(before);
    }

    /// A closure is walked through where it is made. It sees what it captures, which are its first parameters.
    fn closure(&mut self, pointer: &FnPtr) {
        let Some(closure) = self.tree.closures.get(pointer.fn_name()) else { return };
        let mut inner = Walk { tree: self.tree, visitor: &mut *self.visitor, scope: self.scope.only_imports() };
        inner.function(closure);
    }

    fn define(&mut self, name: &str) {
        self.scope.add_variable(name);
        self.visitor.defined(name, &self.scope);
    }

    /// Statements one after the other; the value of the last is the value of all.
    fn statements(&mut self, statements: &[Stmt], value: Value) {
        let Some((last, others)) = statements.split_last() else { return };
        others.iter().for_each(|statement| self.statement(statement, Value::Dropped));
        self.statement(last, value);
    }

    fn block(&mut self, block: &StmtBlock, value: Value) {
        let before = self.scope.enter();
        self.statements(block.statements(), value);
        self.scope.leave(before);
    }

    fn statement(&mut self, statement: &Stmt, value: Value) {
        match statement {
            Stmt::Expr(expression) => self.expression_for(expression, value),
            Stmt::FnCall(call, at) => self.call(call, *at, false, value),
            Stmt::Var(variable, _, _) => {
                self.expression(&variable.1);
                self.define(&variable.0.name);
            }
            Stmt::Assignment(assignment) => {
                self.visitor.assigned(&assignment.1.lhs);
                self.expression(&assignment.1.lhs);
                self.expression(&assignment.1.rhs);
            }
            Stmt::If(flow, _) => {
                self.expression(&flow.expr);
                self.block(&flow.body, value);
                self.block(&flow.branch, value);
            }
            Stmt::Switch(switch, _) => {
                self.expression(&switch.0);
                for case in &switch.1.expressions {
                    self.expression(&case.lhs);
                    self.expression_for(&case.rhs, value);
                }
            }
            Stmt::While(flow, _) | Stmt::Do(flow, _, _) => {
                self.expression(&flow.expr);
                self.block(&flow.body, Value::Dropped);
            }
            Stmt::For(each, _) => {
                let (name, counter, flow) = &**each;
                self.expression(&flow.expr);
                let before = self.scope.enter();
                std::iter::once(name).chain(counter).for_each(|name| self.define(&name.name));
                self.block(&flow.body, Value::Dropped);
                self.scope.leave(before);
            }
            Stmt::TryCatch(flow, _) => self.try_catch(flow),
            Stmt::Block(block) => self.block(block, value),
            Stmt::BreakLoop(expression, _, _) | Stmt::Return(expression, _, _) => {
                expression.iter().for_each(|expression| self.expression(expression));
            }
            Stmt::Import(import, at) => {
                let (module, alias) = &**import;
                self.expression(module);
                self.visitor.import(module, alias, *at, &self.scope);
                self.scope.add_import(&alias.name, literal_text(module));
            }
            Stmt::Export(export, at) => {
                self.visitor.variable(&export.0.name, &Namespace::NONE, *at, &self.scope);
            }
            // What a closure captures is told at the closure.
            Stmt::Share(_) | Stmt::Noop(_) => {}
            other => unreachable!("a statement that the walk does not know: {other:?}"),
        }
    }

    fn try_catch(&mut self, flow: &FlowControl) {
        // Who tries a call wants to know whether it throws.
        self.block(&flow.body, Value::Taken);
        let before = self.scope.enter();
        if let Expr::Variable(name, _, _) = &flow.expr {
            self.define(&name.1);
        }
        self.block(&flow.branch, Value::Dropped);
        self.scope.leave(before);
    }

    fn expression(&mut self, expression: &Expr) {
        self.expression_for(expression, Value::Taken);
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) {
        expressions.into_iter().for_each(|expression| self.expression(expression));
    }

    fn expression_for(&mut self, expression: &Expr, value: Value) {
        match expression {
            Expr::FnCall(call, at) => self.call(call, *at, false, value),
            Expr::MethodCall(call, at) => self.call(call, *at, true, value),
            Expr::Stmt(block) => self.block(block, value),
            Expr::Variable(variable, _, at) => self.visitor.variable(&variable.1, &variable.2, *at, &self.scope),
            Expr::Property(property, _) => self.visitor.field(&property.2),
            Expr::Dot(pair, _, _) => self.expressions([&pair.lhs, &pair.rhs]),
            Expr::Index(pair, _, _) => {
                literal_text(first(&pair.rhs)).into_iter().for_each(|name| self.visitor.field(name));
                self.expressions([&pair.lhs, &pair.rhs]);
            }
            Expr::InterpolatedString(items, _) | Expr::Array(items, _) => self.expressions(items.iter()),
            Expr::And(items, _) | Expr::Or(items, _) | Expr::Coalesce(items, _) => self.expressions(items.iter()),
            Expr::Map(map, _) => {
                for (name, field) in &map.0 {
                    self.visitor.field(&name.name);
                    self.expression(field);
                }
            }
            Expr::DynamicConstant(constant, _) => {
                if let Some(pointer) = constant.read_lock::<FnPtr>() {
                    self.closure(&pointer);
                }
            }
            Expr::Custom(custom, _) => self.expressions(custom.inputs.iter()),
            Expr::BoolConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::FloatConstant(..)
            | Expr::CharConstant(..)
            | Expr::StringConstant(..)
            | Expr::Unit(_)
            | Expr::ThisPtr(_) => {}
            other => unreachable!("an expression that the walk does not know: {other:?}"),
        }
    }

    fn call(&mut self, call: &FnCallExpr, at: Position, is_method: bool, value: Value) {
        let is_dropped = value == Value::Dropped;
        self.visitor.call(&Call { of: call, at, is_method, is_dropped }, &self.scope);
        self.expressions(call.args.iter());
    }
}
