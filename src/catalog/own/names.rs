//! Names of functions, from what a document calls its operations.

/// The name of an operation: `listCustomers` is `list_customers`.
pub(super) fn of_id(id: &str) -> Option<String> {
    let name = snake(id);
    (!name.is_empty()).then(|| usable(name))
}

/// The name of an operation that has none: `GET /customers/{id}` is `get_customers_by_id`.
pub(super) fn of_path(method: &str, path: &str) -> String {
    let step = |step: &str| match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
        Some(name) => format!("by_{}", snake(name)),
        None => snake(step),
    };
    let steps = path.split('/').filter(|step| !step.is_empty()).map(step);
    usable(
        std::iter::once(method.to_owned()).chain(steps).filter(|step| !step.is_empty()).collect::<Vec<_>>().join("_"),
    )
}

/// Words in small letters with `_` between them.
fn snake(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (index, sign) in signs.iter().enumerate().filter(|(_, sign)| sign.is_alphanumeric()) {
        let before = index.checked_sub(1).map(|index| signs[index]);
        let small_follows = signs.get(index + 1).is_some_and(|after| after.is_lowercase());
        let begins = before.is_some_and(|before| match before {
            before if !before.is_alphanumeric() => true,
            before if before.is_uppercase() => sign.is_uppercase() && small_follows,
            _ => sign.is_uppercase(),
        });
        if begins && !name.is_empty() {
            name.push('_');
        }
        name.extend(sign.to_lowercase());
    }
    name
}

/// A name that a script can write: a digit at its beginning and a word of the language are avoided.
fn usable(name: String) -> String {
    let name = if rhai::is_valid_identifier(&name) { name } else { format!("op_{name}") };
    if rhai::is_valid_function_name(&name) { name } else { format!("{name}_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_becomes_a_name_of_a_function() {
        for (id, name) in [
            ("listCustomers", "list_customers"),
            ("GetHTTPInfo", "get_http_info"),
            ("customers.list-all", "customers_list_all"),
            ("createOrder2", "create_order2"),
            ("list_customers", "list_customers"),
            ("查询客户", "查询客户"),
            ("2fa", "op_2fa"),
            ("import", "import_"),
        ] {
            assert_eq!(of_id(id).as_deref(), Some(name));
            assert!(rhai::is_valid_function_name(name));
        }
        assert_eq!(of_id("--"), None);
    }

    #[test]
    fn an_operation_without_an_id_is_named_by_its_method_and_path() {
        assert_eq!(of_path("get", "/customers/{customerId}/notes"), "get_customers_by_customer_id_notes");
        assert_eq!(of_path("delete", "/"), "delete");
    }
}
