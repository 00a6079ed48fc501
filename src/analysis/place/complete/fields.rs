//! The keys of a map: the parameters of the very operation that it is given to, or options.

use super::{ItemKind, Offers};
use crate::{
    analysis::{
        Function,
        place::context::{Context, FrameKind, Inside},
        place::shapes::about,
        place::view::View,
        place::wanted::{self, Wanted},
    },
    catalog::OPTIONS,
};

pub(super) fn offer(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    let Some(frame) = context.innermost(FrameKind::Map) else { return };
    let Some(wanted) = view.wanted(context) else { return };
    let after_word = context.before + usize::from(!context.word.is_empty() || context.inside == Inside::Text);
    let given = frame.all_keys(&view.words, after_word);
    let quoted = context.inside == Inside::Text;
    let after_quote = if view.words.text[context.word.end..].starts_with('"') { "" } else { "\": " };
    let mut offer = |name: &str, detail: &dyn Fn() -> String| {
        if given.contains(&name) {
            return;
        }
        match (quoted, rhai::is_valid_function_name(name)) {
            (true, _) => offers.add(name, ItemKind::Field, after_quote, detail),
            (false, true) => offers.add(name, ItemKind::Field, ": ", detail),
            (false, false) => offers.add_as(name, &format!("{name:?}"), ItemKind::Field, ": ", detail),
        }
    };
    match &wanted {
        Wanted::Field(..) => {
            let Some(schema) = wanted.schema() else { return };
            for (name, field, required) in schema.in_order() {
                offer(name, &|| about(field, required));
            }
        }
        Wanted::CallOptions => of_any_call(&mut offer),
        Wanted::Options(function) => of_function(view, function, &mut offer),
        _ => {}
    }
}

type Offer<'o> = dyn FnMut(&str, &dyn Fn() -> String) + 'o;

fn of_any_call(offer: &mut Offer<'_>) {
    for option in &OPTIONS {
        offer(option.name, &|| format!("{}: {}", option.expected, option.summary));
    }
}

fn of_function(view: &View<'_>, function: &Function, offer: &mut Offer<'_>) {
    let mut options = function.options(wanted::OPTIONS);
    for other in std::mem::take(&mut options.as_of) {
        for form in view.library.forms(&function.module, &other) {
            let more = form.options(wanted::OPTIONS);
            options.fields.extend(more.fields);
            options.of_any_call |= more.of_any_call;
        }
    }
    for (name, detail) in &options.fields {
        offer(name, &|| detail.clone());
    }
    if options.of_any_call {
        of_any_call(offer);
    }
}
