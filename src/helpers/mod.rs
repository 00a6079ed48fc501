//! Several calls that make one deed, in plain async Rust, driven by what the catalog says of an operation.

pub mod calls;
pub mod chapters;
pub mod csv;
pub mod grants;
pub mod notify;
pub mod pages;
pub mod plan;
pub mod progress;
pub mod records;
pub mod sheet;
pub mod tables;
pub mod texts;
pub mod upload;
pub mod wait;
