//! `notify::` and `juben notify`: what robots are sent.
