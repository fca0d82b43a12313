//! Every variant of every NIC: its model makes a device, and its driver starts that device without violations.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use netmap_core::abi::SlotCell;
use netmap_core::model::VariantModel;
use netmap_core::{
    BufIdx, Bus, ClientRing, Completion, Dma, DmaAddr, Filter, LinearPool, Link, MacAddress,
    MulticastTable, NmIdx, Positions, RingSetup, Rss, RxQueue, Setup, TxQueue, TxSetup,
};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::wire::Loopback;
use netmap_sim::{Device, DmaMemory, SimBus};

const MAC: MacAddress = MacAddress([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);
const SHIFT: u32 = 11;
const SLOTS: u32 = 64;

/// Does the same with every NIC.
fn for_every_nic<V: Visitor<Output = ()> + Copy>(visitor: V) {
    assert!(!NAMES.is_empty());
    for name in NAMES {
        println!("{name}");
        by_name(name, visitor).expect("a NIC that the crate names");
    }
}

/// Each variant of a driver's NIC; prints its name.
fn variants<D: Modelled>() -> impl Iterator<Item = &'static VariantModel> {
    assert!(!D::MODEL.variants.is_empty());
    D::MODEL
        .variants
        .iter()
        .inspect(|variant| println!("  {}", variant.name))
}

#[test]
fn every_model_makes_a_device() {
    #[derive(Clone, Copy)]
    struct Make;
    impl Visitor for Make {
        type Output = ();
        fn visit<D: Modelled>(self) {
            for variant in variants::<D>() {
                Device::stepped(D::MODEL, variant.name, MAC).expect("a consistent model");
            }
        }
    }
    for_every_nic(Make);
}

/// Starts a device with all its queues, as a port does.
fn bring_up<D: Modelled>(
    device: &Device,
    completion: Completion,
) -> (SimBus, D, Setup, Vec<<SimBus as Bus>::Dma>) {
    let bus = device.bus();
    let nic = D::detect(&bus, device.variant().pci).expect("the variant that is simulated");
    assert_eq!(nic.variant(), device.variant().name);
    let setup = Setup {
        frame_max: 1514,
        buffer_size: 1 << SHIFT,
        queues: D::TX.queues.max(D::RX.queues),
        messages: 0,
        rss: Rss::symmetric(1),
    };
    nic.reset(&bus).unwrap();
    nic.init(&bus, &setup).unwrap();
    let mac = nic.mac_read(&bus).unwrap();
    assert_eq!(mac, MAC);
    nic.mac_write(&bus, &mac).unwrap();
    let filter = Filter {
        promiscuous: true,
        all_multicast: false,
        multicast: MulticastTable::EMPTY,
    };
    if !D::FILTER_AFTER_START {
        nic.filter_write(&bus, &filter).unwrap();
    }
    let ring = |limits: netmap_core::RingLimits, bytes| {
        bus.dma_alloc(bytes, limits.align as usize, limits.address_bits)
            .unwrap()
    };
    let mut rings = Vec::new();
    for queue in 0..D::TX.queues {
        let memory = ring(D::TX, TxQueue::<D::Tx, SimBus>::bytes(SLOTS));
        let setup = setup_of(&memory, completion);
        nic.tx_enable(&bus, queue, &setup).unwrap();
        rings.push(memory);
    }
    for queue in 0..D::RX.queues {
        let memory = ring(D::RX, SLOTS as usize * 16);
        let setup = setup_of(&memory, completion);
        nic.rx_enable(&bus, queue, &setup).unwrap();
        rings.push(memory);
    }
    nic.start(&bus, &setup).unwrap();
    if D::FILTER_AFTER_START {
        nic.filter_write(&bus, &filter).unwrap();
    }
    nic.link_start(&bus, false).unwrap();
    nic.interrupts_on(&bus, &setup).unwrap();
    (bus, nic, setup, rings)
}

fn setup_of(ring: &impl Dma, completion: Completion) -> RingSetup {
    RingSetup {
        base: ring.address(),
        slots: SLOTS,
        buffer_size: 1 << SHIFT,
        completion,
        head_writeback: DmaAddr(ring.address().0 + u64::from(SLOTS) * 16),
    }
}

/// A driver's default completion scheme.
fn usual<D: Modelled>() -> Completion {
    *D::COMPLETIONS.first().expect("a completion scheme")
}

struct Buffers(Box<[AtomicU64]>);

impl DmaMemory for Buffers {
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }
}

/// Slots of a ring whose buffers begin at `first`.
fn slots(first: u32, len: u16) -> Vec<SlotCell> {
    (0..SLOTS)
        .map(|slot| {
            let cell = SlotCell::default();
            cell.set_buffer(BufIdx(first + slot));
            cell.set_len_flags(len, 0);
            cell
        })
        .collect()
}

#[test]
fn every_driver_starts_and_stops_its_device_without_violations() {
    #[derive(Clone, Copy)]
    struct UpAndDown;
    impl Visitor for UpAndDown {
        type Output = ();
        fn visit<D: Modelled>(self) {
            variants::<D>().for_each(up_and_down::<D>);
        }
    }
    for_every_nic(UpAndDown);
}

fn up_and_down<D: Modelled>(variant: &VariantModel) {
    let device = Device::new(D::MODEL, variant.name, MAC).unwrap();
    let (bus, nic, _, _rings) = bring_up::<D>(&device, usual::<D>());
    assert!(matches!(nic.link_poll(&bus).unwrap(), Link::Up { .. }));
    device.set_link(false);
    assert_eq!(nic.link_poll(&bus).unwrap(), Link::Down);
    assert!(nic.causes(&bus).link);
    device.set_link(true);
    nic.interrupts_off(&bus).unwrap();
    nic.stop(&bus).unwrap();
    for queue in 0..D::TX.queues {
        nic.tx_disable(&bus, queue).unwrap();
    }
    for queue in 0..D::RX.queues {
        nic.rx_disable(&bus, queue).unwrap();
    }
    let all = device.violations();
    assert!(all.is_empty(), "{}:\n{all}", D::NAME);
}

#[test]
fn a_driver_without_setup_causes_violations() {
    #[derive(Clone, Copy)]
    struct SkipSetup;
    impl Visitor for SkipSetup {
        type Output = ();
        fn visit<D: Modelled>(self) {
            variants::<D>().for_each(skip_setup::<D>);
        }
    }
    for_every_nic(SkipSetup);
}

fn skip_setup<D: Modelled>(variant: &VariantModel) {
    let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
    let bus = device.bus();
    let nic = D::detect(&bus, variant.pci).unwrap();
    let ring = bus.dma_alloc(SLOTS as usize * 16, 128, 64).unwrap();
    nic.reset(&bus).unwrap();
    nic.tx_enable(&bus, 0, &setup_of(&ring, usual::<D>()))
        .unwrap();
    nic.rx_enable(&bus, 0, &setup_of(&ring, usual::<D>()))
        .unwrap();
    let setup = Setup {
        frame_max: 1514,
        buffer_size: 1 << SHIFT,
        queues: 1,
        messages: 0,
        rss: Rss::symmetric(1),
    };
    // The start may fail; the test checks the recorded violations.
    let _ = nic.start(&bus, &setup);
    assert!(!device.violations().is_empty(), "{}", D::NAME);
}

#[test]
fn frames_pass_through_every_transmit_queue_by_every_completion_scheme() {
    #[derive(Clone, Copy)]
    struct Pass;
    impl Visitor for Pass {
        type Output = ();
        fn visit<D: Modelled>(self) {
            for variant in variants::<D>() {
                for completion in D::COMPLETIONS {
                    pass::<D>(variant, *completion);
                }
            }
        }
    }
    for_every_nic(Pass);
}

fn pass<D: Modelled>(variant: &VariantModel, completion: Completion) {
    const ROUNDS: u32 = 5;
    const BATCH: u32 = SLOTS / 2 - 1;
    let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
    device.plug(Loopback::new());
    let (bus, nic, _, mut rings) = bring_up::<D>(&device, completion);
    let words =
        (0..(1 << SHIFT) * 2 * SLOTS as usize * 2 / 8).map(|word| AtomicU64::new(word as u64));
    let base = bus.attach(Arc::new(Buffers(words.collect()))).unwrap();
    let pool = LinearPool::<SHIFT>::new(base, 4 * SLOTS).unwrap();

    let memory = rings.remove(D::TX.queues as usize);
    let doorbell = D::rx_doorbell(0).unwrap();
    let mut rx = RxQueue::<D::Rx, SimBus>::new(bus.clone(), doorbell, memory, SLOTS).unwrap();
    let rx_slots = slots(2 + SLOTS, 0);
    let rx_ring = ClientRing {
        slots: &rx_slots,
        pool: &pool,
    };
    rx.prepare(nic.crc());
    let mut rx_at = rx.restart(&rx_ring, rx.idle()).at;
    let mut received = 0;

    for queue in 0..D::TX.queues {
        let memory = rings.remove(0);
        let tx_setup = TxSetup::of::<D>(queue, completion).unwrap();
        let mut tx = TxQueue::<D::Tx, SimBus>::new(bus.clone(), tx_setup, memory, SLOTS).unwrap();
        let tx_slots = slots(2, 100);
        let tx_ring = ClientRing {
            slots: &tx_slots,
            pool: &pool,
        };
        let mut at = tx.restart(&tx_ring, tx.idle(), Default::default()).at;
        for _ in 0..ROUNDS {
            at.head = NmIdx((at.head.0 + BATCH) % SLOTS);
            let outcome = tx.sync(&tx_ring, at);
            assert_eq!(outcome.fault, None);
            device.run(1000);
            at = tx.sync(&tx_ring, outcome.at).at;
            let before = rx_at.hwtail;
            let outcome = rx.sync(&rx_ring, rx_at);
            assert_eq!(outcome.fault, None);
            let hwtail = outcome.at.hwtail;
            let new = (hwtail.0 + SLOTS - before.0) % SLOTS;
            for by in 0..new {
                let slot = &rx_slots[((before.0 + by) % SLOTS) as usize];
                assert_eq!(slot.len_flags(), (100, 0));
            }
            received += new;
            // All slots are released at once.
            let head = Positions {
                head: hwtail,
                ..outcome.at
            };
            rx_at = rx.sync(&rx_ring, head).at;
        }
        assert_eq!(tx.counters().sent, u64::from(ROUNDS * BATCH));
    }
    assert_eq!(received, D::TX.queues * ROUNDS * BATCH);
    let all = device.violations();
    assert!(all.is_empty(), "{}:\n{all}", D::NAME);
}

#[test]
fn starting_a_device_releases_every_field_that_reading_sets() {
    #[derive(Clone, Copy)]
    struct Take;
    impl Visitor for Take {
        type Output = ();
        fn visit<D: Modelled>(self) {
            for variant in variants::<D>() {
                let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
                let bus = device.bus();
                for field in D::MODEL.set_by_reading {
                    let mut registers = D::MODEL.registers.iter();
                    let register = registers.find(|r| r.name == field.register).unwrap();
                    let bits = register.fields.iter().find(|f| f.name == field.field);
                    let low = bits.unwrap().low;
                    let at = register.pieces[0].offset;
                    let held = || bus.read32(at) >> low & 1;
                    assert_eq!([held(), held()], [0, 1], "{}", field.register);
                    bus.write32(at, 0);
                    assert_eq!(held(), 0);
                    bus.write32(at, 0);
                }
                bring_up::<D>(&device, D::COMPLETIONS[0]);
                for field in D::MODEL.set_by_reading {
                    let value = device.peek(field.register, 0).unwrap();
                    assert_eq!(value, 0, "{} is not released", field.register);
                }
            }
        }
    }
    for_every_nic(Take);
}
