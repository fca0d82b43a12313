//! Error messages: each file has one error, with its message in the `.stderr` file.
//!
//! The messages of rustc belong to the toolchain that `rust-toolchain.toml` pins.

#[test]
fn errors_are_reported_at_their_location() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/registers/*.rs");
    cases.compile_fail("tests/ui/descriptor/*.rs");
    cases.compile_fail("tests/ui/nic/*.rs");
}
