//! Derives for generated declarations.
