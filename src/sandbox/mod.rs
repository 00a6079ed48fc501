//! A server that answers as the platforms do, from the same catalog, with its state in memory.

mod drama;
mod model;
mod novel;
