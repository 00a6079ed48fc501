//! A page of text for a terminal: heads, folded lines, and names beside what they mean.

use unicode_width::UnicodeWidthStr;

/// A text that grows line by line.
pub(super) struct Page {
    pub text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Page {
        Page { text: String::new(), width }
    }

    pub(super) fn head(&mut self, title: &str) {
        self.text += &format!("\n{title}\n");
    }

    pub(super) fn line(&mut self, indent: usize, text: &str) {
        let margin = " ".repeat(indent);
        let options = textwrap::Options::new(self.width).initial_indent(&margin).subsequent_indent(&margin);
        self.text += &textwrap::fill(text, options);
        self.text.push('\n');
    }

    /// A name and what it means, side by side.
    pub(super) fn entry(&mut self, indent: usize, name: &str, column: usize, text: &str) {
        let gap = column.saturating_sub(name.width()).max(2);
        let first = format!("{}{name}{}", " ".repeat(indent), " ".repeat(gap));
        let rest = " ".repeat(indent + column.max(name.width() + 2).min(40));
        let options = textwrap::Options::new(self.width).initial_indent(&first).subsequent_indent(&rest);
        self.text += textwrap::fill(text, options).trim_end();
        self.text.push('\n');
    }
}
