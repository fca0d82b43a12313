//! Compiles the C half against a FreeBSD source tree, or as far as possible against the headers that FreeBSD installs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::makefile::FOLDER;
use super::zig::{self, Zig};
use crate::failure::{Failure, failed};
use xtask_workspace::cargo;

/// FreeBSD's own flags for a module on amd64 that affect code or warnings.
const FLAGS: [&str; 29] = [
    "-nostdinc",
    "-O2",
    "-std=gnu17",
    "-D_KERNEL",
    "-DKLD_MODULE",
    "-mcmodel=kernel",
    "-mno-red-zone",
    "-mno-mmx",
    "-mno-sse",
    "-mno-avx",
    "-mno-aes",
    "-msoft-float",
    "-ffreestanding",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-common",
    "-fno-pic",
    "-fno-omit-frame-pointer",
    "-fno-asynchronous-unwind-tables",
    "-fstack-protector",
    "-Wall",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wpointer-arith",
    "-Wcast-qual",
    "-Wundef",
    "-Wno-pointer-sign",
    "-Werror",
    "-c",
];

/// Headers that only a source tree has, without a stand-in.
const ONLY_IN_A_TREE: [&str; 1] = ["dev/netmap/netmap_kern.h"];

/// Our declarations for headers that FreeBSD does not install.
pub fn stand_ins(root: &Path) -> PathBuf {
    root.join(FOLDER).join("stand-ins")
}

/// Headers of FreeBSD's to compile against.
pub struct Headers {
    /// The release that they are of.
    pub release: u32,
    pub arguments: Vec<OsString>,
    /// Advice for a missing declaration.
    pub advice: String,
}

impl Headers {
    /// Those that FreeBSD installs, and the stand-ins.
    pub fn installed(zig: &Zig, root: &Path) -> Headers {
        let release = zig::RELEASE;
        // Defined by zig for its target; a tree has it in <sys/param.h>.
        let mut arguments = vec![format!("-D__FreeBSD_version={release}00000").into()];
        let folders = [stand_ins(root)].into_iter().chain(zig.headers());
        arguments.extend(folders.flat_map(|folder| ["-isystem".into(), folder.into()]));
        Headers {
            release,
            arguments,
            advice: format!(
                "Declare what the C half newly uses from a FreeBSD source tree in \
                 {FOLDER}/stand-ins.\n"
            ),
        }
    }
}

/// Compiles files. Returns the paths of their objects.
pub fn compile(
    zig: &Zig,
    headers: &Headers,
    files: &[PathBuf],
    root: &Path,
    into: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let _ = fs::remove_dir_all(into);
    fs::create_dir_all(into).map_err(failed(format!("make {}", into.display())))?;
    let mut objects = Vec::new();
    for file in files {
        let object = into.join(name(file)).with_extension("o");
        compile_one(zig, headers, root, file, &object)?;
        objects.push(object);
    }
    Ok(objects)
}

pub fn compile_one(
    zig: &Zig,
    headers: &Headers,
    root: &Path,
    file: &Path,
    object: &Path,
) -> Result<(), Failure> {
    let mut clang = zig.tool("clang");
    let release = headers.release;
    clang.arg(format!("--target=x86_64-unknown-freebsd{release}.0"));
    clang.args(FLAGS).args(&headers.arguments);
    clang.arg("-I").arg(root.join(FOLDER).join("sys"));
    clang.arg("-I").arg(root.join("generated/freebsd"));
    clang.arg("-o").arg(object).arg(file);
    let output = clang.output();
    let output = output.map_err(failed(format!("run {}", cargo::line(&clang))))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::Failed(format!(
            "{} does not compile\n{}{}",
            name(file),
            String::from_utf8_lossy(&output.stderr),
            headers.advice
        ))),
    }
}

/// The header that a file includes, if only a tree has it.
pub fn needs_a_tree(file: &Path) -> Result<Option<&'static str>, Failure> {
    let text = fs::read_to_string(file);
    let text = text.map_err(failed(format!("read {}", file.display())))?;
    Ok(only_in_a_tree(&text))
}

fn only_in_a_tree(text: &str) -> Option<&'static str> {
    let is_included = |header: &&str| {
        let include = format!("<{header}>");
        text.lines()
            .any(|line| line.starts_with("#include") && line.contains(&include))
    };
    ONLY_IN_A_TREE.into_iter().find(is_included)
}

pub fn name(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_need_a_tree_are_detected_by_their_includes() {
        let header = "dev/netmap/netmap_kern.h";
        let included = format!("#include \"nmd.h\"\n#include <{header}>\n");
        assert_eq!(only_in_a_tree(&included), Some(header));
        assert_eq!(
            only_in_a_tree(&format!("/* {header} */\n#include <sys/param.h>\n")),
            None
        );
    }
}
