//! What the Rust half says of a NIC, against what its driver says.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use netmap_core::{Causes, Choice, FrameLimits, NicLimits, RingLimits, TxFormat as _};
use netmap_kmod::boundary::*;
use netmap_nics::{Modelled, Visitor, by_name};
use netmap_userspace::bus::sim::SimNic;

use crate::kernel::BUFFER;
use crate::port::{SLOTS, attach, attach_as, entry_of};
use crate::{Sim, for_each_nic};

const EINVAL: i32 = 22;

/// Facts of the driver of a simulated NIC.
pub struct Facts {
    limits: NicLimits,
    /// Bytes of one slot that a frame to send may use.
    slot_bytes: u32,
    choices: &'static [Choice],
    /// Reads and acknowledges the causes.
    causes: fn(&SimNic) -> Causes,
}

impl Facts {
    /// The largest value of the option that is published under that name.
    pub fn most(&self, name: &str) -> u32 {
        let mut choices = self.choices.iter();
        let choice = choices.find(|choice| name == format!("options.{}", choice.name));
        choice.expect("an option of the driver").max
    }
}

/// The facts of a simulated NIC.
pub fn of(sim: &Sim) -> Facts {
    struct Find<'a>(&'a SimNic);
    impl Visitor for Find<'_> {
        type Output = Facts;
        fn visit<D: Modelled>(self) -> Facts {
            let pci = self.0.device().variant().pci;
            let driver = D::detect(self.0, &pci).expect("a driver of its own device");
            Facts {
                limits: driver.limits(),
                slot_bytes: D::BUFFER_SIZE.min(D::Tx::MAX_LEN.into()),
                choices: D::CHOICES,
                causes: |nic| {
                    let pci = nic.device().variant().pci;
                    let driver = D::detect(nic, &pci).expect("a driver of its own device");
                    driver.causes(nic)
                },
            }
        }
    }
    by_name(sim.name, Find(&sim.nic)).expect("a NIC of that name")
}

#[test]
fn frames_and_addresses_of_both_directions_are_within_what_is_found() {
    let (sends_less, receives_less) = (AtomicU32::new(0), AtomicU32::new(0));
    for_each_nic(|sim: Sim| {
        let facts = of(&sim);
        let FrameLimits { received, .. } = facts.limits.frames;
        let sent = facts.limits.frames.sent_from(facts.slot_bytes);
        sends_less.fetch_add((sent < received).into(), SeqCst);
        receives_less.fetch_add((received < sent).into(), SeqCst);
        let most = sent.min(received);
        let port = attach(&sim.kernel, sim.name, sim.pci, 1, 1514).unwrap();
        assert_eq!(port.found.frame_max, most, "{}", sim.name);
        let bits = facts
            .limits
            .tx
            .address_bits
            .min(facts.limits.rx.address_bits);
        assert_eq!(port.found.address_bits, bits, "{}", sim.name);
        port.release();
        let longer = attach(&sim.kernel, sim.name, sim.pci, 1, u32::MAX).unwrap();
        assert_eq!(longer.found.frame_max, most, "{}", sim.name);
        longer.release();
        sim.has_kept_the_rules();
    });
    assert!(sends_less.load(SeqCst) + receives_less.load(SeqCst) > 0);
}

#[test]
fn rings_have_a_number_of_slots_that_the_nic_supports() {
    for_each_nic(|sim: Sim| {
        let facts = of(&sim);
        let nearest = |limits: &RingLimits, wanted: u32| {
            let slots = wanted.clamp(limits.min, limits.max);
            // The smallest and the largest size are multiples.
            slots / limits.multiple * limits.multiple
        };
        for wanted in [0, 1, 63, 64, 65, 67, 100, u32::MAX] {
            let port = attach_as(
                entry_of(sim.name).unwrap(),
                &sim.kernel,
                Wanted {
                    queues: 1,
                    tx_slots: wanted,
                    rx_slots: wanted,
                    frame_max: 60,
                    pci: sim.pci.into(),
                },
            );
            let port = port.unwrap_or_else(|error| panic!("{}: {wanted}: {error}", sim.name));
            assert_eq!(
                port.found.tx_slots,
                nearest(&facts.limits.tx, wanted),
                "{}",
                sim.name
            );
            assert_eq!(
                port.found.rx_slots,
                nearest(&facts.limits.rx, wanted),
                "{}",
                sim.name
            );
            port.release();
        }
        sim.has_kept_the_rules();
    });
}

/// An option may make the NIC store the CRC, too.
#[test]
fn a_frame_fits_into_a_ring_together_with_its_crc() {
    let full = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let facts = of(&sim);
        let most = facts.limits.frames.sent.min(facts.limits.frames.received);
        // All slots but one.
        let bytes = BUFFER as u32 * (facts.limits.rx.min - 1);
        let attach = |frame_max: u32| {
            let wanted = Wanted {
                queues: 1,
                tx_slots: SLOTS,
                rx_slots: facts.limits.rx.min,
                frame_max,
                pci: sim.pci.into(),
            };
            let port = attach_as(entry_of(sim.name).unwrap(), &sim.kernel, wanted);
            port.map(|port| port.release())
        };
        if most < bytes {
            return;
        }
        full.fetch_add(1, SeqCst);
        assert_eq!(attach(bytes - 4), Ok(()), "{}", sim.name);
        for frame_max in [bytes - 3, bytes] {
            assert_eq!(attach(frame_max), Err(EINVAL), "{}", sim.name);
        }
        sim.has_kept_the_rules();
    });
    assert!(full.load(SeqCst) > 0);
}

#[test]
fn the_bits_of_an_interrupt_are_the_causes_of_the_driver() {
    let told_apart = AtomicU32::new(0);
    for_each_nic(|sim: Sim| {
        let facts = of(&sim);
        let port = sim.up();
        for bit in 0..32 {
            let raised = || {
                port.acknowledge();
                sim.nic.device().raise(1 << bit);
            };
            raised();
            let causes = (facts.causes)(&sim.nic);
            raised();
            let found = port.interrupt(0);
            let is = |cause: u32| found & cause != 0;
            let found = (is(CAUSE_TX), is(CAUSE_RX), is(CAUSE_LINK));
            let expected = (causes.tx, causes.rx, causes.link);
            assert_eq!(found, expected, "{}, bit {bit}", sim.name);
            told_apart.fetch_add((causes.tx != causes.rx).into(), SeqCst);
        }
        drop(port);
        sim.has_kept_the_rules();
    });
    assert!(told_apart.load(SeqCst) > 0, "no NIC tells them apart");
}
