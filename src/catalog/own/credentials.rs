//! What a document's security schemes ask for, as parameters that are filled in from `[[api]]`.

use super::{
    schemas::Source,
    spot::{Fault, Spot},
};
use serde_json::{Value, json};

const HINT: &str = "the schemes stand under components.securitySchemes";

/// The parameters that carry the credentials of an operation: those of the first alternative.
pub(super) fn credentials(source: Source, security: Option<&Value>, spot: &Spot) -> Result<Vec<Value>, Fault> {
    let first = security.and_then(Value::as_array).and_then(|alternatives| alternatives.first());
    let schemes = first.and_then(Value::as_object).into_iter().flatten();
    let mut parameters = Vec::new();
    for (name, _) in schemes {
        let spot = Spot::In(spot, "security");
        let unknown = || spot.fault(format!("there is no security scheme `{name}`"), HINT);
        let scheme = source.0["components"]["securitySchemes"].get(name).ok_or_else(unknown)?;
        let scheme = source.at(scheme, spot)?;
        if scheme.get("x-juben-sign").is_none() {
            parameters.push(parameter(scheme));
        }
    }
    Ok(parameters)
}

fn parameter(scheme: &Value) -> Value {
    let text = |field: &str| scheme[field].as_str().unwrap_or_default();
    let kind = text("type").to_lowercase();
    let (place, name, from) = match (kind.as_str(), text("scheme").to_lowercase().as_str(), text("in")) {
        ("apikey", _, place @ ("header" | "query")) => (place, text("name"), "api.token".to_owned()),
        ("http", "bearer", _) => ("header", "Authorization", "api.bearer".to_owned()),
        ("http", "basic", _) => ("header", "Authorization", "api.basic".to_owned()),
        // juben fetches no such token, but sends one that it is given.
        ("oauth2" | "openidconnect", _, _) => ("header", "Authorization", "api.oauth".to_owned()),
        ("http", other, _) => ("header", "Authorization", format!("api.{other}")),
        (_, _, other) => ("header", "Authorization", format!("api.{} {other}", text("type")).trim_end().to_owned()),
    };
    json!({
        "name": name,
        "in": place,
        "required": true,
        "description": text("description").lines().next().unwrap_or_default(),
        "schema": { "type": "string", "format": "password" },
        "x-juben-from": from,
    })
}
