//! What no package may have: what hides from a reader, or from this analysis, what the package does.

use super::{Finding, Severity, checker::said};
use crate::{
    Error,
    analysis::{
        Library, Source, Span, TokenKind,
        dialect::parsing,
        program::{
            File, Program, rights,
            tree::{Call, Scope, Spans, Visitor, literal_text},
        },
        tokens,
    },
    signs::is_hidden,
};
use rhai::{Expr, Ident, Position};
use std::collections::HashSet;

/// What these files have that no package may have, in the order of the text.
pub(in crate::analysis) fn faults(program: &Program, library: &Library, files: &[usize]) -> Vec<Finding> {
    let mut faults = Vec::new();
    // The script that is run is there to do things.
    let modules: Vec<_> = files.iter().copied().filter(|place| *place != 0).collect();
    let acting = acting(program, library, &modules);
    for place in files {
        let file = &program.files[*place];
        let spans = Spans::new(&file.source);
        let mut reader = Reader { program, library, file, place: *place, spans, found: Vec::new() };
        match &file.broken {
            Some(error) => {
                let span = reader.spans.piece(error.position());
                reader.error("syntax", span, parsing(error.err_type()));
            }
            None => {
                signs(&mut reader);
                file.tree.walk(&mut reader);
                if acting.contains(place) {
                    acts(&mut reader);
                }
            }
        }
        faults.extend(reader.found);
    }
    let told: HashSet<_> = faults.iter().filter_map(|fault| line_of(program, fault)).collect();
    for at in rights::of_files(program, library, files).unknown {
        let own = files.iter().map(|place| &program.files[*place]).find(|file| file.source.name == at.file);
        if let Some(file) = own.filter(|_| !told.contains(&(at.file.clone(), at.line))) {
            let error = said("which operation is called here is known only when the script runs");
            let error = error.hint("write its name out, such as \"drama.list_media\"");
            let start = file.source.offset(at.line, at.column);
            faults.push(fault(&file.source, "computed_operation", Spans::new(&file.source).piece_at(start), error));
        }
    }
    faults.sort_by(|a, b| (&a.file, a.span.start).cmp(&(&b.file, b.span.start)));
    faults
}

/// The file and the line of a fault.
fn line_of(program: &Program, fault: &Finding) -> Option<(String, usize)> {
    let file = program.files.iter().find(|file| file.source.name == fault.file)?;
    Some((fault.file.clone(), file.source.place(fault.span.start).line))
}

/// Which of these files act when they are imported. All are looked at together as long as none does.
fn acting(program: &Program, library: &Library, files: &[usize]) -> Vec<usize> {
    let acts = || !rights::of_imports(program, library, files).asks.is_empty();
    match files {
        [] => Vec::new(),
        [file] if acts() => vec![*file],
        [_, _, ..] if acts() => {
            let (first, second) = files.split_at(files.len() / 2);
            [acting(program, library, first), acting(program, library, second)].concat()
        }
        _ => Vec::new(),
    }
}

struct Reader<'a> {
    program: &'a Program,
    library: &'a Library,
    file: &'a File,
    place: usize,
    spans: Spans<'a>,
    found: Vec<Finding>,
}

impl Reader<'_> {
    fn error(&mut self, code: &'static str, span: Span, error: Error) {
        self.found.push(fault(&self.file.source, code, span, error));
    }
}

fn fault(source: &Source, code: &'static str, span: Span, error: Error) -> Finding {
    let (message, hint) = (error.message.clone(), error.hint.clone());
    Finding { severity: Severity::Error, code, message, hint, file: source.name.clone(), span }
}

impl Visitor for Reader<'_> {
    fn call(&mut self, call: &Call<'_>, _: &Scope) {
        if !call.of.namespace.path.is_empty() {
            return;
        }
        let span = self.spans.piece(call.at);
        match call.of.name.as_str() {
            "eval" => {
                let error = said("a package may not `eval`: nobody could tell what it does");
                self.error("eval", span, error.hint("write out what it evaluates"));
            }
            "exit" => {
                let error = said("a package may not `exit`: it would end the script that calls it");
                self.error("exit", span, error.hint("use `return` or `throw`"));
            }
            "Fn" if call.of.args.first().is_some_and(|name| literal_text(name).is_none()) => {
                let error = said("which function this is is known only when the script runs");
                self.error("computed_function", span, error.hint("write its name out: Fn(\"name\")"));
            }
            _ => {}
        }
    }

    fn import(&mut self, module: &Expr, alias: &Ident, at: Position, scope: &Scope) {
        let span = self.spans.piece(module.start_position());
        let Some(name) = literal_text(module) else {
            let error = said("what is imported here is known only when the script runs");
            return self.error("computed_import", span, error.hint("write its name out: import \"name\" as name;"));
        };
        if scope.in_function {
            let error = said(format!("a package may not import {name:?} in a function"));
            self.error("late_import", self.spans.piece(at), error.hint("move the import to the top of the file"));
        }
        if self.program.module(self.place, name).is_none() {
            let error = said(format!("there is no module {name:?} that a package could import"));
            let hint = "a package imports its own files, its dependencies and the standard library";
            self.error("unknown_module", span.clone(), error.hint(hint));
        }
        if let Some(way) = self.program.way_back(self.place, name).filter(|_| !scope.in_function) {
            let error = said(format!("modules import each other: {}", way.join(" imports ")));
            self.error("import_circle", span, error.hint("move what both need into a third module"));
        }
        if self.library.modules().contains(alias.name.as_str()) {
            let error = said(format!("the name `{0}` hides the module `{0}::`", alias.name));
            self.error("hidden_module", self.spans.piece(alias.pos), error.hint("import it as another name"));
        }
    }
}

/// Importing a file may define, not do.
fn acts(reader: &mut Reader<'_>) {
    let rights = rights::of_imports(reader.program, reader.library, &[reader.place]);
    let first = rights.asks.iter().filter(|(_, at)| at.file == reader.file.source.name);
    let Some((right, at)) = first.min_by_key(|(_, at)| (at.line, at.column)).or(rights.asks.first_key_value()) else {
        return;
    };
    let span = match at.file == reader.file.source.name {
        true => reader.spans.piece_at(reader.file.source.offset(at.line, at.column)),
        false => reader.spans.piece_at(0),
    };
    let error = said(format!("the statements of a module may not act, and these need `{right}`"));
    reader.error("acts_at_import", span, error.hint("put them into a function"));
}

/// Names that look like others, and signs that nobody sees.
fn signs(reader: &mut Reader<'_>) {
    let text = &reader.file.source.text;
    for (start, sign) in text.char_indices().filter(|(_, sign)| is_hidden(*sign)) {
        let error = said(format!("there is a sign that nobody can see, U+{:04X}", u32::from(sign)));
        reader.error("hidden_sign", start..start + sign.len_utf8(), error.hint("delete it"));
    }
    for token in tokens(text).into_iter().filter(|token| token.kind == TokenKind::Name) {
        let word = &text[token.span.clone()];
        if let Some(sign) = word.chars().find(|sign| is_odd(*sign) && !is_hidden(*sign)) {
            let error = said(format!("`{word}` has a letter that looks like another, U+{:04X}", u32::from(sign)));
            let hint = "names in a package are of the letters a to z and of Chinese characters";
            reader.error("odd_name", token.span, error.hint(hint));
        }
    }
}

/// What a name may not be made of.
fn is_odd(sign: char) -> bool {
    !sign.is_ascii() && !matches!(sign, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}
