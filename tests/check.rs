//! `juben check`: what it finds in broken scripts, what it says of rights, and that nothing is passed over.

use juben::{
    analysis::{Find, Library, Rights, Source, check},
    catalog::{Catalog, Effect},
    engine::{finder, library},
};
use std::{path::PathBuf, sync::OnceLock};

fn everything() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| library(Catalog::builtin()))
}

fn rights_with(text: &str, find: Find<'_>) -> Rights {
    check(&Source::new("test.rhai", text), everything(), find).rights
}

fn rights(text: &str) -> Rights {
    rights_with(text, &finder(PathBuf::new()))
}

fn names(rights: &Rights) -> Vec<&str> {
    rights.operations.keys().map(String::as_str).collect()
}

/// Every kind of statement and expression, with a call at `…`.
const PLACES: [&str; 62] = [
    "…",
    "…;",
    "…; 1",
    "let a = …;",
    "const A = …;",
    "export let a = …;",
    "let a = 0; a = …;",
    "let a = 0; a += …;",
    "let a = []; a[…] = 1;",
    "let a = #{}; a.b = …;",
    "if … == 1 { }",
    "if true { … }",
    "if true { } else { … }",
    "if false { } else if … == 1 { }",
    "let a = if true { … } else { 0 };",
    "switch … { 1 => 2 }",
    "switch 1 { 1 => … }",
    "switch 1 { 1 if … == 2 => 3 }",
    "switch 1 { 1 | 2 => … }",
    "switch 1 { 1..5 => … }",
    "switch 1 { 1..=5 if … == 1 => 0 }",
    "switch 1 { _ => … }",
    "let a = switch 1 { 1 => { let b = 1; … } };",
    "while … == 1 { }",
    "while false { … }",
    "loop { …; break; }",
    "loop { break …; }",
    "do { … } while false;",
    "do { } while … == 1;",
    "do { } until …;",
    "for a in … { }",
    "for a in [1] { … }",
    "for (a, i) in [1] { … }",
    "try { … } catch { }",
    "try { } catch { … }",
    "try { } catch (error) { … }",
    "{ … }",
    "{ { …; } }",
    "return …;",
    "throw …;",
    "[1, …]",
    "#{ a: … }",
    "#{ a: #{ b: [ … ] } }",
    "`text ${…} text`",
    "… && true",
    "true || …",
    "() ?? …",
    "….name",
    "…?.name",
    "let a = #{}; a.b.c(…)",
    "let a = []; a[…]",
    "let a = []; a?[…].b",
    "let a = []; a[0][…].b[1]",
    "print(…)",
    "1 + …",
    "-…",
    "!(… == 1)",
    "… in [1]",
    "|a| …",
    "let b = 1; let f = || { let g = |c| b + c + …; g.call(1) };",
    "fn f() { … } 1",
    "private fn f(a) { if a { return …; } } 1",
];

#[test]
fn a_call_is_seen_in_every_kind_of_statement_and_expression() {
    for place in PLACES {
        let script = place.replace('…', "drama::list_media(#{ limit: 1 })");
        assert_eq!(names(&rights(&script)), ["drama.list_media"], "{script}");
    }
}

#[test]
fn rights_have_the_strongest_effect_that_the_written_fields_allow() {
    let effect = |text: &str| rights(text).operations.values().copied().collect::<Vec<_>>();
    assert_eq!(effect("drama::list_media(#{})"), [Effect::Read]);
}
