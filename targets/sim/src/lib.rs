//! The sim target.
