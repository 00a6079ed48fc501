//! What code may do: read off scripts, declared by packages, granted by people, and looked at before each deed.

mod grant;
mod guard;
mod host;
mod overlay;
mod reach;
mod reserved;
mod right;
mod root;
mod set;

pub use grant::{Call, Grant};
pub use guard::{Guard, Part};
pub use host::host_of;
pub use overlay::Overlay;
pub use reach::{About, Place, Reach, failed};
pub use reserved::Reserved;
pub use right::{Kind, Right};
pub use set::Rights;
