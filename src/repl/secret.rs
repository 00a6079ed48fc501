//! Whether an entry may hold a secret. One that may is neither kept nor saved.

use crate::client::Client;
use regex::Regex;
use std::sync::LazyLock;

/// A word for a secret, and soon after it a long text that is no sentence. What is called a password need not be long.
static LOOK: LazyLock<Regex> = LazyLock::new(|| {
    let words = "secret|token|key|password|passwd|ticket|credential|authorization|bearer|cookie|session|(?:^|[^a-z])sign\
                 |密钥|密码|口令|令牌";
    let passwords = "password|passwd|密钥|密码|口令";
    let follows = r#"[\w"'`]*\s*[:=(,]+\s*"#;
    let long = r#"["'`]?(?:(?:bearer|basic)\s+)?[A-Za-z0-9_\-./+=]{16,}"#;
    let quoted = r#"(?:"[^"\s]{6,}"|'[^'\s]{6,}'|`[^`\s]{6,}`)"#;
    let pattern =
        format!(r"(?i)(?:{words}){follows}{long}|(?:{passwords}){follows}{quoted}|bearer\s+[A-Za-z0-9_\-./+=]{{16,}}");
    Regex::new(&pattern).unwrap_or_else(|error| unreachable!("a constant: {error}"))
});

/// Whether a secret that the client knows is in a text, or something that looks like one.
pub(super) fn may_be_in(text: &str, client: &Client) -> bool {
    LOOK.is_match(text) || client.knows_secret_in(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_told_from_what_does_not() {
        for text in [
            r#"let secret = "0123456789abcdef0123""#,
            r#"http(#{ access_token: "57_abcDEF-ghi_jklmnop" })"#,
            "SECRETKEY=abcdefghijklmnopqrst juben",
            r#"let 密钥 = "0123456789abcdef0123";"#,
            r#"let password = "hunter2!abc""#,
            "let 口令 = `开门！快开门`",
            r#"#{ Authorization: "Bearer eyJhbGciOiJIUzI1NiJ9" }"#,
            r#"send("Bearer eyJhbGciOiJIUzI1NiJ9")"#,
            r#"#{ sign: "0123456789ABCDEF01" }"#,
        ] {
            assert!(LOOK.is_match(text), "{text}");
        }
        for text in [
            r#"drama::list_media(#{ limit: 20 })"#,
            r#"let key = "title";"#,
            r#"rows.filter(|row| row.keys().len > 12345678901234567890)"#,
            r#"let token = text::join(parts, "和")"#,
            r#"let password = args::get("pw")"#,
            r#"let design = "a-title-of-a-drama""#,
        ] {
            assert!(!LOOK.is_match(text), "{text}");
        }
    }
}
