//! All tests of the program, in one binary: script text in, result out, against the sandbox on a real socket.

mod command;
mod script;

mod cli;
mod faults;
mod pages;
mod renew;
mod sandbox_walk;
mod stopping;
mod tokens;
