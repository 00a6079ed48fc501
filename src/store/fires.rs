//! Jobs, fires and runs: every order to run, once, and what became of it.
