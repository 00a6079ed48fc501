//! Receives what platforms push: verified, decrypted, each once, and kept before it is answered.
//!
//! `receiver` says who may push what, `wechat` and `polyv` judge a push by their platform's rules, `identity` tells when
//! it comes again, `intake` keeps it, and `desk` answers. Nothing here runs a script.

mod desk;
mod identity;
mod intake;
mod polyv;
mod query;
mod receiver;
mod refusal;
mod wechat;

pub use desk::{LARGEST, router, router_by};
pub use polyv::Polyv;
pub use receiver::{Receiver, Sender, receivers};
pub use wechat::Wechat;
