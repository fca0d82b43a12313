//! `cargo xtask fmt`: specs in one layout.

use std::io::{self, Read as _};
use std::path::{self, Path};

use clap::Args;
use miette::{Context as _, IntoDiagnostic as _, bail};
use nicspecs::SpecFile;
use xtask_generator::outputs::{self, Difference};
use xtask_workspace::specs::{self, count};
use xtask_workspace::{err_line, findings, interrupt, out_line, output};

/// Format specs: numbers, quotes, the order of keys, indentation and spaces.
///
/// Comments, line breaks and the order of registers and steps stay as they are. A spec may have gaps and errors, but must
/// be YAML. Nothing is written unless the result is the same spec: the same keys, values and comments, and the same NIC if
/// the spec has no errors.
#[derive(Args, Default)]
#[command(after_help = "Examples:
  cargo xtask fmt                          every spec
  cargo xtask fmt NAME path/to/new.yaml    these
  cargo xtask fmt --check                  show what `fmt` would change; fail if any file would change
  cargo xtask fmt - < path/to/new.yaml     standard input to standard output, for editors")]
pub struct Fmt {
    /// Names or paths of specs, or `-` for standard input; by default all of nicspecs/ and the toys of the tests
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// Show what would change, and fail if any file would
    #[arg(long)]
    check: bool,
}

impl Fmt {
    /// `fmt --check`.
    pub fn check() -> Self {
        Self {
            check: true,
            ..Self::default()
        }
    }
}

pub fn run(task: &Fmt) -> miette::Result<()> {
    interrupt::defer();
    let is_input = task.specs.iter().any(|spec| spec == "-");
    let specs = match is_input {
        true if task.specs.len() > 1 => bail!("`-` cannot be combined with names of specs"),
        true => vec![input()?],
        false if task.specs.is_empty() => specs::with_toys()?,
        false => specs::chosen(&task.specs)?,
    };
    let mut changed = Vec::new();
    let mut refused = 0;
    for spec in &specs {
        match spec.formatted() {
            Ok(text) if is_input && !task.check => output::print(text),
            Ok(text) if text == spec.text => {}
            Ok(text) => changed.push((spec, text)),
            Err(nicspecs::NotFormatted::File(report)) => {
                findings::show(&[report]);
                refused += 1;
            }
            Err(error) => {
                err_line!("{:?}", miette::Report::new(error));
                refused += 1;
            }
        }
    }
    if task.check {
        for (spec, text) in &changed {
            let path = spec.path.display();
            out_line!("not formatted: {path}");
            let names = [path.to_string(), format!("{path} (formatted)")];
            output::print(outputs::diff(&spec.text, text, &names));
        }
    } else {
        write(task, &changed)?;
    }
    let files = count(specs.len(), "spec");
    match (refused, changed.len()) {
        (0, 0) if is_input => {}
        (0, 0) => out_line!("{files}: formatted"),
        (0, some) if task.check => bail!(
            help = "run `cargo xtask fmt`",
            "{some} of {files} would change"
        ),
        (0, some) => out_line!(
            "{files}: {some} formatted, {} unchanged",
            specs.len() - some
        ),
        (some, _) => bail!("{some} of {files} cannot be formatted"),
    }
    Ok(())
}

/// Standard input, as a spec next to those of the workspace, which may contain its base spec.
fn input() -> miette::Result<SpecFile> {
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .into_diagnostic()
        .wrap_err("cannot read standard input")?;
    let spec = SpecFile::new("<stdin>", String::from_utf8_lossy(&bytes));
    Ok(spec.among(&specs::all().unwrap_or_default()))
}

/// Replaces the files, each completely or not at all.
fn write(task: &Fmt, changed: &[(&SpecFile, String)]) -> miette::Result<()> {
    let mut differences = Vec::new();
    for (spec, text) in changed {
        let is_given = task.specs.iter().any(|given| Path::new(given) == spec.path);
        let path = match is_given {
            true => path::absolute(&spec.path).into_diagnostic()?,
            false => specs::root().join(&spec.path),
        };
        differences.push(Difference {
            path,
            old: Some(spec.text.clone()),
            new: Some(text.clone()),
        });
    }
    outputs::apply(Path::new("/"), &differences, interrupt::check)
        .into_diagnostic()
        .wrap_err("not every spec was written; run `cargo xtask fmt` again")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Fmt, run};

    #[test]
    fn a_file_is_replaced_only_without_check_and_only_if_it_is_yaml() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.yaml");
        let task = |check| Fmt {
            specs: vec![path.to_str().unwrap().to_owned()],
            check,
        };
        let text = || fs::read_to_string(&path).unwrap();
        fs::write(&path, "nic: {name: new}").unwrap();
        let error = run(&task(true)).unwrap_err();
        assert_eq!(error.to_string(), "1 of 1 spec would change");
        assert_eq!(text(), "nic: {name: new}");
        run(&task(false)).unwrap();
        assert_eq!(text(), "nic: { name: new }\n");
        run(&task(true)).unwrap();
        fs::write(&path, "nic: {name: new").unwrap();
        for check in [true, false] {
            let error = run(&task(check)).unwrap_err();
            assert_eq!(error.to_string(), "1 of 1 spec cannot be formatted");
        }
        assert_eq!(text(), "nic: {name: new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
