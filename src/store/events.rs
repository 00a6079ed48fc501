//! What platforms have told, each once.
