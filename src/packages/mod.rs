//! Packages: folders of modules that teams share, as they are declared, fetched, locked, and found by `import`.

mod installed;
mod manifest;
mod name;
pub mod tree;
mod version;

pub use installed::{Found, Installed, Package};
pub use manifest::{MANIFEST, Manifest};
pub use name::Name;
pub use tree::Tree;
pub use version::Least;
