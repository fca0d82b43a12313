//! Unlinked objects, and archives of them.

use std::collections::{BTreeSet, HashMap};

use object::read::archive::ArchiveFile;
use object::{
    Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags,
    SectionIndex, SectionKind, SymbolKind, SymbolSection, elf,
};

use super::{Code, Field, Function, Section, Symbol, demangled};

/// The members of an archive that a linker uses to resolve `root`.
pub fn needed<'a>(archive: &'a [u8], root: &str) -> Result<Vec<&'a [u8]>, object::Error> {
    struct Member<'a> {
        bytes: &'a [u8],
        defines: BTreeSet<String>,
        wants: BTreeSet<String>,
    }
    let mut left = Vec::new();
    for member in ArchiveFile::parse(archive)?.members() {
        let bytes = member?.data(archive)?;
        let Ok(file) = object::File::parse(bytes) else {
            // The compiler's metadata.
            continue;
        };
        left.push(Member {
            bytes,
            defines: names(&file, is_exported),
            wants: names(&file, |symbol| symbol.is_undefined()),
        });
    }
    let mut wanted = BTreeSet::from([root.to_owned()]);
    let mut taken = Vec::new();
    while let Some(next) = left
        .iter()
        .position(|member| !member.defines.is_disjoint(&wanted))
    {
        let member = left.swap_remove(next);
        wanted.extend(member.wants);
        taken.push(member.bytes);
    }
    Ok(taken)
}

/// The exported names of objects.
pub fn defined(objects: &[&[u8]]) -> Result<BTreeSet<String>, object::Error> {
    let files = objects.iter().map(|bytes| object::File::parse(*bytes));
    let names = files.map(|file| Ok(names(&file?, is_exported)));
    let names: Vec<_> = names.collect::<Result<_, object::Error>>()?;
    Ok(names.into_iter().flatten().collect())
}

fn is_exported(symbol: &object::Symbol<'_, '_>) -> bool {
    symbol.is_global() && symbol.is_definition()
}

/// The names of some symbols.
fn names(
    file: &object::File<'_>,
    is_wanted: impl Fn(&object::Symbol<'_, '_>) -> bool,
) -> BTreeSet<String> {
    let symbols = file.symbols().filter(|symbol| is_wanted(symbol));
    let names = symbols.filter_map(|symbol| symbol.name().ok().map(str::to_owned));
    names.collect()
}

/// Sections of objects, by object and number in it.
type Places = HashMap<(usize, SectionIndex), u64>;

impl<'a> Code<'a> {
    pub fn of_objects(objects: &[&'a [u8]]) -> Result<Code<'a>, object::Error> {
        let files = objects.iter().map(|bytes| object::File::parse(*bytes));
        let files: Vec<_> = files.collect::<Result<_, _>>()?;
        let mut code = Code::default();
        let places = code.lay_out(&files)?;
        let at = |number: usize, symbol: &object::Symbol<'_, '_>| {
            let SymbolSection::Section(section) = symbol.section() else {
                return None;
            };
            Some(places.get(&(number, section))? + symbol.address())
        };
        let mut globals = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
                let Some(at) = at(number, &symbol) else {
                    continue;
                };
                let name = symbol.name()?;
                if symbol.is_global() {
                    globals.insert(name.to_owned(), at);
                }
                if symbol.kind() == SymbolKind::Text {
                    let function = Function {
                        name: demangled(name),
                        size: symbol.size(),
                    };
                    code.functions.insert(at, function);
                }
            }
        }
        for (number, file) in files.iter().enumerate() {
            for section in file.sections() {
                let Some(start) = places.get(&(number, section.index())) else {
                    continue;
                };
                for (offset, relocation) in section.relocations() {
                    let RelocationFlags::Elf { r_type } = relocation.flags() else {
                        continue;
                    };
                    let symbol = match relocation.target() {
                        RelocationTarget::Symbol(index) => {
                            let symbol = file.symbol_by_index(index)?;
                            let name = symbol.name().unwrap_or_default();
                            at(number, &symbol)
                                .or_else(|| globals.get(name).copied())
                                .map_or_else(|| Symbol::External(name.to_owned()), Symbol::Local)
                        }
                        _ => Symbol::Unknown,
                    };
                    let field = Field {
                        symbol,
                        addend: relocation.addend(),
                        kind: r_type,
                    };
                    code.fields.insert(start + offset, field);
                }
            }
        }
        Ok(code)
    }

    /// Assigns an address to every loaded section.
    fn lay_out(&mut self, files: &[object::File<'a>]) -> Result<Places, object::Error> {
        // No symbol is at 0, which means undefined.
        let mut next: u64 = 0x1000;
        let mut places = Places::new();
        for (number, file) in files.iter().enumerate() {
            for section in file.sections() {
                let SectionFlags::Elf { sh_flags, .. } = section.flags() else {
                    continue;
                };
                if !sh_flags.contains(elf::SHF_ALLOC) {
                    continue;
                }
                let at = next.next_multiple_of(section.align().max(1));
                places.insert((number, section.index()), at);
                self.sections.push(Section {
                    name: section.name()?.to_owned(),
                    at,
                    bytes: section.data()?,
                    is_code: section.kind() == SectionKind::Text,
                    is_thread_local: sh_flags.contains(elf::SHF_TLS),
                });
                // An empty section has its own address as well.
                next = at + section.size().max(1);
            }
        }
        Ok(places)
    }
}
