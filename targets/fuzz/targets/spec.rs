//! Text of a spec: it compiles to a model that prints, or the report names what is wrong; and it is formatted or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nicspecs::SpecFile;

fuzz_target!(|text: &str| {
    // The name that the seed must have.
    let spec = SpecFile::new("toy.yaml", text);
    match spec.compile() {
        Ok(nic) => {
            assert_eq!(nic.name(), "toy");
            assert!(!format!("{nic:?}").is_empty());
        }
        Err(report) => assert!(!report.to_string().is_empty()),
    }
    if let Err(error) = spec.formatted() {
        assert!(!error.to_string().is_empty());
    }
});
