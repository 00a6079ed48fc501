//! All tests of the program, in one binary: script text in, result out, against the sandbox on a real socket.

mod command;
mod script;

mod architecture;
mod catalog;
mod documents;
mod operations;
mod pages;
mod refusals;
mod renew;
