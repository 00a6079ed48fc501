//! The host of a web address, as rights name it.

use reqwest::Url;

/// `api.example.org`, and its port unless it is the usual one; none for what is no web address.
pub fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_is_connected_to_however_it_is_written() {
        let same = |url: &str, host: &str| assert_eq!(host_of(url).as_deref(), Some(host), "{url}");
        same("https://API.Example.org/a?b=https://other.example", "api.example.org");
        same("https://api.example.org:443/", "api.example.org");
        same("http://api.example.org:8080", "api.example.org:8080");
        same("https://api.example.org@other.example/", "other.example");
        same("http:\\\\other.example\\@api.example.org", "other.example");
        same("http://[::1]:8080/", "[::1]:8080");
        for other in ["", "api.example.org", "file:///etc/passwd", "ftp://api.example.org", "https://"] {
            assert_eq!(host_of(other), None, "{other}");
        }
    }
}
