//! `juben jobs`: what is listed, and what a person may want of a job.
