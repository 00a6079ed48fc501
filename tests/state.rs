//! `state::`: what scripts keep.
