//! Every variant of every NIC: its model makes a device, and its driver starts that device without violations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use netmap_core::abi::SlotCell;
use netmap_core::model::{Moment, VariantModel};
use netmap_core::{
    BufIdx, Bus, ClientRing, Completion, Dma, DmaAddr, Filter, LinearPool, Link, MacAddress,
    MulticastTable, NicLimits, NmIdx, Positions, RingLimits, RingSetup, Rss, RxQueue, Setup,
    TxQueue, TxSetup,
};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::wire::Loopback;
use netmap_sim::{Device, DmaMemory, SimBus, SimDma};

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
) -> (SimBus, D, Setup, Vec<SimDma>) {
    let bus = device.bus();
    let nic = D::detect(&bus, &device.variant().pci).expect("the variant that is simulated");
    assert_eq!(nic.variant(), device.variant().name);
    let setup = Setup {
        frame_max: frame_max(&nic.limits()),
        buffer_size: 1 << SHIFT,
        queues: nic.limits().queues(),
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
    let mut rings = Vec::new();
    let NicLimits { tx, rx, .. } = nic.limits();
    for queue in 0..tx.queues {
        let (setup, memory) = ring(&bus, tx, completion);
        nic.tx_enable(&bus, queue, &setup).unwrap();
        rings.push(memory);
    }
    for queue in 0..rx.queues {
        let (setup, memory) = ring(&bus, rx, completion);
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

/// Ethernet's longest frame, or the longest that the NIC receives.
fn frame_max(limits: &NicLimits) -> u32 {
    limits.frames.received.min(1514)
}

/// A ring of about [`SLOTS`] slots, with a written-back head after it.
fn ring(bus: &SimBus, limits: RingLimits, completion: Completion) -> (RingSetup, SimDma) {
    let slots = limits.nearest(SLOTS);
    // The head is aligned to 16 bytes, and alone in its cache line.
    let descriptors = (slots as usize * 16).next_multiple_of(64);
    let align = limits.align.max(64) as usize;
    let memory = bus.dma_alloc(descriptors + 64, align, limits.address_bits);
    let memory = memory.unwrap();
    let setup = RingSetup {
        base: memory.address(),
        slots,
        buffer_size: 1 << SHIFT,
        completion,
        head_writeback: DmaAddr(memory.address().0 + descriptors as u64),
    };
    (setup, memory)
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

/// So many buffers.
fn pool(bus: &SimBus, buffers: u32) -> LinearPool<SHIFT> {
    let words = (0..u64::from(buffers) << SHIFT >> 3).map(AtomicU64::new);
    let base = bus.attach(Arc::new(Buffers(words.collect()))).unwrap();
    LinearPool::new(base, buffers).unwrap()
}

/// Slots of a ring whose buffers begin at `first`.
fn slots(count: u32, first: u32, len: u16) -> Vec<SlotCell> {
    (0..count)
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
    for queue in 0..nic.limits().tx.queues {
        nic.tx_disable(&bus, queue).unwrap();
    }
    for queue in 0..nic.limits().rx.queues {
        nic.rx_disable(&bus, queue).unwrap();
    }
    let all = device.violations();
    assert!(all.is_empty(), "{}:\n{all}", D::NAME);
}

/// Of every variant that needs, when a ring runs, another value of a register than a reset leaves.
#[test]
fn a_driver_without_setup_causes_violations() {
    static REQUIRED: AtomicU64 = AtomicU64::new(0);
    #[derive(Clone, Copy)]
    struct SkipSetup;
    impl Visitor for SkipSetup {
        type Output = ();
        fn visit<D: Modelled>(self) {
            for variant in variants::<D>().filter(|variant| needs_setup::<D>(variant)) {
                REQUIRED.fetch_add(1, Ordering::SeqCst);
                skip_setup::<D>(variant);
            }
        }
    }
    for_every_nic(SkipSetup);
    assert!(REQUIRED.load(Ordering::SeqCst) > 0);
}

fn needs_setup<D: Modelled>(variant: &VariantModel) -> bool {
    let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
    D::MODEL.require.iter().any(|rule| {
        let applies = variant.is_among(rule.only_on);
        let value = device.peek_field(rule.field.register, rule.field.field, 0);
        applies && rule.at == Moment::Ring && value.is_some_and(|value| value != rule.is)
    })
}

fn skip_setup<D: Modelled>(variant: &VariantModel) {
    let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
    let bus = device.bus();
    let nic = D::detect(&bus, &variant.pci).unwrap();
    nic.reset(&bus).unwrap();
    let NicLimits { tx, rx, .. } = nic.limits();
    let (tx, tx_memory) = ring(&bus, tx, usual::<D>());
    nic.tx_enable(&bus, 0, &tx).unwrap();
    let (rx, _rx_memory) = ring(&bus, rx, usual::<D>());
    nic.rx_enable(&bus, 0, &rx).unwrap();
    let setup = Setup {
        frame_max: frame_max(&nic.limits()),
        buffer_size: 1 << SHIFT,
        queues: 1,
        messages: 0,
        rss: Rss::symmetric(1),
    };
    // The start may fail; the test checks the recorded violations.
    let _ = nic.start(&bus, &setup);
    // Some devices look at a ring only when there is a descriptor for them.
    let (count, pool) = (tx.slots, pool(&bus, 2 + tx.slots));
    let tx = TxSetup::of::<D>(0, usual::<D>()).unwrap();
    let mut tx = TxQueue::<D::Tx, SimBus>::new(bus, tx, tx_memory, count).unwrap();
    let slots = slots(count, 2, 100);
    let client = ClientRing {
        slots: &slots,
        pool: &pool,
    };
    let mut at = tx.restart(&client, tx.idle(), Default::default()).at;
    at.head = NmIdx(1);
    tx.sync(&client, at);
    device.run(1000);
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
    let device = Device::stepped(D::MODEL, variant.name, MAC).unwrap();
    device.plug(Loopback::new());
    let (bus, nic, _, mut rings) = bring_up::<D>(&device, completion);
    let limits = nic.limits();
    let (tx_count, rx_count) = (limits.tx.nearest(SLOTS), limits.rx.nearest(SLOTS));
    let batch = (tx_count.min(rx_count) - 1) / 2;
    assert!(batch > 0);
    // Two are reserved.
    let buffers = 2 + tx_count + rx_count;
    let pool = pool(&bus, buffers);
    let memory = rings.remove(limits.tx.queues as usize);
    let doorbell = D::rx_doorbell(0).unwrap();
    let mut rx = RxQueue::<D::Rx, SimBus>::new(bus.clone(), doorbell, memory, rx_count).unwrap();
    let rx_slots = slots(rx_count, 2 + tx_count, 0);
    let rx_ring = ClientRing {
        slots: &rx_slots,
        pool: &pool,
    };
    rx.prepare(nic.crc());
    let mut rx_at = rx.restart(&rx_ring, rx.idle()).at;
    let mut received = 0;

    for queue in 0..limits.tx.queues {
        let memory = rings.remove(0);
        let tx_setup = TxSetup::of::<D>(queue, completion).unwrap();
        let mut tx =
            TxQueue::<D::Tx, SimBus>::new(bus.clone(), tx_setup, memory, tx_count).unwrap();
        let tx_slots = slots(tx_count, 2, 100);
        let tx_ring = ClientRing {
            slots: &tx_slots,
            pool: &pool,
        };
        let mut at = tx.restart(&tx_ring, tx.idle(), Default::default()).at;
        for _ in 0..ROUNDS {
            at.head = NmIdx((at.head.0 + batch) % tx_count);
            let outcome = tx.sync(&tx_ring, at);
            assert_eq!(outcome.fault, None);
            device.run(1000);
            at = tx.sync(&tx_ring, outcome.at).at;
            let before = rx_at.hwtail;
            let outcome = rx.sync(&rx_ring, rx_at);
            assert_eq!(outcome.fault, None);
            let hwtail = outcome.at.hwtail;
            let new = (hwtail.0 + rx_count - before.0) % rx_count;
            for by in 0..new {
                let slot = &rx_slots[((before.0 + by) % rx_count) as usize];
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
        assert_eq!(tx.counters().sent, u64::from(ROUNDS * batch));
    }
    assert_eq!(received, limits.tx.queues * ROUNDS * batch);
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
