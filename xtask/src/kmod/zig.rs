//! clang, lld and the headers that FreeBSD installs, all from PyPI's package `ziglang`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::Failure;

/// The tested version.
const VERSION: &str = "0.17.1";
/// The FreeBSD release of its headers.
pub const RELEASE: u32 = 15;

pub struct Zig {
    folder: PathBuf,
}

impl Zig {
    /// Finds the package below `folder`, or installs it there.
    pub fn provide(folder: &Path) -> Result<Zig, Failure> {
        let installed = folder.join(format!("ziglang-{VERSION}"));
        if !installed.is_dir() {
            install(&installed).map_err(Failure::Cannot)?;
        }
        Ok(Zig {
            folder: installed.join("ziglang"),
        })
    }

    pub fn name() -> String {
        format!("ziglang {VERSION}")
    }

    /// A call of one of its tools: `clang` or `ld.lld`.
    pub fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("zig"));
        command.arg(name);
        command
    }

    /// The folders of FreeBSD's headers, in search order.
    pub fn headers(&self) -> [PathBuf; 2] {
        ["x86_64-freebsd-none", "generic-freebsd"]
            .map(|name| self.folder.join("lib/libc/include").join(name))
    }
}

fn install(folder: &Path) -> Result<(), String> {
    let has_pip = || {
        let output = Command::new("python3")
            .args(["-m", "pip", "--version"])
            .output();
        output.is_ok_and(|output| output.status.success())
    };
    if !has_pip() {
        if !debian::is_here() || !debian::is_root() {
            return Err(
                "Python's pip is not installed; on Debian: apt-get install python3-pip".to_owned(),
            );
        }
        debian::install(&["python3-pip"], None)?;
    }
    // An existing folder is complete.
    let part = folder.with_extension("part");
    debian::remove(&part)?;
    let mut pip = Command::new("python3");
    pip.args("-m pip install --quiet --no-deps --only-binary=:all: --target".split(' '));
    pip.arg(&part).arg(format!("ziglang=={VERSION}"));
    pip.env("PIP_ROOT_USER_ACTION", "ignore")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    debian::quiet(&mut pip)?;
    fs::rename(&part, folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))
}
