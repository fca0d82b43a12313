//! `cargo xtask build kmod`: the FreeBSD kernel module, as far as this machine can build and check it.

mod c_half;
mod inspect;
mod makefile;
mod report;
mod rust_half;
pub mod toolchain;
mod tree;
mod zig;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::failure::{Failure, failed};
use c_half::Headers;
use inspect::symbols::List;
use makefile::{FOLDER, Makefile};
use report::Report;
use toolchain::Library;
use tree::Tree;
use xtask_workspace::err_line;
use xtask_workspace::{cargo, specs};
use zig::Zig;

/// The FreeBSD kernel module, with checks of its machine code
#[derive(Args, Default)]
#[command(after_help = "Examples:
  cargo xtask build kmod
  cargo xtask build kmod --freebsd-src /usr/src

Anywhere, the Rust half is built for the kernel and its machine code is inspected.
Without a source tree, the C half is compiled against the headers that FreeBSD installs, but for the file that includes a
header of netmap's; nothing is linked. With one, all of the module is compiled and linked, and nmd.ko is inspected, too.
On FreeBSD, its own make builds nmd.ko.

What is missing is fetched into target/kmod: Rust's library for x86_64-unknown-none from Debian's rust-src, where the
toolchain has none, and clang with the headers from PyPI's ziglang.")]
pub struct Kmod {
    /// The top of a source tree of FreeBSD 14 or 15
    #[arg(long, value_name = "DIR")]
    freebsd_src: Option<PathBuf>,
}

pub fn run(task: &Kmod) -> Result<(), Failure> {
    let root = specs::root();
    let folder = cargo::target_directory()?.join("kmod");
    fs::create_dir_all(&folder).map_err(failed(format!("make {}", folder.display())))?;
    let makefile = Makefile::read(&root)?;
    let mut report = Report::default();

    let library = Library::provide(&folder)?;
    let archive = rust_half::build(&makefile, &library, &folder)?;
    report.built("Rust half", &archive, &library.describe());
    let list = list(&root, "rust-half")?;
    let nics = specs::all()?.len();
    report.checked(understood(&archive, |bytes| {
        inspect::rust_half(bytes, &list, nics)
    })?);

    let build = Build {
        root: &root,
        folder: &folder,
        makefile: &makefile,
        archive: &archive,
    };
    match &task.freebsd_src {
        tree if cfg!(target_os = "freebsd") => build.by_make(tree.as_deref(), &mut report)?,
        Some(tree) => build.against_tree(tree, &mut report)?,
        None => build.against_installed(&mut report)?,
    }
    report.finish()
}

struct Build<'a> {
    root: &'a Path,
    folder: &'a Path,
    makefile: &'a Makefile,
    /// The Rust half.
    archive: &'a Path,
}

impl Build<'_> {
    fn against_installed(&self, report: &mut Report) -> Result<(), Failure> {
        err_line!("the C half");
        let zig = Zig::provide(self.folder)?;
        let into = self.folder.join("c");
        let (mut files, mut unchecked) = (Vec::new(), Vec::new());
        for file in self.makefile.c_files()? {
            match c_half::needs_a_tree(&file)? {
                None => files.push(file),
                Some(header) => unchecked.push((c_half::name(&file), header)),
            }
        }
        let headers = Headers::installed(&zig, self.root);
        let objects = c_half::compile(&zig, &headers, &files, self.root, &into)?;
        let compiled = specs::count(objects.len(), "file");
        let how = format!("{compiled}, against the headers of {}", Zig::name());
        report.built("C half", &into, &how);
        self.inspect_parts(&objects, report)?;
        for (file, header) in &unchecked {
            report.unchecked(
                file,
                &format!("includes {header}, which only a source tree has; pass --freebsd-src DIR"),
            );
        }
        report.unchecked(
            "nmd.ko",
            "not linked: linking needs all files and a source tree's linker script; pass --freebsd-src DIR",
        );
        Ok(())
    }

    /// Inspects the objects of the C half, without one of its files.
    fn inspect_parts(&self, objects: &[PathBuf], report: &mut Report) -> Result<(), Failure> {
        let bytes = objects.iter().map(|object| read(object));
        let bytes: Vec<Vec<u8>> = bytes.collect::<Result<_, _>>()?;
        let objects: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        let list = list(self.root, "module")?.of_release(zig::RELEASE);
        // Functions that are inline in a source tree.
        let stand_ins = read(&c_half::stand_ins(self.root).join("dev/pci/pcivar.h"))?;
        let stand_ins = String::from_utf8_lossy(&stand_ins);
        let is_known = |name: &str| {
            let mut words = stand_ins.split(|c: char| !c.is_alphanumeric() && c != '_');
            name.starts_with("nmd_") || words.any(|word| word == name)
        };
        report.checked(
            inspect::parts(&objects, &read(self.archive)?, &list, is_known)
                .map_err(not_understood)?,
        );
        Ok(())
    }

    fn against_tree(&self, top: &Path, report: &mut Report) -> Result<(), Failure> {
        err_line!("the C half");
        let zig = Zig::provide(self.folder)?;
        let tree = Tree::open(top, self.makefile, &self.folder.join("headers"))?;
        tree.compare_stand_ins(&zig, self.root)?;
        let into = self.folder.join("c");
        let files = self.makefile.c_files()?;
        let mut parts = c_half::compile(&zig, &tree.headers(), &files, self.root, &into)?;
        let compiled = specs::count(parts.len(), "file");
        let how = format!("{compiled}, against {}", top.display());
        report.built("C half", &into, &how);
        let module = self.folder.join("nmd.ko");
        parts.push(self.archive.to_owned());
        tree.link(&zig, &parts, &module)?;
        report.built("module", &module, "both halves, linked");
        inspect_module(self.root, &module, Some(tree.release), report)
    }

    /// Builds the module with FreeBSD's own make, from the inspected Rust half.
    fn by_make(&self, tree: Option<&Path>, report: &mut Report) -> Result<(), Failure> {
        let sys = tree.unwrap_or(Path::new("/usr/src")).join("sys");
        let make = |arguments: &[&str]| {
            let mut make = Command::new("make");
            make.arg("-C").arg(self.root.join(FOLDER));
            make.arg(format!("RUST_HALF={}", self.archive.display()));
            make.arg(format!("SYSDIR={}", sys.display()))
                .args(arguments);
            make
        };
        cargo::succeed(&make(&[]))?;
        let output = make(&["-V", ".OBJDIR"]).output();
        let output = output.map_err(failed("run make"))?;
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let module = Path::new(&folder).join("nmd.ko");
        report.built("module", &module, "by make");
        inspect_module(self.root, &module, tree::release(&sys), report)
    }
}

/// The list of the symbols that a part of the module imports.
fn list(root: &Path, part: &str) -> Result<List, Failure> {
    List::read(root, &format!("{FOLDER}/imports/{part}")).map_err(Failure::Failed)
}

/// The releases with a list of the module's imports from the kernel: headers of other releases may map a function to
/// another one.
const LISTED_RELEASES: [u32; 2] = [14, 15];

fn inspect_module(
    root: &Path,
    module: &Path,
    release: Option<u32>,
    report: &mut Report,
) -> Result<(), Failure> {
    let listed = release.filter(|release| LISTED_RELEASES.contains(release));
    let list = listed.map(|release| Ok::<_, Failure>(list(root, "module")?.of_release(release)));
    let list = list.transpose()?;
    report.checked(understood(module, |bytes| {
        inspect::module(bytes, list.as_ref())
    })?);
    if list.is_none() {
        let releases = LISTED_RELEASES.map(|release| release.to_string());
        report.unchecked(
            "undefined symbols",
            &format!("a list exists only for FreeBSD {}", releases.join(" and ")),
        );
    }
    Ok(())
}

fn understood(
    file: &Path,
    inspect: impl Fn(&[u8]) -> Result<Vec<inspect::Check>, object::Error>,
) -> Result<Vec<inspect::Check>, Failure> {
    inspect(&read(file)?).map_err(not_understood)
}

fn not_understood(error: object::Error) -> Failure {
    Failure::Failed(format!("unexpected format of the built file: {error}"))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(failed(format!("read {}", file.display())))
}
