//! What is known of a value before the script runs: what is written out.

use crate::catalog::{Effect, Operation, Unknown, equals};
use rhai::{Array, Dynamic, Expr, FnPtr, Map};

/// The value of an expression, with [`Unknown`] for what is not written out.
pub(in crate::analysis) fn value(expression: &Expr) -> Dynamic {
    match expression {
        Expr::Map(fields, _) => {
            let fields = fields.0.iter().map(|(name, field)| (name.name.as_str().into(), value(field)));
            Dynamic::from_map(fields.collect::<Map>())
        }
        Expr::Array(items, _) => Dynamic::from_array(items.iter().map(value).collect::<Array>()),
        Expr::DynamicConstant(constant, _) if !constant.is::<FnPtr>() => (**constant).clone(),
        Expr::BoolConstant(flag, _) => (*flag).into(),
        Expr::IntegerConstant(number, _) => (*number).into(),
        Expr::FloatConstant(number, _) => (**number).into(),
        Expr::CharConstant(character, _) => (*character).into(),
        Expr::StringConstant(text, _) => text.clone().into(),
        Expr::Unit(_) => Dynamic::UNIT,
        _ => unknown(),
    }
}

/// A value of which nothing is known.
pub(in crate::analysis) fn unknown() -> Dynamic {
    Dynamic::from(Unknown)
}

/// The fields that a call gives to an operation, as far as they are written out: one map, or the required ones in order.
pub(in crate::analysis) fn fields(operation: &Operation, arguments: &[Expr]) -> Option<Map> {
    let given: Vec<Dynamic> = arguments.iter().map(value).collect();
    let may_be_map = |value: &Dynamic| value.is_map() || value.is::<Unknown>();
    match &given[..] {
        [] => Some(Map::new()),
        [first, ..] if first.is_map() => first.clone().try_cast(),
        [first] if first.is::<Unknown>() => None,
        [first, second] if first.is::<Unknown>() && may_be_map(second) => None,
        _ => {
            let names = operation.positional()?;
            let fits = given.len() == names.len() || given.len() == names.len() + 1;
            fits.then(|| names.iter().map(|name| name.as_str().into()).zip(given).collect())
        }
    }
}

/// Whether these arguments may end with options that add fields, by `extra`.
pub(in crate::analysis) fn may_add_fields(arguments: &[Expr]) -> bool {
    let options = arguments.get(1..).and_then(<[Expr]>::last).map(value);
    options.is_some_and(|it| it.is::<Unknown>() || it.as_map_ref().is_ok_and(|it| it.contains_key("extra")))
}

/// The strongest effect that a call with these fields can have; of any call when they are not known.
pub(in crate::analysis) fn effect(operation: &Operation, fields: Option<&Map>) -> Effect {
    let effects = &operation.effects;
    let mut strongest = None;
    for case in &effects.when {
        let given = fields.map(|fields| fields.get(case.field.as_str()));
        let (may, must) = match given {
            Some(Some(given)) if !given.is::<Unknown>() => (equals(given, &case.equals), equals(given, &case.equals)),
            Some(None) => (false, false),
            _ => (true, false),
        };
        if may {
            strongest = strongest.max(Some(case.effect));
        }
        if must {
            return strongest.unwrap_or(case.effect);
        }
    }
    strongest.max(Some(effects.default)).unwrap_or(effects.default)
}
