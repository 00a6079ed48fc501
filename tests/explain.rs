//! `juben explain`: exact outputs of the binary.
