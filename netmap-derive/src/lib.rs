//! Derives for generated declarations.
//!
//! A generated file declares facts: where registers lie, what the bits of a descriptor mean, what a ring may be. The
//! derives turn them into implementations of `netmap-core`'s traits.
//!
//! | derive | stands on | becomes |
//! | --- | --- | --- |
//! | [`Registers`] | a register map | `MAP`, and `register::Value` for what the registers hold |
//! | [`Descriptor`] | a descriptor of two words | `TxFormat` or `RxFormat` |
//! | [`Nic`] | a driver | `Nic` |
//!
//! A derive sees one declaration and nothing else: what is wrong in it is reported all at once, each mistake at its
//! token, and what it names is found by rustc, which reports it there. Expansions have no `unsafe`, name everything
//! by absolute paths, and depend on `netmap-core` alone.
#![forbid(unsafe_code)]

mod attr;
mod descriptor;
mod errors;
mod nic;
mod number;
mod registers;
mod shape;
#[cfg(test)]
mod tests;

/// Says where the registers of a NIC lie.
///
/// Each field is a `Register<V, A>` or an `Array<V, A, N>` with one or more `#[reg(...)]`:
///
/// | key | |
/// | --- | --- |
/// | `offset = 0x100` | bytes from the start of the space, a multiple of the width |
/// | `width = 8` | 8, 16, 32 or 64 bits; otherwise that of the integer, or 32 |
/// | `stride = 8` | arrays: bytes from one element to the next |
/// | `elements = 0..64` | arrays in pieces, one attribute a piece: the elements in it |
/// | `name = "RDT"` | arrays: the name in errors; otherwise the field's in capitals |
/// | `shared` | may lie on the bytes of others that say so too: registers of different variants |
///
/// `V` is `u8`, `u16`, `u32`, `u64`, or a type with named fields that `From` converts from and into one of them, as
/// `#[bitfield]` makes it. Such a type belongs to one map, with one width: the derive implements `Value` for it.
///
/// The map is the constant `MAP`, as visible as the type.
///
/// ```
/// use bitfield_struct::bitfield;
/// use netmap_core::register::{Array, ReadWrite, RegOffset, Register};
/// use netmap_core::{Bus, Fault};
/// use netmap_derive::Registers;
///
/// #[bitfield(u32)]
/// pub struct Ctrl {
///     #[bits(26)]
///     __: u32,
///     pub reset: bool,
///     #[bits(5)]
///     __: u32,
/// }
///
/// #[derive(Debug, Clone, Copy, Registers)]
/// pub struct Regs {
///     #[reg(offset = 0x0_0000)]
///     pub ctrl: Register<Ctrl, ReadWrite>,
///     #[reg(offset = 0x0_5400, stride = 8)]
///     pub ral: Array<u32, ReadWrite, 16>,
///     #[reg(offset = 0x0_1018, stride = 0x40, elements = 0..64)]
///     #[reg(offset = 0x0_d018, stride = 0x40, elements = 64..128)]
///     pub rdt: Array<u32, ReadWrite, 128>,
/// }
///
/// fn reset<B: Bus>(bus: &B, queue: u32) -> Result<(), Fault> {
///     Regs::MAP.ctrl.modify(bus, |ctrl| ctrl.with_reset(true));
///     Regs::MAP.rdt.at(queue)?.write(bus, 0);
///     Ok(())
/// }
///
/// assert_eq!(Regs::MAP.rdt.locate(64), Some(RegOffset(0x0_d018)));
/// ```
///
/// A width that the type does not have, and an offset that another register has, do not compile:
///
/// ```compile_fail,E0277
/// # use bitfield_struct::bitfield;
/// # use netmap_core::register::{ReadWrite, Register};
/// # use netmap_derive::Registers;
/// # #[bitfield(u32)]
/// # pub struct Ctrl {
/// #     #[bits(32)]
/// #     all: u32,
/// # }
/// #[derive(Registers)]
/// pub struct Regs {
///     #[reg(offset = 0x0_0000, width = 16)]
///     pub ctrl: Register<Ctrl, ReadWrite>,
/// }
/// ```
///
/// ```compile_fail
/// # use netmap_core::register::{ReadOnly, Register};
/// # use netmap_derive::Registers;
/// #[derive(Registers)]
/// pub struct Regs {
///     #[reg(offset = 0x0_0008)]
///     pub status: Register<u32, ReadOnly>,
///     #[reg(offset = 0x0_0008)]
///     pub eecd: Register<u32, ReadOnly>,
/// }
/// ```
#[proc_macro_derive(Registers, attributes(reg))]
pub fn registers(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    registers::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Says how a descriptor is encoded and decoded.
///
/// The struct has two words, as the driver writes them; if the NIC writes back another layout, two more follow, marked
/// `written_back`. A word is a type of `#[bitfield(u64)]`, or a `u64` where its fields do not matter.
///
/// On the struct, `#[descriptor(...)]` has
///
/// | key | |
/// | --- | --- |
/// | `transmit, min = 17, max = 16288` | a `TxFormat`; bytes of the shortest and longest frame, without CRC |
/// | `descriptors = 40` | transmit: the most that one frame may have; otherwise 1 |
/// | `receive` | an `RxFormat` |
/// | `part = 2048` | receive: the reported length is that of the whole frame, and so many bytes are in each part but the last |
///
/// and on a word
///
/// | key | |
/// | --- | --- |
/// | `address = field` | takes the address of the buffer; `address` alone: the whole word does |
/// | `length = field` | transmit: takes the bytes in the buffer, `length(a, b)` if two fields do; receive: has them |
/// | `frame = field` | transmit: takes the bytes of the whole frame |
/// | `set(field = 1, ...)` | what else the driver writes; zero otherwise |
/// | `done(field)` | the bits that the NIC sets last |
/// | `owner = field` | instead: the bit that the driver sets to hand the descriptor over and the NIC clears |
/// | `report(field)` | transmit: the bits that ask for a report; `report()` if the NIC always does |
/// | `first(field)`, `last(field)` | the bits of the first and the last descriptor of a frame |
/// | `end_of_ring(field)` | the bits of the last descriptor of the ring |
/// | `good(field = 1, ...)` | receive: what else a whole frame without error looks like |
/// | `written_back` | the NIC writes this word over one of the driver's |
///
/// The word with `done` or `owner` is the one that the ring stores last and looks at: all marks, and on receive the length,
/// are in it. If the NIC writes back another layout, `owner` is said of both.
///
/// A field has one meaning. Values that do not fit their field, and fields that do not exist, do not compile. Fields
/// are named by the constants that `#[bitfield]` declares; these are private, so the words are types of the same
/// module or one around it.
///
/// ```
/// use bitfield_struct::bitfield;
/// use netmap_core::{DmaAddr, RxFormat, TxFormat};
/// use netmap_derive::Descriptor;
///
/// #[bitfield(u64)]
/// pub struct TxCommand {
///     pub length: u16,
///     pub cso: u8,
///     pub eop: bool,
///     pub ifcs: bool,
///     pub ic: bool,
///     pub rs: bool,
///     #[bits(4)]
///     __: u8,
///     pub dd: bool,
///     #[bits(31)]
///     __: u32,
/// }
///
/// #[derive(Descriptor)]
/// #[descriptor(transmit, min = 17, max = 16288)]
/// pub struct TxDescriptor {
///     #[descriptor(address)]
///     pub address: u64,
///     #[descriptor(length = length, set(eop = 1, ifcs = 1), report(rs), done(dd))]
///     pub command: TxCommand,
/// }
///
/// assert_eq!(TxDescriptor::encode(DmaAddr(0x1000), 60), [0x1000, 0x0300_003c]);
/// assert_eq!(TxDescriptor::REPORT, 1 << 27);
///
/// #[bitfield(u64)]
/// pub struct RxStatus {
///     pub dd: bool,
///     pub eop: bool,
///     #[bits(29)]
///     __: u32,
///     pub rxe: bool,
///     pub length: u16,
///     pub vlan: u16,
/// }
///
/// #[derive(Descriptor)]
/// #[descriptor(receive)]
/// pub struct RxDescriptor {
///     #[descriptor(address)]
///     pub packet: u64,
///     pub header: u64,
///     #[descriptor(written_back)]
///     pub info: u64,
///     #[descriptor(written_back, length = length, done(dd), good(eop = 1, rxe = 0))]
///     pub status: RxStatus,
/// }
///
/// assert_eq!(RxDescriptor::arm(DmaAddr(0x1000)), [0x1000, 0]);
/// assert_eq!(RxDescriptor::len(0x003c_0000_0003), 60);
/// ```
#[proc_macro_derive(Descriptor, attributes(descriptor))]
pub fn descriptor(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    descriptor::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Says what is known of a NIC without touching one.
///
/// Each key is required and given once, in one or more `#[nic(...)]`:
///
/// | key | |
/// | --- | --- |
/// | `name = "toy"` | the name of the spec |
/// | `title = "Toy Controller"` | the name for people |
/// | `pci(0x8086:0x10fb, ...)` | vendor and device ids of all variants |
/// | `bar = 0`, `bar_size = 0x2_0000` | where the registers are (without `bar` in the first for memory), and their space in bytes |
/// | `registers = Regs` | a type of [`Registers`](macro@Registers) |
/// | `transmit(...)`, `receive(...)` | the rings: see below |
/// | `multicast(address_bits = 36..48)` | bits of an address that pick a bit of the multicast table; `crc32 = 26..32`: of its CRC |
/// | `statistics = STATISTICS` | the counters, a `&'static [Statistic]` |
///
/// and for each direction
///
/// | key | |
/// | --- | --- |
/// | `format = TxDescriptor` | a type of [`Descriptor`](macro@Descriptor) |
/// | `doorbell = tdt` | the register of the map that takes the tail; an array has one for each queue; none if the NIC looks by itself |
/// | `kick(0x40, again)` | the doorbell takes this byte instead; `again`: it can be lost, and is repeated |
/// | `restart = queue` | what a restart of one ring takes: `queue` or `device` |
/// | `queues = 128` | how many there are |
/// | `slots = 8..=4096`, `multiple = 8` | how long a ring may be |
/// | `align = 128`, `address_bits = 64` | where it may lie |
/// | `completions(done_bit, ...)` | `transmit` alone: ways of learning what was sent, the usual one first |
/// | `head = tdh` | `transmit` alone, if there is one: the registers of the NIC's position |
/// | `buffer_size = 2048` | `receive` alone: bytes that the NIC may write into a buffer |
/// | `frame_max = 16380` | `receive` alone: bytes of the longest frame, without CRC |
///
/// ```
/// # use netmap_derive::{Descriptor, Registers};
/// use netmap_core::register::{Array, ReadWrite, RegOffset, Register};
/// use netmap_core::{Doorbell, Nic as _, Statistic};
/// use netmap_derive::Nic;
///
/// #[derive(Debug, Clone, Copy, Registers)]
/// pub struct Regs {
///     #[reg(offset = 0x0_3818)]
///     pub tdt: Register<u32, ReadWrite>,
///     #[reg(offset = 0x0_1018, stride = 0x40)]
///     pub rdt: Array<u32, ReadWrite, 4>,
/// }
/// # #[bitfield_struct::bitfield(u64)]
/// # pub struct Status { pub length: u16, pub dd: bool, pub rs: bool, pub eop: bool, #[bits(45)] __: u64 }
/// # #[derive(Descriptor)]
/// # #[descriptor(transmit, min = 17, max = 16288)]
/// # pub struct TxDescriptor {
/// #     #[descriptor(address)] pub address: u64,
/// #     #[descriptor(length = length, report(rs), done(dd))] pub status: Status,
/// # }
/// # #[derive(Descriptor)]
/// # #[descriptor(receive)]
/// # pub struct RxDescriptor {
/// #     #[descriptor(address)] pub address: u64,
/// #     #[descriptor(length = length, done(dd), good(eop = 1))] pub status: Status,
/// # }
///
/// const STATISTICS: &[Statistic] = &[];
///
/// #[derive(Debug, Clone, Copy, Nic)]
/// #[nic(name = "toy", title = "Toy Controller", bar = 0, bar_size = 0x2_0000)]
/// #[nic(pci(0x8086:0x100e, 0x8086:0x1015))]
/// #[nic(transmit(
///     format = TxDescriptor, doorbell = tdt, restart = device, completions(done_bit), queues = 1,
///     slots = 8..=4096, multiple = 8, align = 16, address_bits = 64,
/// ))]
/// #[nic(receive(
///     format = RxDescriptor, doorbell = rdt, restart = device, frame_max = 1518, queues = 4,
///     slots = 8..=4096, multiple = 8, align = 16, address_bits = 64, buffer_size = 2048,
/// ))]
/// #[nic(registers = Regs, multicast(address_bits = 36..48), statistics = STATISTICS)]
/// pub struct Toy;
///
/// assert_eq!(Toy::tx_doorbell(0), Some(Doorbell::Index(RegOffset(0x0_3818))));
/// assert_eq!(Toy::tx_doorbell(1), None);
/// assert_eq!(Toy::rx_doorbell(3), Some(Doorbell::Index(RegOffset(0x0_10d8))));
/// ```
#[proc_macro_derive(Nic, attributes(nic))]
pub fn nic(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    nic::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
