//! The quota meter.
