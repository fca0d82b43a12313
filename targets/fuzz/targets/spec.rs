//! Text of a spec: it compiles and prints, or the report names what is wrong.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nicspecs::SpecFile;

fuzz_target!(|text: &str| {
    let spec = SpecFile::new("fuzz.yaml", text);
    match spec.compile() {
        Ok(nic) => assert_eq!(nic.name(), nic.name()),
        Err(report) => assert!(!report.to_string().is_empty()),
    }
});
