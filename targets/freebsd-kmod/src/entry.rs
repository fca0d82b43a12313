//! The functions that the C half calls: a table for each NIC.

use core::ffi::{c_char, c_void};
use core::ptr::{self, NonNull};
use core::slice;

use netmap_core::Nic;
use netmap_nics::{Modelled, Visitor};

use crate::boundary::{
    FAILED, Found, LinkState, PAUSED, REFUSED, RX, RingView, SYNCED, TX, Wanted,
};
use crate::bus::Device;
use crate::device::Port;
use crate::failure::{Failure, Line, Room};
use crate::owned::Owned;
use crate::ring::Synced;
use crate::tree::Node;
use crate::{registers, tree};

/// The functions of one NIC. `attach` creates a *port*; all other functions take it, from any thread.
///
/// Functions that return an `i32` are *control*: they may sleep, and the C half calls one of them at a time. They
/// return 0, or a POSIX errno after they have written the reason to the kernel's log.
#[repr(C)]
#[derive(Debug)]
pub struct Entry {
    /// Creates a stopped port for the device, with the properties in `wanted`. If it fails, it frees everything.
    pub attach: unsafe extern "C" fn(
        device: *mut c_void,
        wanted: *const Wanted,
        found: *mut Found,
        port: *mut *mut c_void,
    ) -> i32,
    /// Frees everything that `attach` allocated. Before that, the device was stopped, or bus mastering was turned off
    /// if that failed. No other function of the port runs or follows.
    pub release: unsafe extern "C" fn(port: *mut c_void),
    /// Starts the device with the rings that are in netmap mode; a running device is reset. netmap allows no sync
    /// meanwhile.
    pub up: unsafe extern "C" fn(port: *mut c_void) -> i32,
    /// Stops the device. netmap allows no sync meanwhile.
    pub down: unsafe extern "C" fn(port: *mut c_void) -> i32,
    /// Reads the link state; `reported` is 1 if an interrupt reported a change. ENXIO if the device is gone: from then on
    /// syncs return `FAILED` until `up` succeeds.
    pub link: unsafe extern "C" fn(port: *mut c_void, reported: u32, state: *mut LinkState) -> i32,
    /// Negotiates the link again.
    pub renegotiate: unsafe extern "C" fn(port: *mut c_void) -> i32,
    /// Sets the number of MSI-X vectors; the last one reports everything except queues. 0 selects a single interrupt.
    /// Called before `up`.
    pub set_vectors: unsafe extern "C" fn(port: *mut c_void, count: u32) -> i32,
    /// Sets the receive filter: frames to accept besides those to the MAC address; `groups` are addresses of 6 bytes.
    pub set_filter: unsafe extern "C" fn(
        port: *mut c_void,
        promiscuous: u32,
        all_multicast: u32,
        groups: *const [u8; 6],
        count: usize,
    ) -> i32,
    /// Sets the MAC address, 6 bytes; EINVAL for a group address or zero.
    pub set_mac: unsafe extern "C" fn(port: *mut c_void, mac: *const [u8; 6]) -> i32,
    /// A ring has left netmap mode; the device is stopped. Unsent frames in it are dropped when it enters netmap mode again.
    pub leave: unsafe extern "C" fn(port: *mut c_void, direction: u32, queue: u32) -> i32,
    /// Sets a published option, effective at the next start.
    pub choose: unsafe extern "C" fn(port: *mut c_void, number: u32, value: u32) -> i32,

    /// Hands over slots of a transmit ring and reclaims sent ones. Returns `SYNCED`, `PAUSED`, `REFUSED` or `FAILED`, and
    /// updates the positions in `ring` if it returns `SYNCED` or `REFUSED`.
    pub txsync: unsafe extern "C" fn(port: *mut c_void, queue: u32, ring: *mut RingView) -> u32,
    /// The same for a receive ring.
    pub rxsync: unsafe extern "C" fn(port: *mut c_void, queue: u32, ring: *mut RingView) -> u32,
    /// Acknowledges interrupt `vector` and returns its causes as bits; 0 if another device raised the interrupt. Called
    /// by the interrupt filter of that vector; a single interrupt is number 0.
    pub interrupt: unsafe extern "C" fn(port: *mut c_void, vector: u32) -> u32,
    /// Handles the causes that `interrupt` returned, before rings are synced. Called by an interrupt thread.
    pub service: unsafe extern "C" fn(port: *mut c_void, causes: u32),
    /// Calls `nmd_publish` for every number, option and text of the port.
    pub publish: unsafe extern "C" fn(port: *mut c_void),
    /// Reads a published number. Returns 0 or an errno: EBUSY while a sync or control uses the queue; then try again.
    pub number: unsafe extern "C" fn(port: *mut c_void, number: u32, value: *mut u64) -> i32,
    /// Writes a published text of at most `bytes` bytes to zeroed memory. Returns its length.
    pub text: unsafe extern "C" fn(
        port: *mut c_void,
        number: u32,
        text: *mut c_char,
        bytes: usize,
    ) -> usize,
    /// Writes why the last sync of a ring was refused. Returns the length of the text.
    pub describe: unsafe extern "C" fn(
        port: *mut c_void,
        direction: u32,
        queue: u32,
        text: *mut c_char,
        bytes: usize,
    ) -> usize,
}

/// The functions of the NIC whose spec has that name; null if there is none.
///
/// # Safety
/// `name` has `bytes` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nmd_driver(name: *const c_char, bytes: usize) -> *const Entry {
    // SAFETY: the caller promises it.
    let name = unsafe { slice::from_raw_parts(name.cast::<u8>(), bytes) };
    let entry = core::str::from_utf8(name)
        .ok()
        .and_then(|name| netmap_nics::by_name(name, Find));
    entry.map_or(ptr::null(), ptr::from_ref)
}

struct Find;

impl Visitor for Find {
    type Output = &'static Entry;

    fn visit<D: Modelled>(self) -> &'static Entry {
        const { &Entry::of::<D>() }
    }
}

impl Entry {
    /// The functions of NIC `D`.
    pub const fn of<D: Modelled>() -> Entry {
        Entry {
            attach: attach::<D>,
            release: release::<D>,
            up: up::<D>,
            down: down::<D>,
            link: link::<D>,
            renegotiate: renegotiate::<D>,
            set_vectors: set_vectors::<D>,
            set_filter: set_filter::<D>,
            set_mac: set_mac::<D>,
            leave: leave::<D>,
            choose: choose::<D>,
            txsync: txsync::<D>,
            rxsync: rxsync::<D>,
            interrupt: interrupt::<D>,
            service: service::<D>,
            publish: publish::<D>,
            number: number::<D>,
            text: text::<D>,
            describe: describe::<D>,
        }
    }
}

/// The port that `attach` made.
///
/// # Safety
/// `port` came from `attach::<D>`, and `release` is not called while it is used.
#[inline(always)]
unsafe fn port<'a, D: Modelled>(port: *mut c_void) -> &'a Port<D> {
    // SAFETY: the caller promises it.
    unsafe { &*port.cast::<Port<D>>() }
}

/// The errno of a failure, which is logged.
fn answer<D: Nic>(device: Device, doing: &str, result: Result<(), Failure>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(failure) => {
            device.log(format_args!("{}: {doing}: {failure}", D::NAME));
            failure.number()
        }
    }
}

unsafe extern "C" fn attach<D: Modelled>(
    device: *mut c_void,
    wanted: *const Wanted,
    found: *mut Found,
    made: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller hands its device over, and one `Wanted`.
    let (device, wanted) = unsafe { (Device::new(device), *wanted) };
    let mut facts = None;
    let port = Owned::new(device, 1, |_| {
        let (port, found) = Port::<D>::attach(device, wanted)?;
        facts = Some(found);
        Ok(port)
    });
    match (port, facts) {
        (Ok(port), Some(facts)) => {
            // SAFETY: the caller hands over room for one of each.
            unsafe {
                found.write(facts);
                made.write(port.into_raw());
            }
            0
        }
        (Err(failure), _) => answer::<D>(device, "attach", Err(failure)),
        (Ok(_), None) => answer::<D>(device, "attach", Err(Failure::Busy)),
    }
}

unsafe extern "C" fn release<D: Modelled>(made: *mut c_void) {
    if let Some(first) = NonNull::new(made.cast::<Port<D>>()) {
        // SAFETY: the caller promises what `port` asks for.
        let device = unsafe { port::<D>(made) }.device();
        // SAFETY: `attach` made it of one port on that device, and the caller promises that nobody uses it.
        drop(unsafe { Owned::from_raw(device, first) });
    }
}

macro_rules! control {
    ($($name:ident $doing:literal ($($argument:ident: $type:ty),*) $call:expr;)*) => {$(
        unsafe extern "C" fn $name<D: Modelled>(made: *mut c_void, $($argument: $type),*) -> i32 {
            // SAFETY: the caller promises what `port` asks for.
            let port = unsafe { port::<D>(made) };
            let call: fn(&Port<D>, $($type),*) -> Result<(), Failure> = $call;
            answer::<D>(port.device(), $doing, call(port, $($argument),*))
        }
    )*};
}

control! {
    up "start" () |port| port.up();
    down "stop" () |port| port.down();
    renegotiate "link" () |port| port.renegotiate();
    set_vectors "interrupts" (count: u32) |port, count| port.set_vectors(count);
    link "link" (reported: u32, state: *mut LinkState) |port, reported, state| {
        let now = port.link(reported != 0)?;
        // SAFETY: the caller hands over room for one.
        unsafe { state.write(now) };
        Ok(())
    };
    set_filter "filter" (promiscuous: u32, all_multicast: u32, groups: *const [u8; 6], count: usize)
        |port, promiscuous, all_multicast, groups, count| {
            let groups = match count {
                0 => &[][..],
                // SAFETY: the caller hands over that many addresses.
                _ => unsafe { slice::from_raw_parts(groups, count) },
            };
            port.set_filter(promiscuous != 0, all_multicast != 0, groups)
        };
    set_mac "address" (mac: *const [u8; 6]) |port, mac| {
        // SAFETY: the caller hands over one address.
        port.set_mac(unsafe { *mac })
    };
    leave "ring" (direction: u32, queue: u32) |port, direction, queue| {
        port.leave(direction, queue)
    };
    choose "option" (number: u32, value: u32) |port, number, value| {
        port.choose(Node::of(number), value)
    };
}

/// Stores the positions after a sync; the number by which the boundary knows how it ended.
#[inline(always)]
fn finish(ring: &mut RingView, synced: Synced) -> u32 {
    let (at, ended) = match synced {
        Synced::Paused => return PAUSED,
        Synced::Done(at) => (at, SYNCED),
        Synced::Refused(at) => (at, REFUSED),
        Synced::Failed => return FAILED,
    };
    ring.hwcur = at.hwcur.0;
    ring.hwtail = at.hwtail.0;
    ended
}

macro_rules! syncs {
    ($($name:ident $queues:ident;)*) => {$(
        unsafe extern "C" fn $name<D: Modelled>(made: *mut c_void, queue: u32, ring: *mut RingView) -> u32 {
            // SAFETY: the caller promises what `port` asks for, and hands over one view that nobody else has.
            let (port, ring) = unsafe { (port::<D>(made), &mut *ring) };
            let Some(queue) = port.$queues.get(queue as usize) else {
                return FAILED;
            };
            // SAFETY: the kernel's half filled the view, and netmap keeps the ring during a sync.
            let synced = unsafe { ring.with(|client, at| queue.sync(client, at)) };
            finish(ring, synced)
        }
    )*};
}

syncs! {
    txsync tx;
    rxsync rx;
}

unsafe extern "C" fn interrupt<D: Modelled>(made: *mut c_void, vector: u32) -> u32 {
    // SAFETY: the caller promises what `port` asks for.
    unsafe { port::<D>(made) }.interrupt(vector)
}

unsafe extern "C" fn service<D: Modelled>(made: *mut c_void, causes: u32) {
    // SAFETY: the caller promises what `port` asks for.
    unsafe { port::<D>(made) }.service(causes);
}

unsafe extern "C" fn publish<D: Modelled>(made: *mut c_void) {
    // SAFETY: the caller promises what `port` asks for.
    tree::publish(unsafe { port::<D>(made) });
}

unsafe extern "C" fn number<D: Modelled>(made: *mut c_void, number: u32, value: *mut u64) -> i32 {
    // SAFETY: the caller promises what `port` asks for.
    let port = unsafe { port::<D>(made) };
    match port.number(Node::of(number)) {
        Ok(number) => {
            // SAFETY: the caller hands over room for one number.
            unsafe { value.write(number) };
            0
        }
        Err(failure) => failure.number(),
    }
}

unsafe extern "C" fn text<D: Modelled>(
    made: *mut c_void,
    number: u32,
    text: *mut c_char,
    bytes: usize,
) -> usize {
    // SAFETY: the caller promises what `port` asks for.
    let port = unsafe { port::<D>(made) };
    // SAFETY: the caller hands over that many bytes, which are zero.
    let mut room = Room::new(unsafe { slice::from_raw_parts_mut(text.cast::<u8>(), bytes) });
    if Node::of(number) == Node::Registers {
        // The only failure is that the rest is left out.
        let _ = registers::write(&mut room, port.bus(), D::MODEL, port.variant());
    }
    room.used()
}

unsafe extern "C" fn describe<D: Modelled>(
    made: *mut c_void,
    direction: u32,
    queue: u32,
    text: *mut c_char,
    bytes: usize,
) -> usize {
    // SAFETY: the caller promises what `port` asks for.
    let port = unsafe { port::<D>(made) };
    let queue = queue as usize;
    let why = match direction {
        TX => port.tx.get(queue).and_then(|queue| queue.why_refused()),
        RX => port.rx.get(queue).and_then(|queue| queue.why_refused()),
        _ => None,
    };
    let line = why.map_or(Line::of(format_args!("unknown")), |error| {
        Line::of(format_args!("{error}"))
    });
    let used = line.text().len().min(bytes);
    // SAFETY: the caller hands over room for `bytes` bytes, and the line is elsewhere.
    unsafe { ptr::copy_nonoverlapping(line.text().as_ptr(), text.cast(), used) };
    used
}
