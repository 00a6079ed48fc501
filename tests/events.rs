//! Pushes of the platforms: what is taken, what is refused, and what runs on it.
