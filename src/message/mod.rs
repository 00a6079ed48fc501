//! What WeChat pushes to a mini program's server: how such a message is written, signed and encrypted, and how a
//! receiver checks, decrypts and reads it. It belongs to neither side: the sandbox sends with it, a receiver reads with it.

mod cipher;
mod format;
mod read;
mod signature;
#[cfg(test)]
mod tests;

pub use cipher::{Key, NotAKey, Unreadable};
pub use format::{Format, is_name};
pub use read::{DEEPEST, MOST, Malformed, read};
pub use signature::{sign, verify};
