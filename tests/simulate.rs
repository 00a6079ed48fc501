//! `juben simulate`: days in seconds.
