//! From what platforms have told to the fires of the jobs that run on it.
