//! Packages: folders of modules that teams share, as they are declared, fetched, locked, and found by `import`.

mod archive;
mod entries;
mod index;
mod installed;
pub mod keys;
mod manifest;
mod name;
mod paths;
mod release;
pub mod signature;
pub mod tree;
pub mod trust;
mod unpack;
mod version;

pub use archive::Parcel;
pub use index::{Fetch, Index, LISTING, Place};
pub use installed::{Found, Installed, Package};
pub use manifest::{MANIFEST, Manifest};
pub use name::Name;
pub use release::{Release, write as write_index};
pub use tree::Tree;
pub use unpack::{inspect, unpack};
pub use version::Least;
