//! The C half, compiled against a source tree of FreeBSD's, or as far as the headers go that FreeBSD installs.

use std::fs;
use std::path::{Path, PathBuf};

use super::makefile::FOLDER;
use super::tree::Tree;
use super::zig::Zig;
use crate::cargo;
use crate::failure::Failure;

/// FreeBSD's own flags for a module on amd64, as far as they change code or find mistakes.
const FLAGS: [&str; 30] = [
    "--target=x86_64-unknown-freebsd15.0",
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

/// Headers that only a source tree has, and for which there is no stand-in.
const ONLY_IN_A_TREE: [&str; 1] = ["dev/netmap/netmap_kern.h"];

/// Declarations of ours for headers that FreeBSD does not install.
pub fn stand_ins(root: &Path) -> PathBuf {
    root.join(FOLDER).join("stand-ins")
}

pub enum Headers<'a> {
    Installed,
    Tree(&'a Tree),
}

/// What came of the C half.
pub struct CHalf {
    pub objects: Vec<PathBuf>,
    /// Files that cannot be compiled without a tree, each with the header that it includes.
    pub unchecked: Vec<(String, &'static str)>,
}

pub fn compile(
    zig: &Zig,
    headers: &Headers<'_>,
    files: &[PathBuf],
    root: &Path,
    into: &Path,
) -> Result<CHalf, Failure> {
    let _ = fs::remove_dir_all(into);
    fs::create_dir_all(into)
        .map_err(|error| Failure::Failed(format!("cannot make {}: {error}", into.display())))?;
    let mut half = CHalf {
        objects: Vec::new(),
        unchecked: Vec::new(),
    };
    for file in files {
        let name = name(file);
        if let Headers::Installed = headers
            && let Some(header) = needs_a_tree(file)?
        {
            half.unchecked.push((name, header));
            continue;
        }
        let object = into.join(&name).with_extension("o");
        compile_one(zig, headers, root, file, &object)?;
        half.objects.push(object);
    }
    Ok(half)
}

/// Compiles one file.
pub fn compile_one(
    zig: &Zig,
    headers: &Headers<'_>,
    root: &Path,
    file: &Path,
    object: &Path,
) -> Result<(), Failure> {
    let mut clang = zig.clang();
    clang.args(FLAGS);
    match headers {
        Headers::Installed => {
            // What zig defines for its target; a tree has it in <sys/param.h>.
            clang.arg("-D__FreeBSD_version=1500000");
            clang.arg("-isystem").arg(stand_ins(root));
            for folder in zig.headers() {
                clang.arg("-isystem").arg(folder);
            }
        }
        Headers::Tree(tree) => {
            clang.args(["-DHAVE_KERNEL_OPTION_HEADERS", "-include", "opt_global.h"]);
            for folder in tree.headers() {
                clang.arg("-isystem").arg(folder);
            }
        }
    }
    clang.arg("-I").arg(root.join(FOLDER).join("sys"));
    clang.arg("-o").arg(object).arg(file);
    let output = clang
        .output()
        .map_err(|error| Failure::Failed(format!("cannot run {}: {error}", cargo::line(&clang))))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::Failed(format!(
            "{} does not compile\n{}{}",
            name(file),
            String::from_utf8_lossy(&output.stderr),
            match headers {
                Headers::Installed => format!(
                    "What a source tree of FreeBSD declares and the C half has not used so far is to be declared in \
                     {FOLDER}/stand-ins.\n"
                ),
                Headers::Tree(_) => String::new(),
            }
        ))),
    }
}

/// The header that a file includes, if only a tree has it.
fn needs_a_tree(file: &Path) -> Result<Option<&'static str>, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::Failed(format!("cannot read {}: {error}", file.display())))?;
    let included = |header: &&&str| {
        let include = format!("<{header}>");
        text.lines()
            .any(|line| line.starts_with("#include") && line.contains(&include))
    };
    Ok(ONLY_IN_A_TREE.iter().find(included).copied())
}

pub fn name(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
