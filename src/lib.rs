//! juben: a scriptable automation engine for short dramas, novels and videos on WeChat mini programs and Polyv.

pub mod analysis;
pub mod catalog;
pub mod cli;
pub mod client;
pub mod config;
pub mod engine;
pub mod error;
pub mod events;
mod files;
pub mod helpers;
pub mod host;
mod lock;
pub mod lsp;
pub mod message;
pub mod packages;
pub mod repl;
pub mod rights;
pub mod sandbox;
pub mod scheduler;
pub mod secret;
mod signs;
pub mod store;

pub use error::Error;
