//! A linked program.

use object::{
    Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationFlags, RelocationTarget,
    SymbolKind, elf,
};

use super::{Code, Field, Function, Section, Symbol, demangled};

impl<'a> Code<'a> {
    pub fn of_program(bytes: &'a [u8]) -> Result<Code<'a>, object::Error> {
        let file = object::File::parse(bytes)?;
        let mut code = Code::default();
        let Some(text) = file.section_by_name(".text") else {
            return Ok(code);
        };
        code.sections.push(Section {
            name: ".text".to_owned(),
            at: text.address(),
            bytes: text.data()?,
            is_code: true,
            is_thread_local: false,
        });
        for symbol in file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.address() != 0)
        {
            let function = Function {
                name: demangled(symbol.name().unwrap_or_default()),
                size: symbol.size(),
            };
            code.functions.insert(symbol.address(), function);
        }
        for (at, relocation) in file.dynamic_relocations().into_iter().flatten() {
            let (symbol, addend) = match relocation.target() {
                RelocationTarget::Symbol(index) => {
                    let table = file.dynamic_symbol_table();
                    let name = table.and_then(|table| {
                        let symbol = table.symbol_by_index(index).ok()?;
                        symbol.name().ok().map(str::to_owned)
                    });
                    (name.map_or(Symbol::Unknown, Symbol::External), 0)
                }
                RelocationTarget::Absolute => (Symbol::Local(0), relocation.addend()),
                _ => (Symbol::Unknown, 0),
            };
            let kind = match relocation.flags() {
                RelocationFlags::Elf { r_type } => r_type,
                _ => elf::R_X86_64_NONE,
            };
            let field = Field {
                symbol,
                addend,
                kind,
            };
            code.fields.insert(at, field);
        }
        Ok(code)
    }
}
