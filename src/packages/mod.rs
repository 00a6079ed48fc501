//! Packages: folders of modules that teams share, as they are declared, fetched, locked, and found by `import`.

mod cache;
mod entries;
mod fetch;
pub mod git;
mod installed;
mod lock;
mod manifest;
mod name;
mod paths;
mod project;
mod read;
mod resolve;
mod source;
pub mod tree;
mod unpack;
mod version;

pub use cache::{Cache, Hold};
pub use fetch::{Fetched, Fetcher};
pub use installed::{Found, Installed, Package};
pub use lock::{LOCK, Lock, Locked};
pub use manifest::{MANIFEST, Manifest};
pub use name::Name;
pub use project::{PROJECT, Project, VENDOR};
pub use resolve::resolve;
pub use source::{Reference, Repository, Source, Wanted};
pub use tree::Tree;
pub use unpack::{inspect, unpack};
pub use version::Least;
