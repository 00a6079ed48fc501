//! The calls of a day, by account and operation.
