//! A time that leaps over every wait: it moves on when all who are present wait.
