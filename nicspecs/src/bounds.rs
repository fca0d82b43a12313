//! The bounds of the language that hold in every part of a spec. Those of single keys stand in the schema.

/// Most bytes of a file.
pub(crate) const FILE: usize = 1 << 20;

/// Most lists and maps in each other: keeps everything that walks a tree from running out of stack.
pub(crate) const NESTING: usize = 40;

/// Most specs from which a spec inherits.
pub(crate) const BASES: usize = 8;

/// Most entries of a list or map, unless its key states another number.
pub(crate) const ENTRIES: usize = 256;

/// Most characters of a scalar.
pub(crate) const SCALAR: usize = 1000;

/// The highest bit of a descriptor.
pub(crate) const BIT: u64 = 1023;

/// The largest key of a map whose keys are numbers.
pub(crate) const KEY: u64 = 0xffff;

/// Most elements of an array, and most rounds of a loop over them.
pub(crate) const ELEMENTS: u32 = 1 << 14;

/// Most elements of all registers together.
pub(crate) const ALL_ELEMENTS: u32 = 1 << 16;

/// Longest duration in microseconds.
pub(crate) const DURATION: u64 = 60_000_000;

/// Most characters of a name.
pub(crate) const NAME: usize = 64;
