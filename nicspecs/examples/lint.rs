//! Checks the specs named on the command line: `cargo run -p nicspecs --example lint -- [--short] nicspecs/*.yaml`.

use miette::{IntoDiagnostic, Result};

fn main() -> Result<()> {
    let (flags, files): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument == "--short");
    let mut clean = true;
    for file in files {
        match nicspecs::load(&file).into_diagnostic()?.compile() {
            Ok(nic) => println!(
                "{file}: {} registers, {} sequences",
                nic.registers().len(),
                nic.sequences().len()
            ),
            Err(report) if flags.is_empty() => {
                clean = false;
                eprintln!("{:?}", miette::Report::new(report));
            }
            Err(report) => {
                clean = false;
                eprint!("{}", report.short());
            }
        }
    }
    std::process::exit(i32::from(!clean));
}
