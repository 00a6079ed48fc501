//! One run in a process of its own: what it tells, and how it is stopped.
