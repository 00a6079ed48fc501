//! All tests of the program, in one binary: script text in, result out, against the sandbox on a real socket.

mod command;
mod script;

mod architecture;
mod catalog;
mod chaos;
mod chapters;
mod cli;
mod complete;
mod connection;
mod desk;
mod doctor;
mod documents;
mod explain;
mod faults;
mod grants;
mod kill;
mod operations;
mod own_api;
mod pages;
mod prompt;
mod push;
mod refusals;
mod renew;
mod replay;
mod sandbox_walk;
mod sheet;
mod stopping;
mod store;
mod terminal;
mod tokens;
mod upload;
mod world;
