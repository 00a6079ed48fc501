//! Whatever is made of a schema fits it.

use super::{Maker, validator};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

#[track_caller]
fn made(document: &Value, schema: &Value) -> Value {
    let value = Maker::new(document).value(schema);
    let validator = validator(document, schema).expect("a schema that can be used");
    let faults: Vec<String> = validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{schema} made {value}: {faults:?}");
    assert_eq!(Maker::new(document).value(schema), value, "it is another one the second time");
    value
}

fn number() -> impl Strategy<Value = Value> {
    let whole = (-50_i64..50, 0_i64..20, 1_i64..7, 0..3).prop_map(|(least, more, step, exclusive)| match exclusive {
        0 => json!({ "type": "integer", "minimum": least, "maximum": least + more }),
        1 => json!({ "type": "integer", "exclusiveMinimum": least, "multipleOf": step }),
        _ => json!({ "type": "integer", "exclusiveMaximum": least }),
    });
    let any = (-50_i64..50, 1_i64..20).prop_map(|(least, more)| {
        let least = least as f64 / 4.0;
        json!({ "type": "number", "exclusiveMinimum": least, "exclusiveMaximum": least + more as f64 / 8.0 })
    });
    prop_oneof![whole, any]
}

const FORMATS: [&str; 14] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uuid",
    "json-pointer",
    "regex",
    "int64",
];

fn text() -> impl Strategy<Value = Value> {
    let sized = (0_usize..30, 0_usize..30)
        .prop_map(|(least, more)| json!({ "type": "string", "minLength": least, "maxLength": least + more }));
    let formatted = prop::sample::select(&FORMATS[..]).prop_map(|format| json!({ "type": "string", "format": format }));
    let patterns = ["^[A-Z]{2,5}$", "^\\d{4}-(a|b)+$", "^x?y*z{3}$", "[0-9a-f]{8}"];
    let matched =
        prop::sample::select(patterns.to_vec()).prop_map(|pattern| json!({ "type": "string", "pattern": pattern }));
    prop_oneof![sized, formatted, matched]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        number(),
        text(),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": ["null", "string"] })),
        Just(json!({ "enum": ["a", 1, null] })),
        Just(json!({ "type": "string", "enum": [3, "b"] })),
        Just(json!({ "const": { "x": [1] } })),
        Just(json!({ "type": "integer", "example": "no integer" })),
        Just(json!({ "type": "string", "default": "usual" })),
        Just(json!({})),
    ]
}

fn object(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map("[a-d]", inner, 0..4);
    (fields, prop::collection::btree_set("[a-e]", 0..3), any::<bool>(), 0_usize..3).prop_map(
        |(fields, required, closed, least)| {
            let required: Vec<_> = required.into_iter().filter(|name| !closed || fields.contains_key(name)).collect();
            let mut schema = json!({ "type": "object", "properties": fields, "required": required });
            if closed {
                schema["additionalProperties"] = json!(false);
            } else {
                schema["minProperties"] = json!(least);
            }
            schema
        },
    )
}

fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 4, |inner| {
        let list = (inner.clone(), 0_usize..4, 0_usize..4).prop_map(|(items, least, more)| {
            json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + more })
        });
        let open = |inner: BoxedStrategy<Value>| {
            prop::collection::btree_map("[a-h]", inner, 0..4)
                .prop_map(|fields| json!({ "type": "object", "properties": fields, "required": fields.keys().collect::<Vec<_>>() }))
        };
        // Parts of one whole have different names, or they could contradict each other.
        let parts = (open(inner.clone().boxed()), scalar()).prop_map(|(one, other)| {
            json!({ "allOf": [one, { "type": "object", "required": ["z"], "properties": { "z": other } }] })
        });
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            object(inner.clone().boxed()),
            list,
            parts,
            several.prop_map(|options| json!({ "anyOf": options })),
            (inner.clone(), Just(())).prop_map(|(one, ())| json!({ "oneOf": [{ "type": "null" }, { "type": "object", "required": ["k"], "properties": { "k": one } }] })),
            inner.prop_map(|one| json!({ "type": "object", "properties": { "again": { "$ref": "#/components/schemas/Tree" }, "one": one } })),
        ]
    })
}

/// Schemas that contain themselves.
fn document() -> Value {
    json!({ "components": { "schemas": {
        "Tree": {
            "type": "object",
            "required": ["name", "children", "parent"],
            "properties": {
                "name": { "type": "string" },
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
                "parent": { "anyOf": [{ "$ref": "#/components/schemas/Tree" }, { "type": "null" }] },
                "twin": { "$ref": "#/components/schemas/Tree" },
                "other": { "$ref": "#/components/schemas/Other" },
            },
        },
        "Other": { "allOf": [{ "$ref": "#/components/schemas/Tree" }, { "required": ["age"], "properties": { "age": { "type": "integer", "minimum": 18 } } }] },
    } } })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn whatever_is_made_fits_its_schema(schema in schema()) {
        made(&document(), &schema);
    }
}

#[test]
fn schemas_that_contain_themselves_come_to_an_end() {
    let document = document();
    for name in ["Tree", "Other"] {
        made(&document, &json!({ "$ref": format!("#/components/schemas/{name}") }));
    }
    let value = made(&document, &json!({ "$ref": "#/components/schemas/Tree" }));
    assert_eq!(value["children"], json!([]));
    assert_eq!(value["parent"], Value::Null);
}

#[test]
fn many_schemas_that_refer_to_each_other_stay_small() {
    let names: Vec<String> = (0..30).map(|number| format!("S{number}")).collect();
    let field = |name: &String| (name.clone(), json!({ "$ref": format!("#/components/schemas/{name}") }));
    let fields: Map<String, Value> = names.iter().map(field).collect();
    let schemas: Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!({ "type": "object", "properties": fields }))).collect();
    let document = json!({ "components": { "schemas": schemas } });
    let value = made(&document, &json!({ "$ref": "#/components/schemas/S0" }));
    assert!(value.to_string().len() < 200_000, "{}", value.to_string().len());
}

#[test]
fn alternatives_are_tried_until_one_fits() {
    let nothing = json!({});
    let value = made(
        &nothing,
        &json!({
            "type": "object",
            "required": ["kind"],
            "properties": { "kind": { "type": "string" } },
            "oneOf": [
                { "properties": { "kind": { "const": 1 } } },
                { "required": ["wings"], "properties": { "kind": { "const": "bird" }, "wings": { "type": "integer", "minimum": 2 } } },
            ],
        }),
    );
    assert_eq!(value, json!({ "kind": "bird", "wings": 2 }));
    let value = made(
        &nothing,
        &json!({
            "type": "object",
            "properties": { "paid": { "const": true } },
            "if": { "properties": { "paid": { "const": true } } },
            "then": { "required": ["amount"], "properties": { "amount": { "type": "number", "exclusiveMinimum": 0 } } },
        }),
    );
    assert_eq!(value, json!({ "paid": true, "amount": 1 }));
}

#[test]
fn items_that_must_differ_do() {
    let nothing = json!({});
    for each in
        [json!({ "type": "string", "maxLength": 1 }), json!({ "enum": [1, 2, 3] }), json!({ "type": "integer" })]
    {
        made(&nothing, &json!({ "type": "array", "items": each, "minItems": 3, "uniqueItems": true }));
    }
}

#[test]
fn alternatives_that_lead_back_to_themselves_come_to_an_end() {
    let document = json!({ "components": { "schemas": {
        "Pet": { "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }] },
        "Cat": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "properties": { "claws": { "type": "integer" } } }] },
        "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "properties": { "bark": { "type": "string" } } }] },
    } } });
    // No value fits such a schema; what counts is that there is an answer.
    Maker::new(&document).value(&json!({ "$ref": "#/components/schemas/Cat" }));
}
