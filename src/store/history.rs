//! What was run, for people who look; and forgetting what is old.
