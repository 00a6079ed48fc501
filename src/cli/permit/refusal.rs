//! Why a run does not begin, and what to write so that it does.

use crate::{
    Error,
    error::Kind,
    packages::Package,
    rights::{Part, Rights},
};

/// A part needs what it is not granted.
pub(super) fn refusal(part: &Part, parts: &[Part], package: Option<&Package>) -> Error {
    let message = format!("{} may not do what it needs: {}", part.name, part.missing());
    let all: Rights = parts.iter().flat_map(|part| part.needs.iter()).cloned().collect();
    let mut hint = format!("for this run: --allow {}", quoted(&all.to_string()));
    if let Some(package) = package {
        let rights: Vec<_> = part.needs.iter().map(|right| format!("{:?}", right.to_string())).collect();
        hint += &format!(
            "\nfor good, in juben.toml:\n[rights.{:?}]\nallow = [{}]",
            package.manifest.name.as_str(),
            rights.join(", ")
        );
    }
    Error::new(Kind::Denied, message).hint(hint)
}

/// As a shell takes it.
fn quoted(rights: &str) -> String {
    let plain = |sign: char| sign.is_alphanumeric() || "-_.:,/".contains(sign);
    if rights.chars().all(plain) { rights.to_owned() } else { format!("'{}'", rights.replace('\'', r"'\''")) }
}
