//! x86-64 machine code for checks: functions by address, and the targets of their instructions.
//!
//! A linked program has addresses. Objects that are not linked are laid out one after the other, and relocations are
//! looked up by the address of their field.

mod objects;
mod program;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use object::elf::RelocationType;

use iced_x86::{
    ConstantOffsets, Decoder, DecoderOptions, FlowControl, Instruction, OpKind, Register,
};

pub use objects::{defined, needed};

/// A part of the code or its data that is loaded.
pub struct Section<'a> {
    pub name: String,
    pub at: u64,
    pub bytes: &'a [u8],
    pub is_code: bool,
    /// Thread-local, which a kernel module cannot have.
    pub is_thread_local: bool,
}

pub struct Function {
    pub name: String,
    pub size: u64,
}

/// The symbol of a relocation.
#[derive(Clone)]
pub enum Symbol {
    /// An address here.
    Local(u64),
    /// An external symbol.
    External(String),
    Unknown,
}

/// A field of an instruction or of data with a relocation.
pub struct Field {
    pub symbol: Symbol,
    pub addend: i64,
    /// Its type in ELF.
    pub kind: RelocationType,
}

/// A forbidden call path, from the start of the search.
#[derive(Debug)]
pub enum Stray {
    /// To a function with a forbidden name.
    Forbidden(Vec<String>),
    /// To an external function, or by a call that cannot be resolved.
    Outside(Vec<String>),
}

#[derive(Default)]
pub struct Code<'a> {
    pub sections: Vec<Section<'a>>,
    /// By address.
    pub functions: BTreeMap<u64, Function>,
    /// By address.
    pub fields: BTreeMap<u64, Field>,
}

impl Code<'_> {
    pub fn name(&self, at: u64) -> String {
        self.functions
            .get(&at)
            .map_or_else(|| format!("{at:#x}"), |function| function.name.clone())
    }

    /// The function that contains an address.
    pub fn containing(&self, at: u64) -> Option<u64> {
        let (&start, function) = self.functions.range(..=at).next_back()?;
        (at < start + function.size.max(1)).then_some(start)
    }

    /// The section that contains an address.
    pub fn section(&self, at: u64) -> Option<&Section<'_>> {
        self.sections
            .iter()
            .find(|section| (section.at..section.at + section.bytes.len() as u64).contains(&at))
    }

    /// The instructions of the function at `start`; `None` if it is not in a section of code.
    pub fn instructions(&self, start: u64) -> Option<Instructions<'_>> {
        let size = self.functions.get(&start)?.size as usize;
        let section = self.section(start).filter(|section| section.is_code)?;
        let from = (start - section.at) as usize;
        let bytes = section.bytes.get(from..from + size)?;
        let decoder = Decoder::with_ip(64, bytes, start, DecoderOptions::NONE);
        Some(Instructions(decoder))
    }

    /// Every function that `entry` reaches. No name may be `forbidden`; `leaves` decides which external functions may
    /// be called.
    pub fn follow(
        &self,
        entry: u64,
        forbidden: impl Fn(&str) -> bool,
        mut leaves: impl FnMut(&str) -> bool,
    ) -> Result<BTreeSet<u64>, Stray> {
        let mut came_from: HashMap<u64, u64> = HashMap::new();
        let mut reached = BTreeSet::from([entry]);
        let mut queue = VecDeque::from([entry]);
        while let Some(at) = queue.pop_front() {
            if forbidden(&self.name(at)) {
                return Err(Stray::Forbidden(self.path(&came_from, at)));
            }
            for target in self.calls(at) {
                let outside = match target {
                    Symbol::Local(callee) => {
                        if reached.insert(callee) {
                            came_from.insert(callee, at);
                            queue.push_back(callee);
                        }
                        continue;
                    }
                    Symbol::External(name) if leaves(&name) => continue,
                    Symbol::External(name) => name,
                    Symbol::Unknown => "(through a pointer)".to_owned(),
                };
                let mut path = self.path(&came_from, at);
                path.push(outside);
                return Err(Stray::Outside(path));
            }
        }
        Ok(reached)
    }

    /// The call path to `at`.
    fn path(&self, came_from: &HashMap<u64, u64>, at: u64) -> Vec<String> {
        let back = std::iter::successors(Some(at), |here| came_from.get(here).copied());
        let mut path: Vec<String> = back.map(|at| self.name(at)).collect();
        path.reverse();
        path
    }

    /// The targets outside of the function at `start`.
    fn calls(&self, start: u64) -> Vec<Symbol> {
        // A function outside code sections is a linker stub.
        let Some(instructions) = self.instructions(start) else {
            return vec![Symbol::Unknown];
        };
        let mut targets = Vec::new();
        for (instruction, offsets) in instructions {
            match instruction.flow_control() {
                FlowControl::Call
                | FlowControl::UnconditionalBranch
                | FlowControl::ConditionalBranch
                    if instruction.op0_kind() == OpKind::NearBranch64 =>
                {
                    let target = self.branch(&instruction, offsets);
                    let stays = matches!(&target, Symbol::Local(to) if self.is_within(*to, start));
                    if !stays || instruction.flow_control() == FlowControl::Call {
                        targets.push(self.target(target));
                    }
                }
                FlowControl::IndirectBranch
                    if !self.table(&instruction, offsets, start).is_empty() => {}
                FlowControl::IndirectCall | FlowControl::IndirectBranch => {
                    let through = (instruction.op0_kind() == OpKind::Memory
                        && instruction.memory_base() == Register::RIP)
                        .then(|| self.fields.get(&instruction.memory_displacement64()))
                        .flatten();
                    targets.push(through.map_or(Symbol::Unknown, |field| {
                        self.target(value(field, field.addend))
                    }));
                }
                _ => {}
            }
        }
        targets
    }

    pub fn is_within(&self, at: u64, start: u64) -> bool {
        let size = self.functions.get(&start).map_or(0, |f| f.size);
        (start..start + size).contains(&at)
    }

    /// The target of a direct branch or call.
    pub fn branch(&self, instruction: &Instruction, offsets: ConstantOffsets) -> Symbol {
        let at = instruction.ip() + offsets.immediate_offset() as u64;
        match self.fields.get(&at) {
            None => Symbol::Local(instruction.near_branch_target()),
            // The processor adds the address of the next instruction, which is after the field.
            Some(field) => {
                let after = instruction.next_ip() as i64 - at as i64;
                value(field, field.addend.wrapping_add(after))
            }
        }
    }

    /// The targets of a branch through a jump table in the function at `start`; none for other branches.
    pub fn table(
        &self,
        instruction: &Instruction,
        offsets: ConstantOffsets,
        start: u64,
    ) -> Vec<u64> {
        const ENTRY: u64 = 8;
        if instruction.op0_kind() != OpKind::Memory || instruction.memory_index() == Register::None
        {
            return Vec::new();
        }
        let at = instruction.ip() + offsets.displacement_offset() as u64;
        let Some(Symbol::Local(table)) = self.fields.get(&at).map(|f| value(f, f.addend)) else {
            return Vec::new();
        };
        (0..)
            .map_while(|number| self.fields.get(&(table + number * ENTRY)))
            .map_while(|field| match value(field, field.addend) {
                Symbol::Local(to) if self.is_within(to, start) => Some(to),
                _ => None,
            })
            .collect()
    }

    /// The function that contains the target of an instruction.
    fn target(&self, symbol: Symbol) -> Symbol {
        match symbol {
            Symbol::Local(at) => self.containing(at).map_or(Symbol::Unknown, Symbol::Local),
            other => other,
        }
    }

    /// The function or section that contains an address: where it starts, and its name.
    pub fn place(&self, at: u64) -> (u64, String) {
        match (self.containing(at), self.section(at)) {
            (Some(start), _) => (start, self.name(start)),
            (None, Some(section)) => (section.at, section.name.clone()),
            (None, None) => (0, String::new()),
        }
    }
}

/// The value of a field's symbol plus `addend`.
fn value(field: &Field, addend: i64) -> Symbol {
    match &field.symbol {
        Symbol::Local(at) => Symbol::Local(at.wrapping_add_signed(addend)),
        other => other.clone(),
    }
}

/// The instructions of a function, each with the offsets of its constants.
pub struct Instructions<'a>(Decoder<'a>);

impl Iterator for Instructions<'_> {
    type Item = (Instruction, ConstantOffsets);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.0.can_decode() {
            return None;
        }
        let instruction = self.0.decode();
        Some((instruction, self.0.get_constant_offsets(&instruction)))
    }
}

fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
