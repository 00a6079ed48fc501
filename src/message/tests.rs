//! The worked examples of the platform's manual, and what holds for any message.

use super::{DEEPEST, Format, Key, MOST, Malformed, NotAKey, Unreadable, is_name, read, sign, verify};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
use serde_json::{Map, Value, json};

const TOKEN: &str = "jubenToken01";
const TIMESTAMP: &str = "1735689600";
const NONCE: &str = "874512369";
const APPID: &str = "wx1234567890abcdef";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const RANDOM: [u8; 16] = *b"juben-random-16b";
const MESSAGE: &str = r#"{"ToUserName":"gh_0123456789ab","FromUserName":"oJubenSystem0001","CreateTime":1735689600,"MsgType":"event","Event":"secvod_audit_event","audit_event":{"drama_id":310045,"audit_detail":{"status":3,"audit_type":0,"create_time":1735600000,"audit_time":1735689599}}}"#;
const ENCRYPTED: &str = "PhJikewNEqgJzc0TucmL4TyWqRI61J913czVElr7AUQ3oIzREZSsKTi/GRyB4sLLTaTLdswiGqvVwh6YUy8fX4eWoFzc+8+YZMss6lLGJN7eIp9Yzf3jPRUbwkb/r9MV69Jv78VMZuBl7helSFvJYAuGw6CTJl4ulQTlvyrLMFBG4/roaS9V0k93Qzeyw+JvZlgskqNFt97tBLvzW5Z5Ps7yPLEZKZGqDX/W55yEKJTSLG2nIDwFoISKKYoTdxxuuRl7O5RvbrHU+1HBkyIMHdhvbGn3fYZm3ynJmJjEqlXWi4jNxiV1z6defwsB2kFl/R0b3e4Z24+ox840sBG+YW5fhtoTPHYsh01sldFRtQZLwltYCp0XI+FQebSu3ySKyPcT3uoblpwBPQ/jdwAzHOcYOXgbXWep3KeriDpkNk0=";

fn key() -> Key {
    KEY.parse().unwrap()
}

fn fields(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn the_signatures_of_the_manual_hold() {
    assert_eq!(sign(&[TOKEN, TIMESTAMP, NONCE]), "8d38e531013bbc32244e2c4394acfc501399c93c");
    assert_eq!(sign(&[TOKEN, TIMESTAMP, NONCE, ENCRYPTED]), "8574ebfa9838f8f1066780e46faa3e44c4add182");
}

#[test]
fn a_signature_is_verified_in_either_case_and_whole() {
    let parts = [TOKEN, TIMESTAMP, NONCE];
    assert!(verify("8d38e531013bbc32244e2c4394acfc501399c93c", &parts));
    assert!(verify("8D38E531013BBC32244E2C4394ACFC501399C93C", &parts));
    for wrong in ["", "8d38e531013bbc32244e2c4394acfc501399c93", "8d38e531013bbc32244e2c4394acfc501399c93d"] {
        assert!(!verify(wrong, &parts), "{wrong}");
    }
    assert!(!verify("8d38e531013bbc32244e2c4394acfc501399c93c", &[TOKEN, TIMESTAMP, "874512368"]));
}

#[test]
fn the_encrypted_example_of_the_manual_holds_in_both_directions() {
    assert_eq!(key().encrypt(MESSAGE, APPID, RANDOM), ENCRYPTED);
    assert_eq!(key().decrypt(ENCRYPTED, APPID), Ok(MESSAGE.to_owned()));
}

#[test]
fn a_message_to_somebody_else_is_refused() {
    assert_eq!(key().decrypt(ENCRYPTED, "wx1234567890abcdee"), Err(Unreadable::Appid));
    let other: Key = KEY.replace('a', "b").parse().unwrap();
    assert_eq!(other.decrypt(ENCRYPTED, APPID), Err(Unreadable::Content));
}

#[test]
fn what_is_no_ciphertext_is_refused_with_its_reason() {
    let cut = &STANDARD.decode(ENCRYPTED).unwrap()[..304];
    let cases = [("", Unreadable::Length), ("?", Unreadable::Encoding), ("AAAA", Unreadable::Length)];
    for (text, reason) in cases {
        assert_eq!(key().decrypt(text, APPID), Err(reason), "{text}");
    }
    assert_eq!(key().decrypt(&STANDARD.encode(cut), APPID), Err(Unreadable::Length));
}

#[test]
fn a_key_has_43_characters_and_its_last_may_carry_more_than_is_needed() {
    let same = [&KEY[..42], "E"].concat();
    assert_eq!(same.parse::<Key>().unwrap().decrypt(ENCRYPTED, APPID), Ok(MESSAGE.to_owned()));
    for wrong in [&KEY[1..], &[KEY, "H"].concat(), &[KEY, "="].concat(), &KEY.replace('a', "-"), ""] {
        assert_eq!(wrong.parse::<Key>().map(drop), Err(NotAKey), "{wrong}");
    }
    assert_eq!(format!("{:?}", key()), "••••");
}

#[test]
fn the_messages_of_the_manual_are_written_as_they_stand_there() {
    let head = |time: i64, event: &str| {
        json!({
            "ToUserName": "gh_0123456789ab", "FromUserName": "oJubenSystem0001", "CreateTime": time, "MsgType": "event",
            "Event": event,
        })
    };
    let mut drama = fields(head(1735689600, "secvod_audit_event"));
    drama.extend(fields(json!({ "audit_event": { "drama_id": 310045, "audit_detail": {
        "status": 3, "audit_type": 0, "create_time": 1735600000, "audit_time": 1735689599,
    }}})));
    assert_eq!(Format::Json.write(&drama), MESSAGE);
    assert_eq!(
        Format::Xml.write(&drama),
        "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oJubenSystem0001</FromUserName><CreateTime>1735689600</CreateTime><MsgType>event</MsgType><Event>secvod_audit_event</Event><audit_event><drama_id>310045</drama_id><audit_detail><status>3</status><audit_type>0</audit_type><create_time>1735600000</create_time><audit_time>1735689599</audit_time></audit_detail></audit_event></xml>"
    );
    let mut media = fields(head(1735689650, "secvod_upload_event"));
    media.extend(fields(json!({ "upload_event": {
        "media_id": 910002, "source_context": "job-18", "errcode": 0, "errmsg": "OK",
    }})));
    assert_eq!(
        Format::Xml.write(&media),
        "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oJubenSystem0001</FromUserName><CreateTime>1735689650</CreateTime><MsgType>event</MsgType><Event>secvod_upload_event</Event><upload_event><media_id>910002</media_id><source_context>job-18</source_context><errcode>0</errcode><errmsg>OK</errmsg></upload_event></xml>"
    );
}

#[test]
fn lists_and_what_is_empty_have_elements_too() {
    let message = fields(json!({ "id": [1, 2], "none": null, "flag": true, "deep": [[3]] }));
    let text = "<xml><id>1</id><id>2</id><none></none><flag>true</flag><deep><item>3</item></deep></xml>";
    assert_eq!(Format::Xml.write(&message), text);
}

#[test]
fn a_name_of_an_element_needs_no_escape() {
    for name in ["a", "_b", "ToUserName", "a-1.2"] {
        assert!(is_name(name), "{name}");
    }
    for name in ["", "1a", "a b", "a>", "<", "名"] {
        assert!(!is_name(name), "{name}");
    }
}

/// The text of `<t>` as a reader of XML sees it.
fn read_back(text: &str) -> String {
    let mut reader = Reader::from_str(text);
    let mut content = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Text(part) => content.push_str(&part.xml10_content()),
            Event::GeneralRef(name) => match name.resolve_char_ref().unwrap() {
                Some(character) => content.push(character),
                None => content.push_str(resolve_predefined_entity(&name).unwrap()),
            },
            Event::Eof => return content,
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn a_message_is_decrypted_as_it_was_encrypted(message in any::<String>(), appid in "[ -~]{0,40}", random: [u8; 16]) {
        let encrypted = key().encrypt(&message, &appid, random);
        prop_assert_eq!(STANDARD.decode(&encrypted).unwrap().len() % 32, 0);
        prop_assert_eq!(key().decrypt(&encrypted, &appid), Ok(message));
    }

    #[test]
    fn a_message_of_any_length_is_padded(length in 0..200_usize) {
        let message = "x".repeat(length);
        let encrypted = key().encrypt(&message, APPID, RANDOM);
        let framed = 16 + 4 + length + APPID.len();
        prop_assert_eq!(STANDARD.decode(&encrypted).unwrap().len(), (framed / 32 + 1) * 32);
        prop_assert_eq!(key().decrypt(&encrypted, APPID), Ok(message));
    }

    #[test]
    fn bytes_of_a_stranger_are_refused(mut bytes: Vec<u8>) {
        prop_assert!(key().decrypt(&STANDARD.encode(&bytes), APPID).is_err());
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        prop_assert!(key().decrypt(&STANDARD.encode(&bytes), APPID).is_err());
    }

    #[test]
    fn a_signature_holds_in_any_order_and_for_nothing_else(parts: [String; 3], other: String) {
        let [token, timestamp, nonce] = &parts;
        let signature = sign(&[token, timestamp, nonce]);
        let fourth = ["x", &other].concat();
        prop_assert!(verify(&signature, &[nonce, token, timestamp]));
        prop_assert!(!verify(&signature, &[token, timestamp, nonce, &fourth]));
    }

    #[test]
    fn any_text_is_read_back_from_xml(content in any::<String>()) {
        let text = Format::Xml.write(&fields(json!({ "t": content })));
        let sayable = |it: char| match it {
            '\n' | '\r' | '\t' => it,
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => char::REPLACEMENT_CHARACTER,
            _ => it,
        };
        prop_assert_eq!(read_back(&text), content.chars().map(sayable).collect::<String>());
    }
}

/// What a reader of XML makes of a value that was written: texts, trimmed, and no list of one.
fn as_read(value: &Value) -> Option<Value> {
    let fields = |fields: &Map<String, Value>| {
        let read: Map<_, _> = fields.iter().filter_map(|(name, it)| Some((name.clone(), as_read(it)?))).collect();
        if read.is_empty() { Value::from("") } else { Value::Object(read) }
    };
    let item = |item: &Value| match item {
        Value::Array(_) => fields(&Map::from_iter([("item".to_owned(), item.clone())])),
        other => as_read(other).unwrap_or_default(),
    };
    Some(match value {
        Value::Null => "".into(),
        Value::String(text) => text.trim_matches([' ', '\t', '\r', '\n']).into(),
        Value::Object(map) => fields(map),
        Value::Array(items) => match items.as_slice() {
            [] => return None,
            [one] => item(one),
            many => many.iter().map(item).collect(),
        },
        other => other.to_string().into(),
    })
}

fn any_message() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\n\t中文]{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z_][a-zA-Z0-9_.-]{0,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    prop::collection::hash_map("[a-zA-Z_][a-zA-Z0-9_.-]{0,8}", value, 0..6).prop_map(|it| it.into_iter().collect())
}

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in any_message()) {
        prop_assert_eq!(read(&Format::Json.write(&message)), Ok(message.clone()));
        let expected = match as_read(&Value::Object(message.clone())) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        prop_assert_eq!(read(&Format::Xml.write(&message)), Ok(expected));
    }

    #[test]
    fn no_text_takes_the_reader_down(text in "[<>&/!?a\\[\\]{}\":;# -]{0,80}") {
        read(&text).ok();
    }
}

#[test]
fn lists_cdata_references_and_comments_are_read() {
    let text = "\u{feff}<?xml version=\"1.0\"?>\n<xml a=\"b\"><id>1</id><!-- no --><id>2</id><e/>\
                <t> <![CDATA[ <b>&amp; ]]> </t><u> &lt;&#20013;&#x6587;&amp; </u></xml>\n";
    let expected = json!({ "id": ["1", "2"], "e": "", "t": " <b>&amp; ", "u": "<中文&" });
    assert_eq!(read(text), Ok(fields(expected)));
}

#[test]
fn a_message_has_a_depth_and_a_size() {
    let deep = |depth: usize| ["<a>", "</a>"].map(|tag| tag.repeat(depth)).concat();
    assert!(read(&format!("<xml>{}</xml>", deep(DEEPEST))).is_ok());
    assert_eq!(read(&format!("<xml>{}</xml>", deep(DEEPEST + 1))), Err(Malformed::Depth));
    let many = |count: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(count - 1));
    assert!(read(&many(MOST - 2)).is_ok());
    assert_eq!(read(&many(MOST - 1)), Err(Malformed::Size));
}
