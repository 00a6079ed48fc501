//! `juben serve` as a process: jobs at their times, reload, shutdown, health and metrics.
