//! What scripts keep from run to run.
