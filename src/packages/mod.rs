//! Packages: folders of modules that teams share, as they are declared, fetched, locked, and found by `import`.

mod entries;
mod installed;
mod manifest;
mod name;
mod paths;
mod unpack;

pub use installed::{Found, Installed, Package};
pub use manifest::{MANIFEST, Manifest};
pub use name::Name;
pub use unpack::{inspect, unpack};
