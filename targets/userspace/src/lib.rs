//! The userspace target.
