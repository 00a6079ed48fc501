//! What completion and the hint cost with all modules and 1000 variables, at several places.
//! `cargo bench --bench complete` runs it; both together may take 20 ms, so that nobody waits while typing.

use juben::{
    analysis::{Library, Names, Variable, complete, signature},
    catalog::Catalog,
    engine,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ALLOWED: Duration = Duration::from_millis(20);
const ROUNDS: usize = 200;

/// A place to complete at, the end of the text, and what it is an example of.
const PLACES: [(&str, &str); 10] = [
    ("nothing typed", ""),
    ("a variable", "variable_99"),
    ("a module", "dra"),
    ("nothing that begins so", "vble"),
    ("an operation", "drama::li"),
    ("a parameter", "drama::list_media(#{ li"),
    ("a field of a row", "novel::add_book_auth(#{ books: [#{ bo"),
    ("an operation's name", "pages::of(\"drama.li"),
    ("a field of a reply", "let media = drama::get_media(1);\nmedia.media_info."),
    ("a function of an import", "import \"listing\" as listing;\nlisting::"),
];

#[allow(clippy::print_stdout)]
fn main() {
    let names = names();
    let find = engine::finder("scripts".into(), Default::default());
    let work = |library: &Library, text: &str| {
        black_box(complete(text, text.len(), library, &names, &find));
        black_box(signature(text, text.len(), library, &names, &find));
    };
    println!("{:<32} {:>10} {:>10} {:>8}", "", "first", "median", "of 20 ms");
    for (name, text) in PLACES {
        // A platform's document is read when it is first asked for.
        let library = engine::library(Catalog::builtin());
        let first = time(|| work(&library, text));
        let mut times: Vec<_> = (0..ROUNDS).map(|_| time(|| work(&library, text))).collect();
        times.sort();
        row(name, first, times[ROUNDS / 2]);
    }
    let library = engine::library(Catalog::builtin());
    let long = long();
    let first = time(|| work(&library, &long));
    let again = time(|| work(&library, &long));
    row("at the end of 2000 lines", first, again);
}

fn time(work: impl Fn()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

#[allow(clippy::print_stdout)]
fn row(name: &str, first: Duration, median: Duration) {
    let share = 100.0 * first.as_secs_f64().max(median.as_secs_f64()) / ALLOWED.as_secs_f64();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("{name:<32} {:>7.0} µs {:>7.0} µs {share:>6.1} %", micros(first), micros(median));
}

/// What a long session has left.
fn names() -> Names {
    let variable = |number: usize| Variable {
        name: format!("variable_{number}"),
        kind: "map".to_owned(),
        fields: vec!["media_id".to_owned(), "name".to_owned()],
    };
    Names { variables: (0..1000).map(variable).collect(), ..Names::default() }
}

fn long() -> String {
    let lines =
        (0..2000).map(|line| format!("let media_{line} = drama::get_media(#{{ media_id: {line} }}).media_info;\n"));
    lines.collect::<String>() + "media_1999."
}
