//! The language server: what the analysis knows of a script, told to an editor.
