//! Every operation of the catalog, called from a script: it reaches the sandbox, and wrong arguments do not.

use crate::script::{Script, Server};
use juben::{
    catalog::{Catalog, Operation, Schema, Type},
    client::Client,
    config::Config,
    error::Kind,
};
use rhai::Map;
use serde_json::Value;
use std::sync::Arc;

/// The accounts of every kind: operations of a third-party platform need one that acts through a component.
pub fn config(server: &Server) -> Config {
    let url = server.sandbox.url();
    let more = Config::parse(&format!(
        r#"
        [account.merchant]
        platform = "wechat"
        appid = "wx00000000000000c1"
        component = "agency"
        refresh_token = "cmd:echo refreshtoken@@@sandbox"
        base_url = "{url}"
        [component.agency]
        appid = "wxc000000000000001"
        secret = "cmd:echo sandbox-secret"
        ticket = "cmd:echo ticket@@@sandbox"
        "#
    ));
    let more = more.unwrap();
    let mut config = server.config();
    config.account.extend(more.account);
    config.component.extend(more.component);
    config
}

/// The account that can call it, where it is not the default.
pub fn options(operation: &Operation) -> &'static str {
    let of_component = |field: &Schema| field.from.as_deref().is_some_and(|from| from.starts_with("component."));
    let component = operation.sign == Some(juben::catalog::Sign::WechatComponent);
    if component || operation.input.properties.values().any(of_component) {
        return r#", #{ account: "merchant" }"#;
    }
    ""
}

/// A value as a script writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "()".into(),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{name:?}: {}", literal(value));
            format!("#{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// The fields of the document's example in a script's words, without those that the account gives.
pub fn example(operation: &Operation) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (name, field) in &operation.input.properties {
        if field.is_binary() && operation.input.required.contains(name) {
            fields.push((name.clone(), "blob(9, 0x31)".to_owned()));
        } else if let Some(value) = operation.example.get(name)
            && field.from.is_none()
            && !field.is_binary()
        {
            fields.push((name.clone(), literal(value)));
        }
    }
    fields
}

pub fn call(operation: &Operation, function: &str, fields: &[(String, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
    format!("{}::{function}(#{{ {} }}{})", operation.module, fields.join(", "), options(operation))
}

/// Run a script in a sandbox that begins anew.
fn run(server: &Arc<Server>, config: &Config, text: &str) -> Result<rhai::Dynamic, juben::Error> {
    server.sandbox.reset();
    Script::on(server, text).run_with(Client::new(Catalog::builtin(), config).direct(), config).result
}

/// Call an operation by this name: whether the example works there, or what is wrong.
fn judge(server: &Arc<Server>, config: &Config, operation: &Operation, function: &str) -> Result<bool, String> {
    let text = call(operation, function, &example(operation));
    let outcome = run(server, config, &text);
    let name = operation.full_name();
    if !server.sandbox.requests().iter().any(|request| request.operation.as_ref() == Some(&name)) {
        return Err(format!("it was not reached by {text}"));
    }
    let Err(error) = outcome else { return Ok(true) };
    let catalog = Catalog::builtin();
    let entry = error.code.and_then(|code| catalog.error_code(operation, code));
    match entry.is_some_and(|entry| entry.kind == error.kind.name()) && error.kind != Kind::Server {
        true => Ok(false),
        false => Err(format!("{:?} {:?} {} {text}", error.kind, error.code, error.message)),
    }
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_operation_is_reached_from_a_script_by_both_of_its_names() {
    let server = Arc::new(Server::start());
    let config = config(&server);
    let (mut faults, mut worked) = (Vec::new(), 0);
    for operation in Catalog::builtin().operations() {
        for function in [Some(&operation.name), operation.alias.as_ref()].into_iter().flatten() {
            match judge(&server, &config, &operation, function) {
                Ok(works) => worked += usize::from(works),
                Err(fault) => faults.push(format!("{}::{function}: {fault}", operation.module)),
            }
        }
    }
    none(faults);
    // The others speak of things that a sandbox does not have at its start.
    assert!(worked >= 120, "only {worked} work");
}

#[test]
fn required_scalars_may_be_given_in_order() {
    let server = Arc::new(Server::start());
    let config = config(&server);
    let mut faults = Vec::new();
    for operation in Catalog::builtin().operations() {
        let Some(names) = operation.positional() else { continue };
        let fields = example(&operation);
        let value = |name: &String| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let values: Vec<_> = names.iter().filter_map(value).collect();
        let text = format!("{}({}{})", operation.script_name(), values.join(", "), options(&operation));
        run(&server, &config, &text).ok();
        let name = operation.full_name();
        if !server.sandbox.requests().iter().any(|request| request.operation.as_ref() == Some(&name)) {
            faults.push(format!("{name} was not reached by {text}"));
        }
    }
    none(faults);
}

/// A value that the field does not take.
fn wrong_value(field: &Schema) -> Option<&'static str> {
    let candidates = [(Type::Object, "#{ a: 1 }"), (Type::Boolean, "true"), (Type::Array, "[[]]")];
    candidates.into_iter().find(|(kind, _)| !field.allows(*kind)).map(|(_, text)| text)
}

/// One call for each way of being wrong: what is wrong, and the call.
fn wrong_calls(operation: &Operation) -> Vec<(String, String)> {
    let fields = example(operation);
    let mut calls = Vec::new();
    let mut add = |what: String, fields: &[(String, String)]| {
        calls.push((what, call(operation, &operation.name, fields)));
    };
    for (name, field) in &operation.input.properties {
        let others: Vec<_> = fields.iter().filter(|(other, _)| other != name).cloned().collect();
        let with = |name: &str, value: &str| [&others[..], &[(name.to_owned(), value.to_owned())]].concat();
        let misspelt = format!("{name}x");
        if !operation.input.properties.contains_key(&misspelt) {
            add(format!("`{misspelt}` instead of `{name}`"), &with(&misspelt, "1"));
        }
        if let Some(value) = wrong_value(field) {
            add(format!("`{name}` is {value}"), &with(name, value));
        }
        if operation.input.required.contains(name) {
            add(format!("`{name}` is missing"), &others);
        }
        for (limit, step) in [(&field.minimum, -1), (&field.maximum, 1)] {
            if let Some(value) = limit.as_ref().and_then(serde_json::Number::as_i64) {
                add(format!("`{name}` is out of range"), &with(name, &value.saturating_add(step).to_string()));
            }
        }
        if let Some(most) = field.max_length {
            add(format!("`{name}` is too long"), &with(name, &format!("{:?}", "字".repeat(most + 1))));
        }
        if let Some(most) = field.max_bytes {
            add(format!("`{name}` has too many bytes"), &with(name, &format!("{:?}", "字".repeat(most / 3 + 1))));
        }
        if field.values.iter().any(Value::is_number) {
            add(format!("`{name}` is none of its values"), &with(name, "-987654"));
        }
        if let Some(most) = field.max_items {
            let item = fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            let items = format!("{{ let a = {}; let b = []; b.pad({}, a[0]); b }}", item.unwrap_or("[1]"), most + 1);
            add(format!("`{name}` has too many items"), &with(name, &items));
        }
    }
    calls
}

#[test]
fn a_wrong_argument_of_any_operation_is_refused_before_anything_is_sent() {
    let server = Arc::new(Server::start());
    let config = config(&server);
    let mut script = String::from("let outcomes = [];\n");
    let mut cases = Vec::new();
    for operation in Catalog::builtin().operations() {
        for (what, call) in wrong_calls(&operation) {
            script += &format!("try {{ {call}; outcomes.push(()); }} catch (error) {{ outcomes.push(error); }}\n");
            cases.push((operation.full_name(), what));
        }
    }
    let outcomes = run(&server, &config, &(script + "outcomes")).unwrap().into_array().unwrap();
    assert_eq!(outcomes.len(), cases.len());
    assert!(cases.len() > 1000, "{}", cases.len());
    let mut faults = Vec::new();
    for ((operation, what), outcome) in cases.iter().zip(outcomes) {
        let error = outcome.clone().try_cast::<Map>().unwrap_or_default();
        let is = |name: &str, expected: &str| error.get(name).is_some_and(|value| value.to_string() == expected);
        if !is("kind", "argument") || !is("op", operation) {
            faults.push(format!("{operation}, {what}: {outcome}"));
        }
        let field = what.split('`').nth(1).unwrap_or_default();
        let says = |part: &str| error.get(part).is_some_and(|text| text.to_string().contains(field));
        if !says("message") && !says("hint") {
            faults.push(format!("{operation}, {what}: it is not named: {outcome}"));
        }
    }
    none(faults);
    assert_eq!(server.sandbox.requests(), []);
}

#[test]
fn a_field_that_is_a_reserved_word_needs_no_quotes() {
    let text =
        "drama::submit_replace_medias(#{ drama_id: 310045, replace_media_list: [#{ old: 910002, new: 910010 }] })";
    let server = Arc::new(Server::start());
    run(&server, &server.config(), text).ok();
    assert!(server.operations().contains(&"drama.submit_replace_medias".to_owned()));
}
