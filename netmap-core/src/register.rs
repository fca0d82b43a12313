//! Registers with their value type and access kind: forbidden accesses do not compile.

use core::marker::PhantomData;

use crate::{Bus, Fault};

/// The offset of a register in its space, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegOffset(pub u32);

/// An integer with the width of a bus access.
pub trait Raw: Copy + Default + PartialEq {
    /// Reads the register at `at`.
    fn read<B: Bus>(bus: &B, at: RegOffset) -> Self;
    /// Writes the register at `at`.
    fn write<B: Bus>(self, bus: &B, at: RegOffset);
}

macro_rules! raw {
    ($($raw:ty, $read:ident, $write:ident;)*) => {$(
        impl Raw for $raw {
            #[inline(always)]
            fn read<B: Bus>(bus: &B, at: RegOffset) -> Self {
                bus.$read(at)
            }
            #[inline(always)]
            fn write<B: Bus>(self, bus: &B, at: RegOffset) {
                bus.$write(at, self);
            }
        }
        impl Value for $raw {
            type Raw = $raw;
            #[inline(always)]
            fn from_raw(raw: $raw) -> Self {
                raw
            }
            #[inline(always)]
            fn into_raw(self) -> $raw {
                self
            }
        }
    )*};
}

/// The value of a register: a plain integer, or a type with named fields.
pub trait Value: Copy {
    /// The integer on the bus.
    type Raw: Raw;
    /// The value from its bits.
    fn from_raw(raw: Self::Raw) -> Self;
    /// The value's bits.
    fn into_raw(self) -> Self::Raw;
}

raw! {
    u8, read8, write8;
    u16, read16, write16;
    u32, read32, write32;
    u64, read64, write64;
}

/// An access kind under which a register can be read.
pub trait Readable {}
/// An access kind under which a register can be written.
pub trait Writable {}
/// An access kind that allows read-modify-write.
pub trait Modifiable: Readable + Writable {}

macro_rules! access {
    ($($(#[$doc:meta])* $name:ident: $($kind:ident)*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
        $(impl $kind for $name {})*
    )*};
}

access! {
    /// `rw`: stores what is written.
    ReadWrite: Readable Writable Modifiable;
    /// `ro`: writes are ignored.
    ReadOnly: Readable;
    /// `wo`: reads are meaningless.
    WriteOnly: Writable;
    /// `rc`: reading clears.
    ReadClear: Readable;
    /// `w1c`: writing a one clears that bit.
    WriteOneClear: Readable Writable;
    /// `rc_w1c`: reading clears, and writing a one clears that bit.
    ReadOrWriteOneClear: Readable Writable;
    /// `wc`: writing any value clears.
    WriteClear: Readable Writable;
    /// `w1s`: writing a one sets that bit, writing a zero does nothing.
    WriteOneSet: Readable Writable;
}

/// One register: its offset, its value type (`V`) and its access kind (`A`).
#[derive(Debug)]
pub struct Register<V, A> {
    at: RegOffset,
    kind: PhantomData<fn() -> (V, A)>,
}

impl<V, A> Clone for Register<V, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, A> Copy for Register<V, A> {}

impl<V, A> Register<V, A> {
    /// The register at `at`.
    pub const fn at(at: RegOffset) -> Self {
        Register {
            at,
            kind: PhantomData,
        }
    }

    /// The register's offset.
    pub const fn offset(self) -> RegOffset {
        self.at
    }
}

impl<V: Value, A: Readable> Register<V, A> {
    /// Reads the register.
    #[inline(always)]
    pub fn read<B: Bus>(self, bus: &B) -> V {
        V::from_raw(V::Raw::read(bus, self.at))
    }
}

impl<V: Value, A: Writable> Register<V, A> {
    /// Writes the register.
    #[inline(always)]
    pub fn write<B: Bus>(self, bus: &B, value: V) {
        value.into_raw().write(bus, self.at);
    }
}

impl<V: Value, A: Modifiable> Register<V, A> {
    /// Reads the register, changes the value, writes it back.
    #[inline(always)]
    pub fn modify<B: Bus>(self, bus: &B, change: impl FnOnce(V) -> V) {
        self.write(bus, change(self.read(bus)));
    }
}

impl<V: Value, A: Readable + Writable> Register<V, A> {
    /// Reads the causes of an interrupt and acknowledges them by writing them back; `mask` is 0 meanwhile.
    ///
    /// A cause that comes after the read keeps the interrupt asserted, and no edge and no MSI would ever follow.
    /// Unmasked again, it interrupts.
    ///
    /// Returns no causes if all are masked, and leaves the registers alone: control may be unmasking them.
    pub fn acknowledge<B: Bus, M: Value>(self, bus: &B, mask: Register<M, impl Modifiable>) -> V {
        self.acknowledge_masked(bus, mask, |_| mask.write(bus, zero()))
    }

    /// The same for a mask in two registers, with the same bits in both: ones in `set` unmask, ones in `clear` mask.
    pub fn acknowledge_with<B: Bus, S: Value, C: Value<Raw = S::Raw>>(
        self,
        bus: &B,
        set: Register<S, impl Readable + Writable>,
        clear: Register<C, impl Writable>,
    ) -> V {
        self.acknowledge_masked(bus, set, |unmasked| {
            clear.write(bus, C::from_raw(unmasked.into_raw()));
        })
    }

    fn acknowledge_masked<B: Bus, M: Value>(
        self,
        bus: &B,
        unmask: Register<M, impl Readable + Writable>,
        mask: impl FnOnce(M),
    ) -> V {
        let unmasked = unmask.read(bus);
        if unmasked.into_raw() == M::Raw::default() {
            return zero();
        }
        let causes = self.read(bus);
        mask(unmasked);
        self.write(bus, causes);
        unmask.write(bus, unmasked);
        causes
    }
}

fn zero<V: Value>() -> V {
    V::from_raw(V::Raw::default())
}

/// Elements at equal distances: a whole array of registers, or one piece of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Index of the first element.
    pub first: u32,
    /// Number of elements.
    pub count: u32,
    /// The offset of the first element.
    pub offset: RegOffset,
    /// Bytes from one element to the next.
    pub stride: u32,
}

impl Piece {
    const fn locate(&self, index: u32) -> Option<RegOffset> {
        if index < self.first || index - self.first >= self.count {
            return None;
        }
        Some(RegOffset(
            self.offset.0 + (index - self.first) * self.stride,
        ))
    }
}

/// An array of `N` registers in one or more pieces (for example, if receive queues 64 and up are separate from the
/// first 64).
#[derive(Debug)]
pub struct Array<V, A, const N: usize> {
    name: &'static str,
    pieces: &'static [Piece],
    kind: PhantomData<fn() -> (V, A)>,
}

impl<V, A, const N: usize> Clone for Array<V, A, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, A, const N: usize> Copy for Array<V, A, N> {}

impl<V, A, const N: usize> Array<V, A, N> {
    /// The array `name` with these `pieces`.
    pub const fn of(name: &'static str, pieces: &'static [Piece]) -> Self {
        Array {
            name,
            pieces,
            kind: PhantomData,
        }
    }

    /// The register of element `index`.
    ///
    /// # Errors
    /// [`Fault::NoSuchElement`] if the array has no such element.
    pub fn at(self, index: u32) -> Result<Register<V, A>, Fault> {
        match self.locate(index) {
            Some(at) => Ok(Register::at(at)),
            None => Err(Fault::NoSuchElement {
                array: self.name,
                index,
            }),
        }
    }

    /// The offset of element `index`, if the array has it.
    pub const fn locate(self, index: u32) -> Option<RegOffset> {
        let mut piece = 0;
        while piece < self.pieces.len() {
            if let Some(at) = self.pieces[piece].locate(index) {
                return Some(at);
            }
            piece += 1;
        }
        None
    }

    /// Number of elements.
    #[expect(
        clippy::len_without_is_empty,
        reason = "no array of registers is empty"
    )]
    pub const fn len(self) -> u32 {
        N as u32
    }
}
