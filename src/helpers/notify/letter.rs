//! A message as one text, no longer than a robot takes, and many messages as one.

use super::Message;

/// What is said of what was cut off takes no more than this.
const NOTE: usize = 60;

/// So many of those that are told together have a line of their own.
const LISTED: usize = 10;

/// The title above the text.
pub(super) fn with_title(message: &Message, mark: &str) -> String {
    match &message.title {
        Some(title) if message.text.is_empty() => format!("{mark}{title}"),
        Some(title) => format!("{mark}{title}\n{}", message.text),
        None => message.text.clone(),
    }
}

/// At most so many bytes, cut at a character; then the end says so. `size` counts the bytes of a character.
pub(super) fn cut(text: &str, most: usize, size: impl Fn(char) -> usize) -> String {
    if text.chars().map(&size).sum::<usize>() <= most {
        return text.to_owned();
    }
    let mut room = most.saturating_sub(NOTE);
    let fits = |letter: &char| match room.checked_sub(size(*letter)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let kept: String = text.chars().take_while(fits).collect();
    let left_out = text.chars().count() - kept.chars().count();
    format!("{}\n… and {left_out} more characters", kept.trim_end())
}

/// The bytes of a character within a JSON text.
pub(super) fn in_json(letter: char) -> usize {
    match letter {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\0'..' ' => 6,
        _ => letter.len_utf8(),
    }
}

/// Messages that had to wait, and so many more of which nothing was kept, as one.
pub(super) fn together(messages: &[Message], more: u64) -> Message {
    let all = messages.len() as u64 + more;
    let mut lines: Vec<_> = messages.iter().take(LISTED).map(|message| format!("· {}", heading(message))).collect();
    if all > lines.len() as u64 {
        lines.push(format!("and {} more", all - lines.len() as u64));
    }
    Message { title: Some(format!("{all} messages")), text: lines.join("\n"), ..Message::default() }
}

/// What a message is about, in one line.
pub(super) fn heading(message: &Message) -> String {
    let line = message.title.as_deref().or_else(|| message.text.lines().find(|line| !line.trim().is_empty()));
    let line = line.unwrap_or_default().trim();
    let short: String = line.chars().take(100).collect();
    if short.len() < line.len() { short + "…" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_cut_fits_and_is_the_beginning(text in "\\PC{0,400}|[\n\"\\\\中文a]{0,400}", most in 80_usize..600) {
            for size in [char::len_utf8, in_json] {
                let kept = cut(&text, most, size);
                prop_assert!(kept.chars().map(size).sum::<usize>() <= most);
                match kept.split_once("\n… and ") {
                    Some((beginning, _)) if kept != text => prop_assert!(text.starts_with(beginning)),
                    _ => prop_assert_eq!(&kept, &text),
                }
            }
        }
    }

    #[test]
    fn what_was_cut_off_is_counted() {
        let text = cut(&"集".repeat(1000), 2048, char::len_utf8);
        let (kept, note) = text.split_once('\n').unwrap();
        assert_eq!((kept, note), ("集".repeat(662).as_str(), "… and 338 more characters"));
    }

    #[test]
    fn many_messages_are_told_as_one() {
        let message = |number: usize| Message { text: format!("\njob {number} failed\nwhy"), ..Message::default() };
        let both = together(&[message(1), Message { title: Some("grants".into()), ..message(2) }], 0);
        assert_eq!(both.title.as_deref(), Some("2 messages"));
        assert_eq!(both.text, "· job 1 failed\n· grants");
        let many: Vec<_> = (0..12).map(message).collect();
        let many = together(&many, 35);
        assert_eq!(many.title.as_deref(), Some("47 messages"));
        assert!(many.text.ends_with("· job 9 failed\nand 37 more"), "{}", many.text);
    }
}
