//! The prompt: line editing, completion, colours, and the commands that begin with a colon.
