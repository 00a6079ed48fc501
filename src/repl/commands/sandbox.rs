//! `:sandbox` — from the configured accounts to the built-in sandbox and back, and its clock.

use super::{Prompt, wrong};
use crate::Error;
use jiff::Timestamp;

pub(super) fn sandbox(prompt: &mut Prompt, rest: &str) -> Result<(), Error> {
    let (word, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match word {
        "" | "on" => switch(prompt, true),
        "off" => switch(prompt, false),
        "reset" => {
            prompt.world.reset()?;
            prompt.screen.note("the sandbox begins again")
        }
        "advance" => {
            let seconds = duration(argument.trim()).ok_or_else(|| {
                wrong(format!("{argument:?} is not a time"), "write it as 90s, 15m, 3h or 2d: `:sandbox advance 2d`")
            })?;
            let now = prompt.world.advance(seconds)?;
            let now = Timestamp::from_second(now).map(|now| now.to_string()).unwrap_or_default();
            prompt.screen.note(&format!("in the sandbox it is {now}"))
        }
        other => {
            Err(wrong(format!("`:sandbox` does not know {other:?}"), "write off, reset or advance 2d, or nothing"))
        }
    }
}

fn switch(prompt: &mut Prompt, on: bool) -> Result<(), Error> {
    match (prompt.world.is_sandbox(), on) {
        (true, true) => return prompt.screen.note("the sandbox answers already; `:sandbox reset` begins again"),
        (false, false) => return prompt.screen.note("no sandbox answers here"),
        _ => prompt.world.switch(on)?,
    }
    prompt.account = prompt.world.account();
    prompt.screen.note(match on {
        true => "a fresh sandbox answers; no platform is contacted. `:sandbox off` goes back",
        false => "the configured accounts answer again",
    })
}

/// `90s`, `15m`, `3h`, `2d`, or several: `1d 12h`. In seconds.
fn duration(text: &str) -> Option<i64> {
    let text: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let (mut seconds, mut rest) = (0_i64, text.as_str());
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit())?;
        let unit = match rest[end..].chars().next()? {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        seconds = rest[..end].parse::<i64>().ok()?.checked_mul(unit)?.checked_add(seconds)?;
        rest = &rest[end + 1..];
    }
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_units() {
        for (text, seconds) in [("2d", 172_800), ("3h", 10_800), ("90s", 90), ("1d 12h", 129_600), ("15m", 900)] {
            assert_eq!(duration(text), Some(seconds), "{text}");
        }
        for text in ["", "2", "d", "2w", "-2d", "99999999999999999d"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
