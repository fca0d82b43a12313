//! A FreeBSD source tree: its headers, and how it links a module.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::c_half::{self, Headers};
use super::makefile::Makefile;
use super::zig::Zig;
use crate::failure::{Failure, failed};
use crate::machine_code;
use xtask_workspace::cargo;

pub struct Tree {
    sys: PathBuf,
    pub release: u32,
    /// Files of the tree that are needed before compiling.
    made: PathBuf,
}

const LINKER_SCRIPT: &str = "conf/ldscript.kmod.amd64";
const PARAM_H: &str = "sys/param.h";

impl Tree {
    /// Opens the tree with the top `folder`; writes the headers that FreeBSD's make generates to `made`.
    pub fn open(folder: &Path, makefile: &Makefile, made: &Path) -> Result<Tree, Failure> {
        let sys = folder.join("sys");
        let sys = sys.canonicalize().unwrap_or(sys);
        for part in [
            "tools/makeobjops.awk",
            "dev/netmap/netmap_kern.h",
            LINKER_SCRIPT,
        ] {
            if !sys.join(part).is_file() {
                return Err(Failure::Failed(format!(
                    "{} does not exist; --freebsd-src takes the top of a source tree of FreeBSD 14 or 15",
                    folder.join("sys").join(part).display()
                )));
            }
        }
        let release = release(&sys).ok_or_else(|| {
            let header = folder.join("sys").join(PARAM_H);
            Failure::Failed(format!(
                "{} does not define __FreeBSD_version",
                header.display()
            ))
        })?;
        let _ = fs::remove_dir_all(made);
        fs::create_dir_all(made).map_err(failed("create a folder for headers"))?;
        let tree = Tree {
            sys,
            release,
            made: made.to_owned(),
        };
        for (name, folder) in [
            ("machine", "amd64/include"),
            ("x86", "x86/include"),
            ("i386", "i386/include"),
        ] {
            symlink(tree.sys.join(folder), made.join(name)).map_err(failed("link"))?;
        }
        let options = ["opt_global.h".to_owned()];
        for header in makefile.made_headers().iter().chain(&options) {
            match header.strip_suffix("_if.h") {
                Some(_) => tree.make_interface(header)?,
                // No option of a kernel's configuration is set.
                None => fs::write(made.join(header), "").map_err(failed("write"))?,
            }
        }
        Ok(tree)
    }

    /// Its headers, and those that were made from it.
    pub fn headers(&self) -> Headers {
        let given = ["-DHAVE_KERNEL_OPTION_HEADERS", "-include", "opt_global.h"];
        let mut arguments: Vec<OsString> = given.map(OsString::from).into();
        let folders = [
            self.made.clone(),
            self.sys.clone(),
            self.sys.join("contrib/ck/include"),
        ];
        let folders = folders.into_iter();
        arguments.extend(folders.flat_map(|folder| ["-isystem".into(), folder.into()]));
        Headers {
            release: self.release,
            arguments,
            advice: String::new(),
        }
    }

    /// Generates the header of an interface between drivers from its description.
    fn make_interface(&self, header: &str) -> Result<(), Failure> {
        let description = header.replace(".h", ".m");
        let found = ["kern", "dev/pci"]
            .map(|folder| self.sys.join(folder).join(&description))
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| Failure::Failed(format!("no {description} in the tree")))?;
        let mut awk = Command::new("awk");
        awk.current_dir(&self.made)
            .arg("-f")
            .arg(self.sys.join("tools/makeobjops.awk"));
        Ok(cargo::succeed(awk.arg(found).arg("-h"))?)
    }

    /// Compares every declaration of the stand-ins with the tree's.
    pub fn compare_stand_ins(&self, zig: &Zig, root: &Path) -> Result<(), Failure> {
        let stand_ins = c_half::stand_ins(root);
        let text = format!(
            "#include <sys/param.h>\n#include <sys/systm.h>\n#include <sys/bus.h>\n#include <dev/pci/pcivar.h>\n\
             #define NMD_DECLARE(type, name, ...) _Static_assert(__builtin_types_compatible_p(\
             __typeof__(name), type (__VA_ARGS__)), \"differs from the tree's declaration: \" #name)\n\
             #include \"{folder}/device_if.h\"\n#include \"{folder}/dev/pci/pcivar.h\"\n",
            folder = stand_ins.display()
        );
        let file = self.made.join("stand_ins.c");
        fs::write(&file, text).map_err(failed("write"))?;
        let object = file.with_extension("o");
        c_half::compile_one(zig, &self.headers(), root, &file, &object)
    }

    /// Links the module as `bsd.kmod.mk` does: one object, without exported names.
    pub fn link(&self, zig: &Zig, parts: &[PathBuf], module: &Path) -> Result<(), Failure> {
        let mut lld = zig.tool("ld.lld");
        lld.args([
            "-m",
            "elf_x86_64_fbsd",
            "-d",
            "-warn-common",
            "--build-id=sha1",
            "-r",
        ]);
        lld.arg("-T").arg(self.sys.join(LINKER_SCRIPT));
        lld.arg("-o").arg(module).args(parts);
        cargo::succeed(&lld)?;
        let names = module.with_extension("local");
        let bytes = fs::read(module).map_err(failed("read the module"))?;
        let shown = machine_code::defined(&[&bytes]).map_err(|error| {
            Failure::Failed(format!("unexpected format of the module: {error}"))
        })?;
        let lines: String = shown.iter().map(|name| format!("{name}\n")).collect();
        fs::write(&names, lines).map_err(failed("write"))?;
        let mut objcopy = Command::new("objcopy");
        objcopy.args([
            "--strip-debug",
            "--remove-section=.llvmbc",
            "--remove-section=.llvmcmd",
        ]);
        objcopy
            .arg(format!("--localize-symbols={}", names.display()))
            .arg(module);
        cargo::succeed(&objcopy)?;
        fs::remove_file(names).map_err(failed("remove"))
    }
}

/// The release of the kernel's sources in `sys`.
pub fn release(sys: &Path) -> Option<u32> {
    number(&fs::read_to_string(sys.join(PARAM_H)).ok()?)
}

/// The release in `__FreeBSD_version`, which is followed by five more digits.
fn number(param_h: &str) -> Option<u32> {
    let mut definitions = param_h.lines().filter_map(|line| {
        let mut words = line.strip_prefix("#define")?.split_whitespace();
        (words.next()? == "__FreeBSD_version").then(|| words.next())?
    });
    let version: u32 = definitions.next()?.parse().ok()?;
    Some(version / 100_000)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_release_is_read_from_the_headers() {
        let text = "#undef __FreeBSD_version\n#define __FreeBSD_version 1501000\t/* Master */\n";
        assert_eq!(number(text), Some(15));
        assert_eq!(number("#define\t__FreeBSD__ 15\n"), None);
    }
}
