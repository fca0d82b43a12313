//! The spec language.
