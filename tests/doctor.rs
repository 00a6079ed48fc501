//! `juben doctor`: exact outputs of the binary.
