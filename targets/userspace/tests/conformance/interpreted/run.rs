//! Runs steps in the same order as generated code.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, DmaAddr, Fault, Filter, MacAddress, PciIdentity, RingSetup, Setup, poll};
use nicspecs::ir::visit::Visitor;
use nicspecs::ir::{
    self, Action, Assign, Binding, Cond, Num, OnTimeout, Place, Register, Sequence, Step, Value,
    Written,
};

/// The arguments that a port passes to a sequence, and a sequence to its sub-sequences.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub setup: Option<&'a Setup>,
    pub queue: u32,
    pub message: u32,
    pub ring: Option<&'a RingSetup>,
    pub mac: Option<&'a MacAddress>,
    pub filter: Option<&'a Filter>,
    pub block: Option<DmaAddr>,
    pub renegotiate: bool,
    pub pci: Option<&'a PciIdentity>,
}

impl<'a> Given<'a> {
    pub const NONE: Given<'static> = Given {
        setup: None,
        queue: 0,
        message: 0,
        ring: None,
        mac: None,
        filter: None,
        block: None,
        renegotiate: false,
        pci: None,
    };

    pub fn setup(setup: &'a Setup) -> Self {
        Given {
            setup: Some(setup),
            ..Given::NONE
        }
    }

    pub fn queue(queue: u32) -> Self {
        Given {
            queue,
            ..Given::NONE
        }
    }

    pub fn ring(queue: u32, ring: &'a RingSetup) -> Self {
        Given {
            queue,
            ring: Some(ring),
            ..Given::NONE
        }
    }
}

/// The value of a bound name.
#[derive(Clone, Copy)]
pub enum Bound {
    Num(u32),
    Cond(bool),
    Register(u64),
}

/// The result of a sequence.
#[derive(Clone, Copy)]
pub enum Returned {
    Nothing,
    Num(u32),
    Mac(MacAddress),
}

/// A running sequence.
pub struct Run<'a, B> {
    pub nic: &'static ir::Nic,
    pub bus: &'a B,
    pub variant: usize,
    /// Values of the options, in the order of the spec.
    pub options: &'a [u32],
    pub given: Given<'a>,
    pub locals: HashMap<String, Bound>,
    /// Registers already read for the current expressions.
    pub known: Vec<(Place, u64)>,
}

/// Reads a register at its width.
pub fn read<B: Bus>(bus: &B, register: &Register, at: RegOffset) -> u64 {
    match register.width {
        8 => bus.read8(at).into(),
        16 => bus.read16(at).into(),
        32 => bus.read32(at).into(),
        _ => bus.read64(at),
    }
}

/// Writes a register at its width.
pub fn write<B: Bus>(bus: &B, register: &Register, at: RegOffset, value: u64) {
    match register.width {
        8 => bus.write8(at, value as u8),
        16 => bus.write16(at, value as u16),
        32 => bus.write32(at, value as u32),
        _ => bus.write64(at, value),
    }
}

impl<B: Bus> Run<'_, B> {
    /// Runs a whole sequence.
    pub fn sequence(&mut self, sequence: &'static Sequence) -> Result<Returned, Fault> {
        self.steps(&sequence.steps)
    }

    fn steps(&mut self, steps: &'static [Step]) -> Result<Returned, Fault> {
        let mut returned = Returned::Nothing;
        for step in steps {
            returned = self.step(&step.action)?;
        }
        Ok(returned)
    }

    fn step(&mut self, action: &'static Action) -> Result<Returned, Fault> {
        match action {
            Action::Write { place, value } => {
                let at = self.at(place)?;
                let value = match value {
                    Written::Number(num) => self.num(num)?.into(),
                    Written::Fields(fields) => self.with(0, fields)?,
                };
                write(self.bus, &place.register, at, value);
            }
            Action::Modify { place, fields } => self.modify(place, fields)?,
            Action::WriteEach { register, value } => {
                for element in 0..register.count() {
                    self.locals.insert("i".to_owned(), Bound::Num(element));
                    let at = element_of(register, element)?;
                    let value = self.num(value)?;
                    write(self.bus, register, at, value.into());
                }
            }
            Action::Let { name, value } => {
                let bound = match value {
                    Binding::Value(Value::Num(num)) => Bound::Num(self.num(num)?),
                    Binding::Value(Value::Cond(cond)) => Bound::Cond(self.cond(cond)?),
                    Binding::Register(place) => Bound::Register(self.read(place)?),
                };
                self.locals.insert(name.clone(), bound);
            }
            Action::Poll {
                until,
                every,
                within,
                on_timeout,
            } => {
                let (every, within) = (self.time(every)?, self.time(within)?);
                let failed = Cell::new(None);
                let outcome = poll(self.bus, "a poll of the spec", every, within, || {
                    self.cond(until).unwrap_or_else(|fault| {
                        failed.set(Some(fault));
                        true
                    })
                });
                if let Some(fault) = failed.get() {
                    return Err(fault);
                }
                if *on_timeout == OnTimeout::Fail {
                    outcome?;
                }
            }
            Action::Delay(time) => self.bus.delay(self.time(time)?),
            Action::Sleep(time) => self.bus.sleep(self.time(time)?),
            Action::Flush(place) => {
                self.read(place)?;
            }
            Action::Publish => self.bus.publish(),
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                let chosen = match self.cond(cond)? {
                    true => then,
                    false => otherwise,
                };
                self.steps(chosen)?;
            }
            Action::For {
                name,
                first,
                end,
                body,
            } => {
                for count in self.num(first)?..self.num(end)? {
                    self.locals.insert(name.clone(), Bound::Num(count));
                    self.steps(body)?;
                }
            }
            Action::Run { callee, args, bind } => {
                let mut locals = HashMap::new();
                for passed in args {
                    locals.insert(passed.name.clone(), Bound::Num(self.num(&passed.value)?));
                }
                let sequence = self.nic.sequence(&callee.name).expect("it was compiled");
                let mut run = Run {
                    locals,
                    known: Vec::new(),
                    ..*self
                };
                if let (Returned::Num(value), Some(name)) = (run.sequence(sequence)?, bind) {
                    self.locals.insert(name.clone(), Bound::Num(value));
                }
            }
            Action::Guard { enter, body, leave } => {
                self.steps(enter)?;
                let outcome = self.steps(body);
                self.steps(leave)?;
                outcome?;
            }
            Action::Verify { cond, otherwise } => {
                if !self.cond(cond)? {
                    return Err(Fault::Verify { what: otherwise });
                }
            }
            Action::Fail(what) => return Err(Fault::Verify { what }),
            Action::Return(num) => return self.num(num).map(Returned::Num),
            Action::ReturnMac(octets) => return self.mac(octets).map(Returned::Mac),
        }
        Ok(Returned::Nothing)
    }

    /// The index of an array is computed before the register is read, all other values after it.
    fn modify(&mut self, place: &Place, fields: &[Assign]) -> Result<(), Fault> {
        let mut early = Vec::new();
        for assign in fields {
            early.push(match Places::of_value(&assign.value).elements() {
                true => Some(self.value(&assign.value)?),
                false => None,
            });
        }
        let at = self.at(place)?;
        let mut bits = read(self.bus, &place.register, at);
        for (assign, early) in fields.iter().zip(early) {
            let value = match early {
                Some(value) => value,
                None => self.value(&assign.value)?,
            };
            bits = put(bits, &assign.field, value);
        }
        write(self.bus, &place.register, at, bits);
        Ok(())
    }

    fn with(&self, bits: u64, fields: &[Assign]) -> Result<u64, Fault> {
        fields.iter().try_fold(bits, |bits, assign| {
            Ok(put(bits, &assign.field, self.value(&assign.value)?))
        })
    }

    /// A register that provides several octets is read once.
    fn mac(&mut self, octets: &[Num; 6]) -> Result<MacAddress, Fault> {
        for place in Places::of_nums(octets).0 {
            let of = |octet: &&Num| Places::of_nums([*octet]).0.contains(&place);
            let several = octets.iter().filter(of).count() > 1;
            if several && !place.register.access.read_clears() {
                let value = self.read(&place)?;
                self.known.push((place, value));
            }
        }
        let mut mac = [0; 6];
        for (octet, num) in mac.iter_mut().zip(octets) {
            *octet = self.num(num)? as u8;
        }
        self.known.clear();
        Ok(MacAddress(mac))
    }

    /// Reads the registers of these conditions, each once.
    pub fn read_once<'c>(&mut self, conds: impl Iterator<Item = &'c Cond>) -> Result<(), Fault> {
        let mut places = Places::default();
        conds.for_each(|cond| places.cond(cond));
        for place in places.0 {
            let value = self.read(&place)?;
            self.known.push((place, value));
        }
        Ok(())
    }

    /// The value of a register: already read for the current expressions, or read now.
    pub fn read(&self, place: &Place) -> Result<u64, Fault> {
        match self.known.iter().find(|(known, _)| known == place) {
            Some((_, value)) => Ok(*value),
            None => Ok(read(self.bus, &place.register, self.at(place)?)),
        }
    }

    fn at(&self, place: &Place) -> Result<RegOffset, Fault> {
        let element = match &place.index {
            Some(index) => self.num(index)?,
            None => 0,
        };
        element_of(&place.register, element)
    }

    fn time(&self, time: &ir::Duration) -> Result<Duration, Fault> {
        let count = self.num(&time.count)?;
        Ok(Duration::from_micros(
            u64::from(count) * u64::from(time.unit.us()),
        ))
    }
}

fn element_of(register: &Register, element: u32) -> Result<RegOffset, Fault> {
    super::offset(register, element).ok_or(Fault::NoSuchElement {
        array: "an array of the spec",
        index: element,
    })
}

fn put(bits: u64, field: &ir::Field, value: u64) -> u64 {
    bits & !field.mask() | value << field.low & field.mask()
}

/// The registers that expressions read, in order of appearance, each once.
#[derive(Default)]
struct Places(Vec<Place>);

impl Places {
    fn of_nums<'n>(nums: impl IntoIterator<Item = &'n Num>) -> Self {
        let mut places = Self::default();
        nums.into_iter().for_each(|num| places.num(num));
        places
    }

    fn of_value(value: &Value) -> Self {
        let mut places = Self::default();
        match value {
            Value::Num(num) => places.num(num),
            Value::Cond(cond) => places.cond(cond),
        }
        places
    }

    fn elements(&self) -> bool {
        self.0.iter().any(|place| place.index.is_some())
    }
}

impl Visitor for Places {
    fn place(&mut self, place: &Place) {
        if !self.0.contains(place) {
            self.0.push(place.clone());
        }
        ir::visit::place(self, place);
    }
}
