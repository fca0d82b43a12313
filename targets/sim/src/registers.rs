//! The register file: every register of a model, with the effects of its access kind.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use netmap_core::model::{Access, Element, FieldName, RegisterModel};

use crate::error::ModelError;
use crate::violations::{Violation, Violations};

/// A register of a register file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RegisterId(usize);

impl RegisterId {
    /// Its index in the model.
    pub(crate) fn index(self) -> usize {
        self.0
    }

    /// An element of the register.
    pub(crate) fn at(self, element: u32) -> Place {
        Place {
            register: self,
            element,
        }
    }

    /// Its first element, or the only one.
    pub(crate) fn first(self) -> Place {
        self.at(0)
    }
}

/// An element of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) register: RegisterId,
    pub(crate) element: u32,
}

/// Bits of a register, whichever element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits {
    shift: u32,
    mask: u64,
}

impl Bits {
    pub(crate) fn new(low: u8, width: u8) -> Bits {
        Bits {
            shift: u32::from(low),
            mask: u64::MAX >> (64 - u32::from(width.clamp(1, 64))),
        }
    }

    pub(crate) fn get(self, value: u64) -> u64 {
        value >> self.shift & self.mask
    }

    pub(crate) fn put(self, value: u64, field: u64) -> u64 {
        value & !self.mask() | (field & self.mask) << self.shift
    }

    /// The mask of these bits.
    pub(crate) fn mask(self) -> u64 {
        self.mask << self.shift
    }

    /// The number of bits.
    pub(crate) fn width(self) -> u32 {
        self.mask.count_ones()
    }
}

/// A field of a register: one for each queue, or of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) register: RegisterId,
    pub(crate) bits: Bits,
    element: Element,
}

impl Field {
    /// Whether every queue has one.
    pub(crate) fn is_by_queue(&self) -> bool {
        self.element == Element::Queue
    }

    /// The value for `queue`.
    pub(crate) fn of(&self, queue: u32, file: &RegisterFile) -> u64 {
        self.bits.get(file.get(self.place(queue)))
    }

    /// The element of `queue`.
    pub(crate) fn place(&self, queue: u32) -> Place {
        self.register.at(match self.element {
            Element::Fixed(element) => element,
            Element::Queue => queue,
        })
    }
}

#[derive(Debug)]
struct Row {
    model: &'static RegisterModel,
    cells: Range<usize>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    value: u64,
    written: bool,
}

/// All registers of one variant and their values.
#[derive(Debug, Default)]
pub(crate) struct RegisterFile {
    rows: Vec<Row>,
    cells: Vec<Cell>,
    /// Offset, bytes and place of every element, by offset.
    at: Vec<(u32, u32, Place)>,
    names: HashMap<&'static str, RegisterId>,
    /// Registers that only other variants have.
    elsewhere: HashSet<&'static str>,
}

impl RegisterFile {
    pub(crate) fn new(
        size: u32,
        models: &'static [RegisterModel],
        variant: &str,
    ) -> Result<RegisterFile, ModelError> {
        let mut file = RegisterFile::default();
        for model in models {
            if model.exists_on(variant) {
                file.add(size, model)?;
            } else {
                file.elsewhere.insert(model.name);
            }
        }
        file.elsewhere.retain(|name| !file.names.contains_key(name));
        file.at.sort_by_key(|(offset, _, _)| *offset);
        for pair in file.at.windows(2) {
            let ((low, bytes, register), (high, _, other)) = (pair[0], pair[1]);
            if low + bytes > high {
                return Err(ModelError::Overlap {
                    register: file.name(register.register).to_owned(),
                    other: file.name(other.register).to_owned(),
                    offset: high,
                });
            }
        }
        file.reset(&[]);
        Ok(file)
    }

    fn add(&mut self, size: u32, model: &'static RegisterModel) -> Result<(), ModelError> {
        let wrong = |problem| ModelError::Register {
            register: model.name.to_owned(),
            problem,
        };
        let id = RegisterId(self.rows.len());
        if self.names.insert(model.name, id).is_some() {
            return Err(ModelError::Twice {
                register: model.name.to_owned(),
            });
        }
        if !matches!(model.width, 8 | 16 | 32 | 64) {
            return Err(wrong("is not 8, 16, 32 or 64 bits wide"));
        }
        if Bits::new(0, model.width).get(model.reset) != model.reset {
            return Err(wrong("has a reset value wider than the register"));
        }
        for field in model.fields {
            if field.width == 0
                || u32::from(field.low) + u32::from(field.width) > model.width.into()
            {
                return Err(wrong("has a field outside its width"));
            }
        }
        let bytes = u32::from(model.width) / 8;
        let mut count = 0;
        for piece in model.pieces {
            if piece.first != count {
                return Err(wrong("has pieces that are not consecutive"));
            }
            for element in 0..piece.count {
                let offset = piece.offset.0 + element * piece.stride;
                if !offset.is_multiple_of(bytes) || offset + bytes > size {
                    return Err(wrong("is misaligned or outside its space"));
                }
                self.at.push((offset, bytes, id.at(piece.first + element)));
            }
            count += piece.count;
        }
        if count == 0 {
            return Err(wrong("has no offset"));
        }
        let cells = self.cells.len()..self.cells.len() + count as usize;
        self.cells.resize(cells.end, Cell::default());
        self.rows.push(Row { model, cells });
        Ok(())
    }

    /// The register of that name, for the table `wanted_by`.
    pub(crate) fn register(
        &self,
        name: &str,
        wanted_by: &'static str,
    ) -> Result<RegisterId, ModelError> {
        self.lookup(name).ok_or_else(|| ModelError::NoRegister {
            register: name.to_owned(),
            wanted_by,
        })
    }

    /// Bits of a field by name; all bits of the register for an empty name.
    pub(crate) fn bits(
        &self,
        register: RegisterId,
        field: &str,
        wanted_by: &'static str,
    ) -> Result<Bits, ModelError> {
        self.lookup_bits(register, field)
            .ok_or_else(|| ModelError::NoField {
                register: self.name(register).to_owned(),
                field: field.to_owned(),
                wanted_by,
            })
    }

    /// A field by name, of `queues` queues.
    pub(crate) fn field(
        &self,
        name: &FieldName,
        queues: u32,
        wanted_by: &'static str,
    ) -> Result<Field, ModelError> {
        let register = self.register(name.register, wanted_by)?;
        let last = match name.element {
            Element::Fixed(element) => element,
            Element::Queue => queues.saturating_sub(1),
        };
        if last >= self.count(register) {
            return Err(ModelError::NoElement {
                register: name.register.to_owned(),
                element: last,
                wanted_by,
            });
        }
        Ok(Field {
            register,
            bits: self.bits(register, name.field, wanted_by)?,
            element: name.element,
        })
    }

    /// Those of `names` that this variant has.
    pub(crate) fn fields(
        &self,
        names: &[FieldName],
        queues: u32,
        wanted_by: &'static str,
    ) -> Result<Vec<Field>, ModelError> {
        names
            .iter()
            .filter(|name| !self.is_elsewhere(name.register))
            .map(|name| self.field(name, queues, wanted_by))
            .collect()
    }

    /// Those of `names` that this variant has.
    pub(crate) fn registers(
        &self,
        names: &[&str],
        wanted_by: &'static str,
    ) -> Result<Vec<RegisterId>, ModelError> {
        names
            .iter()
            .filter(|name| !self.is_elsewhere(name))
            .map(|name| self.register(name, wanted_by))
            .collect()
    }

    /// Whether the register exists only on other variants.
    pub(crate) fn is_elsewhere(&self, name: &str) -> bool {
        self.elsewhere.contains(name)
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<RegisterId> {
        self.names.get(name).copied()
    }

    pub(crate) fn lookup_bits(&self, register: RegisterId, field: &str) -> Option<Bits> {
        let model = self.model(register);
        if field.is_empty() {
            return Some(Bits::new(0, model.width));
        }
        model
            .fields
            .iter()
            .find(|candidate| candidate.name == field)
            .map(|field| Bits::new(field.low, field.width))
    }

    pub(crate) fn model(&self, register: RegisterId) -> &'static RegisterModel {
        self.rows[register.0].model
    }

    pub(crate) fn name(&self, register: RegisterId) -> &'static str {
        self.model(register).name
    }

    /// Elements of a register.
    pub(crate) fn count(&self, register: RegisterId) -> u32 {
        self.rows[register.0].cells.len() as u32
    }

    /// All elements of a register.
    pub(crate) fn places(&self, register: RegisterId) -> impl Iterator<Item = Place> + use<> {
        (0..self.count(register)).map(move |element| register.at(element))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = RegisterId> + use<> {
        (0..self.rows.len()).map(RegisterId)
    }

    /// The element at `offset` with a width of `bytes` bytes.
    pub(crate) fn locate(&self, offset: u32, bytes: u32) -> Result<Place, Violation> {
        let after = self.at.partition_point(|(at, _, _)| *at < offset + bytes);
        match after.checked_sub(1).map(|last| self.at[last]) {
            Some((at, width, place)) if at == offset && width == bytes => Ok(place),
            Some((at, width, place)) if at + width > offset => Err(Violation::PartOfRegister {
                register: self.name(place.register),
                offset,
                bytes,
            }),
            _ => Err(Violation::NoRegister { offset, bytes }),
        }
    }

    /// The value of an element; 0 past the end of an array, as for a queue without such a register.
    pub(crate) fn get(&self, place: Place) -> u64 {
        self.cell(place).map_or(0, |cell| cell.value)
    }

    /// Sets an element, as the device itself does.
    pub(crate) fn set(&mut self, place: Place, value: u64) {
        let width = Bits::new(0, self.model(place.register).width);
        if let Some(cell) = self.cell_mut(place) {
            cell.value = width.get(value);
        }
    }

    /// Sets bits of an element, as the device itself does.
    pub(crate) fn put(&mut self, place: Place, bits: Bits, value: u64) {
        self.set(place, bits.put(self.get(place), value));
    }

    /// A read over the bus of an element whose value is `seen`.
    pub(crate) fn read(&mut self, place: Place, seen: u64, violations: &mut Violations) -> u64 {
        match self.model(place.register).access {
            Access::WriteOnly => {
                violations.push(Violation::ReadOfWriteOnly {
                    register: self.name(place.register),
                });
                0
            }
            Access::ReadClear | Access::ReadOrWriteOneClear => {
                self.set(place, 0);
                seen
            }
            _ => seen,
        }
    }

    /// A write over the bus. Returns whether the register accepts writes.
    pub(crate) fn write(&mut self, place: Place, value: u64, violations: &mut Violations) -> bool {
        let old = self.get(place);
        let reserved = self.reserved(place.register) & value & !old;
        if reserved != 0 {
            violations.push(Violation::ReservedBits {
                register: self.name(place.register),
                bits: reserved,
            });
        }
        let new = match self.model(place.register).access {
            Access::ReadWrite | Access::WriteOnly => value,
            Access::WriteOneClear | Access::ReadOrWriteOneClear => old & !value,
            Access::WriteClear => 0,
            Access::WriteOneSet => old | value,
            Access::ReadOnly | Access::ReadClear => {
                violations.push(Violation::WriteOfReadOnly {
                    register: self.name(place.register),
                    element: place.element,
                    value,
                });
                return false;
            }
        };
        self.set(place, new);
        if let Some(cell) = self.cell_mut(place) {
            cell.written = true;
        }
        true
    }

    /// Bits that a driver must not set: the reserved bits of a register that stores what is written. A register without
    /// fields is a number and has none.
    fn reserved(&self, register: RegisterId) -> u64 {
        match self.stores_writes(register) {
            true => self.nameless(register),
            false => 0,
        }
    }

    fn stores_writes(&self, register: RegisterId) -> bool {
        use Access::{ReadWrite, WriteOneSet, WriteOnly};
        matches!(
            self.model(register).access,
            ReadWrite | WriteOnly | WriteOneSet
        )
    }

    /// Bits that belong to no field; none in a register without fields, which is a number.
    pub(crate) fn nameless(&self, register: RegisterId) -> u64 {
        let model = self.model(register);
        if model.fields.is_empty() {
            return 0;
        }
        let fields = model.fields.iter();
        let named = fields.fold(0, |known, field| {
            known | Bits::new(field.low, field.width).mask()
        });
        Bits::new(0, model.width).mask() & !named
    }

    /// Gives every register a value that differs from its reset value: in its fields if it has any, otherwise in all
    /// bits.
    pub(crate) fn disturb(&mut self, spared: impl Fn(RegisterId) -> bool) {
        for id in self.ids().filter(|id| !spared(*id)) {
            if self.stores_writes(id) {
                let other = self.model(id).reset ^ !self.nameless(id);
                self.fill(id, other);
            }
        }
    }

    /// Fills registers that are undefined after a reset, so that none has a valid value by chance.
    pub(crate) fn fill_undefined(&mut self) {
        const ANYTHING: u64 = 0x9a9a_9a9a_9a9a_9a9a;
        for id in self.ids() {
            if self.model(id).must_write {
                self.fill(id, ANYTHING);
            }
        }
    }

    fn fill(&mut self, register: RegisterId, value: u64) {
        for place in self.places(register) {
            self.set(place, value);
        }
    }

    /// Whether an element was written since the last reset.
    pub(crate) fn was_written(&self, place: Place) -> bool {
        self.cell(place).is_some_and(|cell| cell.written)
    }

    /// Whether any element was written since the last reset.
    pub(crate) fn was_any_written(&self, register: RegisterId) -> bool {
        let cells = self.rows[register.0].cells.clone();
        self.cells[cells].iter().any(|cell| cell.written)
    }

    /// Restores power-on values everywhere except in `keeps`.
    pub(crate) fn reset(&mut self, keeps: &[RegisterId]) {
        for (id, row) in self.rows.iter().enumerate() {
            if !keeps.contains(&RegisterId(id)) {
                self.cells[row.cells.clone()].fill(Cell {
                    value: row.model.reset,
                    written: false,
                });
            }
        }
    }

    fn cell(&self, place: Place) -> Option<&Cell> {
        let cells = self.rows[place.register.0].cells.clone();
        self.cells[cells].get(place.element as usize)
    }

    fn cell_mut(&mut self, place: Place) -> Option<&mut Cell> {
        let cells = self.rows[place.register.0].cells.clone();
        self.cells[cells].get_mut(place.element as usize)
    }
}

#[cfg(test)]
#[path = "registers_tests.rs"]
mod tests;
