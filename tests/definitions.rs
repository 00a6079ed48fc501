//! The definition files: each is well formed, has everything that can be called, and is the same each time.

use crate::command::Juben;
use juben::{catalog::Catalog, engine};
use std::{collections::BTreeMap, fs, path::Path};

/// All files that are written, by name.
fn written() -> BTreeMap<String, String> {
    let juben = Juben::new(&["definitions", "there/definitions"]);
    let folder = juben.folder().join("there/definitions");
    let (files, ended) = in_folder(juben, &folder);
    let names: String = files.keys().map(|name| format!("there/definitions/{name}\n")).collect();
    assert_eq!(ended, names);
    files
}

fn in_folder(mut juben: Juben, folder: &Path) -> (BTreeMap<String, String>, String) {
    let output = juben.command().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: std::path::PathBuf| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
    };
    (entries.map(file).collect(), String::from_utf8(output.stdout).unwrap())
}

/// What is declared in a file, `list_media(fields: map)`, each with the comment above it.
fn declared<'a>(name: &str, text: &'a str) -> Vec<(&'a str, String)> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("// Written by `juben definitions`: a change is lost when it is written anew."));
    let module = name.trim_end_matches(".d.rhai");
    let mut lines = lines.skip_while(|line| line.starts_with("///"));
    assert_eq!(lines.next(), Some(&*format!("module {module};")));
    let (mut comment, mut found) = (String::new(), Vec::new());
    for line in lines {
        if line.starts_with("///") {
            comment += &format!("{line}\n");
        } else if let Some(line) = line.strip_prefix("fn ") {
            let (form, returns) = line.strip_suffix(';').unwrap().split_once(") -> ").unwrap();
            assert!(is_type(returns), "{name}: {line}");
            found.push((form, std::mem::take(&mut comment)));
        } else {
            assert_eq!((line, comment.as_str()), ("", ""), "{name}");
        }
    }
    found
}

fn is_type(text: &str) -> bool {
    let known = ["int", "float", "bool", "string", "map", "array", "blob", "()", "?"];
    text.split(" | ").all(|kind| known.contains(&kind))
}

#[test]
fn everything_that_can_be_called_is_declared_with_its_manual() {
    let files = written();
    let catalog = Catalog::builtin();
    for operation in catalog.operations() {
        let file = format!("{}.d.rhai", operation.module);
        let all = declared(&file, &files[&file]);
        let name = operation.full_name();
        // The manual stands above the first form.
        let form = format!("{}(", operation.name);
        let (_, comment) = all.iter().find(|(known, _)| known.starts_with(&form)).unwrap();
        assert!(comment.starts_with(&format!("/// {}\n", operation.summary)), "{comment}");
        for (field, schema) in &operation.input.properties {
            let facts = schema.facts(operation.input.required.contains(field));
            assert!(comment.contains(&format!("///   - `{field}`: {facts}")), "{name}: {field}\n{comment}");
        }
        let others = operation.positional().map(|names| format!("{}({}: ", operation.name, names[0]));
        let alias = operation.alias.as_ref().map(|alias| format!("{alias}("));
        for form in [Some(format!("{}(fields: map, options: map", operation.name)), others, alias].into_iter().flatten()
        {
            assert!(all.iter().any(|(known, _)| known.starts_with(&form)), "{file} lacks {form}");
        }
    }
    for function in engine::manual().into_iter().filter(|it| !it.module.is_empty()) {
        let file = format!("{}.d.rhai", function.module);
        let all = declared(&file, &files[&file]);
        let names = |form: &str| -> Vec<String> {
            let parameters = form.split_once('(').unwrap().1.split(", ").filter(|it| !it.is_empty());
            parameters.map(|it| it.split(':').next().unwrap().to_owned()).collect()
        };
        let first = function.text.lines().next().unwrap();
        let is_it = |form: &str, comment: &str| {
            form.starts_with(&format!("{}(", function.name))
                && names(form) == function.parameters
                && comment.contains(first)
        };
        assert!(all.iter().any(|(form, comment)| is_it(form, comment)), "{file} lacks {}", function.signature());
    }
}

/// Nothing but tools of editors reads definition files; but as functions without a body the declarations must be Rhai.
#[test]
fn every_declaration_is_well_formed() {
    let engine = rhai::Engine::new_raw();
    for (name, text) in written().iter().filter(|(name, _)| !name.starts_with("__")) {
        for (form, comment) in declared(name, text) {
            let (function, parameters) = form.split_once('(').unwrap();
            let mut names = Vec::new();
            for parameter in parameters.split(", ").filter(|it| !it.is_empty()) {
                let (parameter, kind) = parameter.split_once(": ").unwrap();
                assert!(is_type(kind), "{name}: {form}");
                names.push(parameter);
            }
            // Behind `::`, where these stand, a word of the language is a name as well.
            let body = format!("{comment}fn named_{function}({}) {{ () }}", names.join(", "));
            if let Err(error) = engine.compile(&body) {
                panic!("{name}: {error}\n{body}");
            }
        }
    }
}

#[test]
fn the_language_is_declared_as_well() {
    let files = written();
    for (name, piece) in [
        ("__static__.d.rhai", "fn push(array: array, item: ?) -> ();"),
        ("__static__.d.rhai", "fn assert_eq("),
        ("__builtin__.d.rhai", "fn type_of("),
        ("__builtin-operators__.d.rhai", "op "),
    ] {
        assert!(files[name].contains(piece), "{name} lacks {piece}");
        for line in files[name].lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
            let begins = ["module static;", "fn ", "op ", "const "].iter().any(|begin| line.starts_with(begin));
            assert!(begins && line.ends_with(';'), "{name}: {line}");
        }
    }
}

#[test]
fn they_are_the_same_each_time_and_written_over_only_where_juben_wrote_them() {
    assert_eq!(written(), written());
    let mut juben = Juben::new(&["definitions", "d"]).file("d/time.d.rhai", "module time;\n");
    let output = juben.command().output().unwrap();
    let message = "file\n\n  × d/time.d.rhai was not written by juben; nothing is written\n  help: name another folder, or remove that file\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), message));
    assert_eq!(fs::read_dir(juben.folder().join("d")).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(juben.folder().join("d/time.d.rhai")).unwrap(), "module time;\n");
    fs::remove_file(juben.folder().join("d/time.d.rhai")).unwrap();
    assert!(juben.command().output().unwrap().status.success());
    assert!(juben.command().output().unwrap().status.success());
}

#[test]
fn the_operations_of_an_own_document_are_declared() {
    let document = "openapi: 3.1.0\ninfo: { title: CRM, version: '1' }\npaths:\n  /tickets:\n    get:\n      operationId: list_tickets\n      summary: List tickets\n      parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 50 } }]\n      responses: { '200': { description: ok } }\n";
    let config = "[[api]]\nname = \"crm\"\ndocument = \"crm.yaml\"\n";
    let juben = Juben::new(&["definitions", "d"]).file("juben.toml", config).file("crm.yaml", document);
    let folder = juben.folder().join("d");
    let crm = in_folder(juben, &folder).0["crm.d.rhai"].clone();
    assert!(crm.contains("///   - `limit`: int, at most 50\n") && crm.contains("fn list_tickets() -> map;\n"), "{crm}");
}
