//! Which episode a file is, by its name.

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// What says it plainly: 第12集, 第十二话, EP12, S01E12, Episode 12.
static PLAIN: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        pattern(r"第\s*([0-9０-９〇零一二两三四五六七八九十百]+)\s*[集话話回期章]"),
        pattern(r"(?i)(?:^|[^a-z])(?:s\d+)?e(?:p|pisode)?[ ._-]*(\d+)"),
    ]
});
/// Numbers that say how a video is encoded: 1080p, 4K, x264, h.265, 1920x1080, 60fps.
static TECHNICAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\d{3,4}[pi]|\d+\.\d+(?:fps)?|\d+bit|\(\d+\)$|\d{3,4}x\d{3,4}|\d+k(?:bps)?\b|[xh]\.?26[45]|\d+fps|mp[34]",
    )
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9０-９]+"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a constant: {error}"))
}

/// The number of an episode, from the name of its file without the ending; the last number when nothing says it plainly.
pub(super) fn number(stem: &str) -> Option<u32> {
    let plain = PLAIN.iter().find_map(|plain| plain.captures_iter(stem).last());
    let first = |found: Captures| found.get(1).map(|number| number.as_str().to_owned());
    match plain.and_then(first) {
        Some(number) => value(&number),
        None => {
            let stem = TECHNICAL.replace_all(stem, " ");
            NUMBER.find_iter(&stem).last().and_then(|number| value(number.as_str()))
        }
    }
}

/// `12`, `１２` or `十二`.
fn value(text: &str) -> Option<u32> {
    let digits: Option<String> = text.chars().map(digit).collect();
    match digits {
        Some(digits) => digits.parse().ok(),
        None => chinese(text),
    }
}

/// A digit of any of three scripts.
fn digit(sign: char) -> Option<char> {
    const CHINESE: &str = "零一二三四五六七八九";
    let value = match sign {
        '0'..='9' => return Some(sign),
        '０'..='９' => sign as u32 - '０' as u32,
        '〇' => 0,
        '两' => 2,
        _ => CHINESE.chars().position(|known| known == sign)? as u32,
    };
    char::from_digit(value, 10)
}

/// `十`, `二十三`, `一百零五`.
fn chinese(text: &str) -> Option<u32> {
    let (mut sum, mut waiting) = (0, None);
    for sign in text.chars() {
        let unit = match sign {
            '十' => 10,
            '百' => 100,
            _ => {
                waiting = digit(sign)?.to_digit(10);
                continue;
            }
        };
        sum += waiting.take().filter(|count| *count > 0).unwrap_or(1) * unit;
    }
    Some(sum + waiting.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_tells_its_episode() {
        let names = [
            ("第2集", 2),
            ("归来记 - 第12集", 12),
            ("归来记2 第3集 1080p", 3),
            ("第十二话", 12),
            ("第二十集", 20),
            ("第一百零五集", 105),
            ("第１０集", 10),
            ("S01E07", 7),
            ("guilaiji.ep03.x264", 3),
            ("Episode 9", 9),
            ("归来记2 04", 4),
            ("05_1080p", 5),
            ("6", 6),
            ("07 (1920x1080, 60fps)", 7),
            ("03_10bit", 3),
            ("05 DDP5.1", 5),
            ("04 23.976fps", 4),
            ("08 (1)", 8),
        ];
        for (name, episode) in names {
            assert_eq!(number(name), Some(episode), "{name}");
        }
        assert_eq!(number("trailer"), None);
        assert_eq!(number("花絮1080p"), None);
    }

    proptest! {
        #[test]
        fn chinese_and_arabic_numbers_agree(episode in 1_u32..1000) {
            let signs: Vec<char> = "零一二三四五六七八九".chars().collect();
            let sign = |value: u32| signs[value as usize].to_string();
            let (hundreds, tens, ones) = (episode / 100, episode / 10 % 10, episode % 10);
            let mut text = String::new();
            if hundreds > 0 { text += &format!("{}百", sign(hundreds)); }
            match tens {
                0 if hundreds > 0 && ones > 0 => text += "零",
                0 => {}
                1 if hundreds == 0 => text += "十",
                _ => text += &format!("{}十", sign(tens)),
            }
            if ones > 0 { text += &sign(ones); }
            prop_assert_eq!(number(&format!("第{text}集")), Some(episode), "{}", text);
            prop_assert_eq!(number(&format!("第{episode}集")), Some(episode));
        }
    }
}
