//! What a mistake looks like to whoever made it: one mistake a file, its message beside it.
//!
//! The messages of rustc belong to the toolchain that `rust-toolchain.toml` pins.

#[test]
fn mistakes_are_reported_where_they_are() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/registers/*.rs");
    cases.compile_fail("tests/ui/descriptor/*.rs");
    cases.compile_fail("tests/ui/nic/*.rs");
}
