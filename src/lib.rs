//! juben: a scriptable automation engine for short dramas, novels and videos on WeChat mini programs and Polyv.

pub mod catalog;
pub mod client;
pub mod config;
pub mod error;
pub mod sandbox;
pub mod secret;

pub use error::Error;
