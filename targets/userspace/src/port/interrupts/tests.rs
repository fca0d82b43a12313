//! Kicks by a waiting thread for the transmit queues of its port, for every NIC.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, DmaAddr, DmaError, Doorbell, PciId};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::SimDma;

use super::*;
use crate::bus::sim::SimNic;
use crate::{Region, Result};

/// A device whose registers all have the same value: all causes, or none.
#[derive(Clone)]
struct Alike {
    reads: u64,
    interrupts: bool,
    doorbell: Option<Doorbell>,
    /// Writes to that doorbell.
    rung: Arc<AtomicU32>,
}

impl Alike {
    fn wrote(&self, at: RegOffset) {
        let is_doorbell = match self.doorbell {
            Some(Doorbell::Index(doorbell) | Doorbell::Kick { at: doorbell, .. }) => at == doorbell,
            _ => false,
        };
        self.rung.fetch_add(u32::from(is_doorbell), Relaxed);
    }
}

impl Bus for Alike {
    type Dma = SimDma;

    fn read8(&self, _: RegOffset) -> u8 {
        self.reads as u8
    }
    fn read16(&self, _: RegOffset) -> u16 {
        self.reads as u16
    }
    fn read32(&self, _: RegOffset) -> u32 {
        self.reads as u32
    }
    fn read64(&self, _: RegOffset) -> u64 {
        self.reads
    }
    fn write8(&self, at: RegOffset, _: u8) {
        self.wrote(at);
    }
    fn write16(&self, at: RegOffset, _: u16) {
        self.wrote(at);
    }
    fn write32(&self, at: RegOffset, _: u32) {
        self.wrote(at);
    }
    fn write64(&self, at: RegOffset, _: u64) {
        self.wrote(at);
    }
    fn publish(&self) {}
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}

    fn dma_alloc(&self, bytes: usize, align: usize, _: u32) -> Result<SimDma, DmaError> {
        Err(DmaError { bytes, align })
    }
}

impl UserBus for Alike {
    fn attach(&self, _: &Arc<Region>) -> Result<DmaAddr> {
        Ok(DmaAddr(0))
    }
    fn detach(&self) {}
    fn pci_id(&self) -> PciId {
        unreachable!("interrupts are those of a device that is known")
    }
    fn set_message_count(&self, count: u32) -> bool {
        count == 0
    }
    fn wait_interrupt(&self, _: Duration) -> u64 {
        self.interrupts.into()
    }
}

/// A wait on a port with a transmit queue. A visit returns the number of doorbell writes, and whether the NIC loses
/// kicks.
#[derive(Clone, Copy)]
struct Event {
    reads: u64,
    interrupts: bool,
    /// The device runs.
    runs: bool,
    /// A thread waits; otherwise the reports of the link are discarded.
    waits: bool,
}

const SENT: Event = Event {
    reads: u64::MAX,
    interrupts: true,
    runs: true,
    waits: true,
};

impl Visitor for Event {
    type Output = (u32, bool);

    fn visit<D: Modelled>(self) -> (u32, bool) {
        let nic = SimNic::new::<D>().unwrap();
        let driver = D::detect(&nic, nic.pci_id()).unwrap();
        let doorbell = D::tx_doorbell(0);
        let bus = Alike {
            reads: self.reads,
            interrupts: self.interrupts,
            doorbell,
            rung: Arc::default(),
        };
        let interrupts = Interrupts::new(Handlers::new(driver, 1, 0), bus.clone());
        interrupts.handlers.set_listening(self.runs);
        if self.waits {
            interrupts.wait(0, 0, Duration::ZERO);
        } else {
            interrupts.forget_link();
        }
        let loses = matches!(doorbell, Some(Doorbell::Kick { again: true, .. }));
        (bus.rung.load(Relaxed), loses)
    }
}

/// Asserts the number of kicks for NICs that lose kicks, and that others are not kicked.
fn assert_kicked(times: u32, event: Event) {
    let all = NAMES.iter().map(|name| by_name(name, event).unwrap());
    let (losing, others): (Vec<_>, Vec<_>) = all.partition(|(_, loses)| *loses);
    assert!(!losing.is_empty() && !others.is_empty());
    assert!(losing.iter().all(|(rung, _)| *rung == times), "{losing:?}");
    assert!(others.iter().all(|(rung, _)| *rung == 0), "{others:?}");
}

#[test]
fn an_interrupt_for_sent_frames_repeats_the_kick() {
    assert_kicked(1, SENT);
}

#[test]
fn an_interrupt_without_causes_repeats_no_kick() {
    assert_kicked(0, Event { reads: 0, ..SENT });
}

#[test]
fn a_missing_interrupt_repeats_the_kick() {
    let lost = Event {
        reads: 0,
        interrupts: false,
        ..SENT
    };
    assert_kicked(1, lost);
}

#[test]
fn causes_discarded_with_the_link_repeat_the_kick() {
    let forgotten = Event {
        waits: false,
        ..SENT
    };
    assert_kicked(1, forgotten);
}

#[test]
fn queues_that_do_not_run_are_not_kicked() {
    for (interrupts, waits) in [(true, true), (false, true), (true, false)] {
        let stopped = Event {
            interrupts,
            waits,
            runs: false,
            ..SENT
        };
        assert_kicked(0, stopped);
    }
}
