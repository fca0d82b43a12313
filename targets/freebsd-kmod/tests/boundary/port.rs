//! A port of the Rust half, as the kernel's half uses it.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use netmap_core::PciIdentity;
use netmap_kmod::boundary::*;
use netmap_kmod::{Entry, nmd_driver};

use crate::kernel::{Event, Kernel, record};

pub const SLOTS: u32 = 64;

/// A port on a kernel; released when dropped.
pub struct Port {
    pub kernel: Arc<Kernel>,
    entry: &'static Entry,
    port: *mut c_void,
    pub found: Found,
    /// Most frames that may be under way to the port.
    pub under_way: u32,
    /// Bytes of the longest frame that tests send.
    pub longest: u32,
}

// SAFETY: the functions of a port may be called from any thread.
unsafe impl Send for Port {}
// SAFETY: as above.
unsafe impl Sync for Port {}

/// The functions of the NIC of that name.
pub fn entry_of(name: &str) -> Option<&'static Entry> {
    // SAFETY: the name has that many bytes, and the tables are static.
    unsafe { nmd_driver(name.as_ptr().cast(), name.len()).as_ref() }
}

/// Attaches: returns the port, or the number of the error.
pub fn attach(
    kernel: &Arc<Kernel>,
    name: &str,
    pci: PciIdentity,
    queues: u32,
    frame_max: u32,
) -> Result<Port, i32> {
    let entry = entry_of(name).expect("a NIC of that name");
    attach_by(entry, kernel, pci, queues, frame_max)
}

/// The same by the functions of a NIC that has no name.
pub fn attach_by(
    entry: &'static Entry,
    kernel: &Arc<Kernel>,
    pci: PciIdentity,
    queues: u32,
    frame_max: u32,
) -> Result<Port, i32> {
    attach_as(
        entry,
        kernel,
        Wanted {
            queues,
            tx_slots: SLOTS,
            rx_slots: SLOTS,
            frame_max,
            pci: pci.into(),
        },
    )
}

/// The same with any properties.
pub fn attach_as(entry: &'static Entry, kernel: &Arc<Kernel>, wanted: Wanted) -> Result<Port, i32> {
    let mut found = MaybeUninit::<Found>::uninit();
    let mut port = ptr::null_mut();
    // SAFETY: the kernel outlives the port, which keeps it; everything else is room for what is returned.
    let error =
        unsafe { (entry.attach)(kernel.handle(), &wanted, found.as_mut_ptr(), &raw mut port) };
    match error {
        0 => {
            kernel.unpublish();
            // SAFETY: attach succeeded, so the port is there.
            unsafe { (entry.publish)(port) };
            Ok(Port {
                kernel: Arc::clone(kernel),
                entry,
                port,
                // SAFETY: attach succeeded, so it filled this.
                found: unsafe { found.assume_init() },
                under_way: u32::MAX,
                longest: 1514,
            })
        }
        error => Err(error),
    }
}

impl Port {
    /// Gives the port back without taking the device down.
    pub fn release(self) {
        let port = ManuallyDrop::new(self);
        // SAFETY: nobody else has the port, and the device was never up.
        unsafe { (port.entry.release)(port.port) }
        // SAFETY: the port is not dropped, and nobody uses its kernel through it again.
        drop(unsafe { ptr::read(&raw const port.kernel) });
    }

    /// Brings the device up, with no sync at work.
    pub fn up(&self) -> i32 {
        let _stopped = self.kernel.stop_rings();
        // SAFETY: the port is there, and its kernel lets no sync in.
        unsafe { (self.entry.up)(self.port) }
    }

    /// Takes it down, with no sync at work.
    pub fn down(&self) -> i32 {
        let _stopped = self.kernel.stop_rings();
        // SAFETY: as above.
        unsafe { (self.entry.down)(self.port) }
    }

    pub fn link(&self, reported: bool) -> LinkState {
        let state = self.try_link(reported);
        state.unwrap_or_else(|error| panic!("{error}: {:?}", self.kernel.log()))
    }

    pub fn try_link(&self, reported: bool) -> Result<LinkState, i32> {
        let mut state = LinkState {
            mbps: 0,
            full_duplex: 0,
            changed: 0,
            waiting: 0,
        };
        // SAFETY: the port is there, and `state` has room for one.
        match unsafe { (self.entry.link)(self.port, reported.into(), &raw mut state) } {
            0 => Ok(state),
            error => Err(error),
        }
    }

    pub fn renegotiate(&self) -> i32 {
        // SAFETY: the port is there.
        unsafe { (self.entry.renegotiate)(self.port) }
    }

    pub fn set_filter(&self, promiscuous: bool, groups: &[[u8; 6]]) -> i32 {
        self.accept(promiscuous, false, groups)
    }

    pub fn accept(&self, promiscuous: bool, all_multicast: bool, groups: &[[u8; 6]]) -> i32 {
        // SAFETY: the port is there, and there are that many addresses.
        unsafe {
            (self.entry.set_filter)(
                self.port,
                promiscuous.into(),
                all_multicast.into(),
                groups.as_ptr(),
                groups.len(),
            )
        }
    }

    pub fn set_mac(&self, mac: [u8; 6]) -> i32 {
        // SAFETY: the port is there, and so is the address.
        unsafe { (self.entry.set_mac)(self.port, &raw const mac) }
    }

    /// Its program has left the ring.
    pub fn leave(&self, direction: u32, queue: u32) -> i32 {
        // SAFETY: the port is there.
        unsafe { (self.entry.leave)(self.port, direction, queue) }
    }

    /// The number that was published under that name.
    pub fn number(&self, name: &str) -> u64 {
        let (_, number) = self.kernel.published()[name];
        let mut value = 0;
        // SAFETY: the port is there, and so is the room.
        let error = unsafe { (self.entry.number)(self.port, number, &raw mut value) };
        assert_eq!(error, 0, "{name}");
        value
    }

    pub fn choose(&self, name: &str, value: u32) -> i32 {
        let (_, number) = self.kernel.published()[name];
        // SAFETY: the port is there.
        unsafe { (self.entry.choose)(self.port, number, value) }
    }

    /// The first bytes of a text that was published under that name.
    pub fn text(&self, name: &str, bytes: usize) -> String {
        let (_, number) = self.kernel.published()[name];
        let mut text = vec![0u8; bytes];
        // SAFETY: the port is there, and the text has room for that many bytes.
        let used =
            unsafe { (self.entry.text)(self.port, number, text.as_mut_ptr().cast(), text.len()) };
        text.truncate(used);
        String::from_utf8(text).unwrap()
    }

    /// One sync as netmap has it done; what it is called.
    pub fn sync(&self, direction: u32, queue: u32) -> u32 {
        let ring = self.kernel.ring(direction, queue);
        let _busy = ring.busy.lock().unwrap();
        self.sync_after(direction, queue, || ())
    }

    /// The same without netmap's `nr_busy`; calls `between` after it has read the positions and before the sync.
    pub fn sync_after(&self, direction: u32, queue: u32, between: impl FnOnce()) -> u32 {
        let ring = self.kernel.ring(direction, queue);
        let mut view = self.kernel.view(direction, queue);
        between();
        let sync = if direction == TX {
            self.entry.txsync
        } else {
            self.entry.rxsync
        };
        let before = view;
        // SAFETY: the port is there, and the kernel keeps the ring.
        let (events, outcome) = record(|| unsafe { sync(self.port, queue, &raw mut view) });
        self.assert_ordered(direction, queue, &events, before.hwtail != view.hwtail);
        if matches!(outcome, SYNCED | REFUSED) {
            ring.hwcur.store(view.hwcur, SeqCst);
            ring.hwtail.store(view.hwtail, SeqCst);
        }
        outcome
    }

    /// Each sync orders the accesses to its own ring and to no other memory: towards the device before each register write,
    /// and from the device when it has received frames.
    fn assert_ordered(&self, direction: u32, queue: u32, events: &[Event], moved: bool) {
        let handles = self.kernel.dma();
        let ring = handles[(direction * self.found.queues + queue) as usize];
        let published = Event::Sync {
            handle: ring,
            how: TO_DEVICE,
        };
        let observed = Event::Sync {
            handle: ring,
            how: FROM_DEVICE,
        };
        let ring = format!("direction {direction}, queue {queue}: {events:x?} of {handles:x?}");
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Write => assert!(
                    at > 0 && events[at - 1] == published,
                    "a register written before the descriptors were ordered: {ring}"
                ),
                event => assert!(
                    *event == published || *event == observed,
                    "other memory ordered: {ring}"
                ),
            }
        }
        assert!(
            direction == TX || !moved || events.contains(&observed),
            "received frames not ordered: {ring}"
        );
    }

    pub fn set_vectors(&self, count: u32) -> i32 {
        // SAFETY: the port is there.
        unsafe { (self.entry.set_vectors)(self.port, count) }
    }

    pub fn interrupt(&self, message: u32) -> u32 {
        // SAFETY: the port is there.
        unsafe { (self.entry.interrupt)(self.port, message) }
    }

    /// Takes the causes of the first message until there is none.
    pub fn acknowledge(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.interrupt(0) != 0 {
            assert!(Instant::now() < end, "the causes do not end");
        }
    }

    pub fn service(&self, causes: u32) {
        // SAFETY: the port is there.
        unsafe { (self.entry.service)(self.port, causes) }
    }

    /// The counters of the NIC, by name.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        let published = self.kernel.published();
        let names = published
            .into_keys()
            .filter(|name| name.starts_with("counters."));
        names
            .map(|name| (name.clone(), self.number(&name)))
            .collect()
    }

    pub fn describe(&self, direction: u32, queue: u32) -> String {
        let mut text = [0u8; 128];
        // SAFETY: the port is there, and the text has room for that many bytes.
        let used = unsafe {
            (self.entry.describe)(
                self.port,
                direction,
                queue,
                text.as_mut_ptr().cast(),
                text.len(),
            )
        };
        String::from_utf8(text[..used].to_vec()).unwrap()
    }

    /// Waits until there is a link, ten seconds of the device's time at most.
    pub fn wait_for_link(&self) -> LinkState {
        for _ in 0..500 {
            let state = self.link(false);
            if state.mbps > 0 {
                return state;
            }
            self.kernel.sleep(Duration::from_millis(20));
        }
        panic!("no link");
    }

    /// Whether a transmit ring has a free slot.
    pub fn has_room(&self, queue: u32) -> bool {
        let ring = self.kernel.ring(TX, queue);
        ring.head.load(SeqCst) != ring.hwtail.load(SeqCst)
    }

    /// Puts a frame into the client's next slot of a transmit ring; false if the ring is full.
    pub fn send(&self, queue: u32, frame: &[u8]) -> bool {
        if !self.has_room(queue) {
            return false;
        }
        let ring = self.kernel.ring(TX, queue);
        let head = ring.head.load(SeqCst);
        let slot = &ring.slots[head as usize];
        self.kernel.fill(slot.buffer(), frame);
        slot.set_len_flags(frame.len() as u16, 0);
        ring.head
            .store((head + 1) % ring.slots.len() as u32, SeqCst);
        true
    }

    /// Takes the oldest frame from a receive ring.
    pub fn receive(&self, queue: u32) -> Option<Vec<u8>> {
        let ring = self.kernel.ring(RX, queue);
        let head = ring.head.load(SeqCst);
        if head == ring.hwtail.load(SeqCst) {
            return None;
        }
        let slot = &ring.slots[head as usize];
        let frame = self.kernel.bytes(slot.buffer(), slot.len_flags().0.into());
        ring.head
            .store((head + 1) % ring.slots.len() as u32, SeqCst);
        Some(frame)
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.down();
        // SAFETY: nobody else has the port, and the device is down.
        unsafe { (self.entry.release)(self.port) }
    }
}
