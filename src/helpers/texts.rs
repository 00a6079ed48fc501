//! Texts of files: in UTF-8, or in the encoding of an older program.

use crate::{Error, error::Kind};
use encoding_rs::Encoding;

/// The text of a file. What is not UTF-8 is in the other encoding, if there is one.
pub fn text(bytes: Vec<u8>, otherwise: Option<&'static Encoding>) -> Result<String, Error> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let Some(encoding) = otherwise else {
        let hint = "save it as UTF-8, in a spreadsheet as \"CSV UTF-8\"; or read it by #{ otherwise: \"gb18030\" }";
        return Err(Error::new(Kind::File, format!("it is not UTF-8 at byte {at}")).hint(hint));
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(error.as_bytes());
    text.map(Into::into).ok_or_else(|| {
        Error::new(Kind::File, format!("it is neither UTF-8 (at byte {at}) nor {}", encoding.name()))
            .hint("save it as UTF-8")
    })
}

/// An encoding by one of its names, such as `gb18030`, `gbk` or `big5`.
pub fn encoding(name: &str) -> Result<&'static Encoding, Error> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Error::new(Kind::Argument, format!("there is no encoding {name:?}"))
            .hint_names(name, ["gb18030", "gbk", "big5", "utf-16le", "shift_jis", "windows-1252"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_utf_8_is_read_as_that_whatever_else_is_said() {
        assert_eq!(text("天亮了。".into(), encoding("gb18030").ok()).unwrap(), "天亮了。");
    }

    #[test]
    fn what_is_not_is_read_in_the_other_encoding_or_refused() {
        let bytes = vec![0xcc, 0xec, 0xc1, 0xc1, 0xc1, 0xcb];
        assert_eq!(text(bytes.clone(), encoding("gbk").ok()).unwrap(), "天亮了");
        assert_eq!(text(bytes, None).unwrap_err().message, "it is not UTF-8 at byte 0");
        let error = text(vec![b'a', 0xff, 0xff], encoding("gb18030").ok()).unwrap_err();
        assert_eq!(error.message, "it is neither UTF-8 (at byte 1) nor gb18030");
        assert_eq!(encoding("gb18031").unwrap_err().kind, Kind::Argument);
    }
}
