//! A week of due times with restarts at random moments, and kills: each once, none unexplained.
