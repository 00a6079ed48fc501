//! A text that is longer than the screen goes through the user's pager.

use std::{
    env,
    io::Write,
    process::{Command, Stdio},
};

/// Show a text by `$PAGER`, else by `less`. Whether there was one.
pub(super) fn page(text: &str) -> bool {
    let own = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let mut pager = Command::new("sh");
    pager.arg("-c").arg(own.as_deref().unwrap_or("command -v less >/dev/null && exec less")).stdin(Stdio::piped());
    // Colours as they are, no wait for a text that fits after all, and the screen left as it was.
    for (name, value) in [("LESS", "-RFX"), ("LESSCHARSET", "utf-8")] {
        if env::var_os(name).is_none() {
            pager.env(name, value);
        }
    }
    let Ok(mut pager) = pager.spawn() else { return false };
    if let Some(mut input) = pager.stdin.take() {
        // A pager that was left before its end is no error.
        input.write_all(text.as_bytes()).ok();
    }
    pager.wait().is_ok_and(|status| status.success())
}
