//! The interpreted driver makes the same accesses to a device as the generated one.
//!
//! `cargo xtask mutate` runs mutants of a spec on the interpreter, so its results are valid for generated drivers only
//! if this holds.

#[path = "conformance/interpreted/mod.rs"]
mod interpreted;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use interpreted::{Interpreted, install, installed};
use netmap_core::register::RegOffset;
use netmap_core::{
    Bus, Dma as _, DmaAddr, DmaError, Driver, Filter, MacAddress, MulticastTable, RingLimits,
    RingSetup, Rss, Setup,
};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_sim::{DEFAULT_MAC, Device, SimBus, SimDma};

/// A bus that records its accesses.
#[derive(Clone)]
struct Recorder {
    bus: SimBus,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn saw(&self, what: String) {
        self.seen.lock().unwrap().push(what);
    }
}

macro_rules! recorded {
    ($($read:ident $write:ident $raw:ty),*) => {$(
        fn $read(&self, at: RegOffset) -> $raw {
            let value = self.bus.$read(at);
            self.saw(format!("{} {at:?} is {value:#x}", stringify!($read)));
            value
        }

        fn $write(&self, at: RegOffset, value: $raw) {
            self.saw(format!("{} {at:?} {value:#x}", stringify!($write)));
            self.bus.$write(at, value);
        }
    )*};
}

impl Bus for Recorder {
    type Dma = SimDma;

    recorded!(read8 write8 u8, read16 write16 u16, read32 write32 u32, read64 write64 u64);

    fn publish(&self) {
        self.saw("publish".to_owned());
        self.bus.publish();
    }

    fn observe(&self) {
        self.bus.observe();
    }

    fn delay(&self, how_long: Duration) {
        self.saw(format!("delay {how_long:?}"));
        self.bus.delay(how_long);
    }

    fn sleep(&self, how_long: Duration) {
        self.saw(format!("sleep {how_long:?}"));
        self.bus.sleep(how_long);
    }

    fn dma_alloc(&self, bytes: usize, align: usize, bits: u32) -> Result<SimDma, DmaError> {
        self.bus.dma_alloc(bytes, align, bits)
    }
}

/// Calls every sequence like a port, on a device that runs only during waits.
fn life<D: Driver, M: Modelled>(
    variant: &str,
    completion: usize,
    queues: u32,
    options: &[u32],
) -> Vec<String> {
    let device = Device::stepped(M::MODEL, variant, DEFAULT_MAC).unwrap();
    let bus = Recorder {
        bus: device.bus(),
        seen: Arc::default(),
    };
    let driver = D::detect(&bus, &device.variant().pci).unwrap();
    let limits = driver.limits();
    let ring_of = |limits: RingLimits| {
        let slots = limits.nearest(64);
        let bytes = (slots as usize * 16).next_multiple_of(64);
        let align = limits.align.max(64) as usize;
        let memory = bus.dma_alloc(bytes + 64, align, limits.address_bits);
        let memory = memory.unwrap();
        let base = memory.address();
        let ring = RingSetup {
            base,
            slots,
            buffer_size: 2048,
            completion: D::COMPLETIONS[completion],
            head_writeback: DmaAddr(base.0 + bytes as u64),
        };
        (ring, memory)
    };
    let ((tx, _tx_memory), (rx, _rx_memory)) = (ring_of(limits.tx), ring_of(limits.rx));
    let block = bus.dma_alloc(4096, 64, limits.tx.address_bits).unwrap();
    let setup = Setup {
        frame_max: limits.frames.received.min(1514),
        buffer_size: 2048,
        queues,
        messages: queues.min(limits.messages.saturating_sub(1)),
        rss: Rss::symmetric(queues),
    };
    let mut multicast = MulticastTable::EMPTY;
    if let Some(hash) = D::MULTICAST_HASH {
        multicast.insert(MacAddress([1, 0, 0x5e, 0, 0, 7]), hash);
    }

    let options = options.iter().enumerate();
    let driver = options.fold(driver, |driver, (at, &value)| driver.choose(at, value));
    let record = |what: &str, how: String| bus.saw(format!("{what}: {how}"));
    let did = |what: &str, result: Result<(), netmap_core::Fault>| {
        // Faults have different texts.
        record(what, format!("{}", result.is_ok()));
    };
    record("variant", driver.variant().to_owned());
    record("limits", format!("{:?}", driver.limits()));
    record("crc", format!("{:?}", driver.crc()));
    for at in 0..D::CHOICES.len() {
        record("option", driver.chosen(at).to_string());
    }
    for promiscuous in [false, true] {
        did("reset", driver.reset(&bus));
        did("init", driver.init(&bus, &setup));
        let mac = driver.mac_read(&bus);
        record("mac.read", format!("{:?}", mac.as_ref().ok()));
        did(
            "mac.write",
            driver.mac_write(&bus, &MacAddress([2, 4, 6, 8, 10, 12])),
        );
        let filter = Filter {
            promiscuous,
            all_multicast: !promiscuous,
            multicast: multicast.clone(),
        };
        did("filter.write", driver.filter_write(&bus, &filter));
        for queue in 0..queues {
            did("tx.enable", driver.tx_enable(&bus, queue, &tx));
            did("rx.enable", driver.rx_enable(&bus, queue, &rx));
        }
        did("start", driver.start(&bus, &setup));
        did("filter.write", driver.filter_write(&bus, &filter));
        did("link.start", driver.link_start(&bus, promiscuous));
        record("link", format!("{:?}", driver.link_poll(&bus).ok()));
        did("interrupts.on", driver.interrupts_on(&bus, &setup));
        device.set_link(promiscuous);
        record("causes", format!("{:?}", driver.causes(&bus)));
        record("link", format!("{:?}", driver.link_poll(&bus).ok()));
        did("dump", driver.statistics_dump(&bus, block.address()));
        for queue in 0..queues {
            record("doorbell", format!("{:?}", D::tx_doorbell(queue)));
            record("doorbell", format!("{:?}", D::rx_doorbell(queue)));
            record("head", format!("{:?}", D::tx_head(queue)));
        }
        if setup.messages > 0 {
            did("messages.on", driver.messages_on(&bus, &setup));
            did("messages.queue", driver.messages_queue(&bus, 0));
            did("messages.other", driver.messages_other(&bus));
        }
        did("interrupts.off", driver.interrupts_off(&bus));
        did("stop", driver.stop(&bus));
        for queue in 0..queues {
            did("tx.disable", driver.tx_disable(&bus, queue));
            did("rx.disable", driver.rx_disable(&bus, queue));
        }
    }
    let seen = bus.seen.lock().unwrap();
    seen.clone()
}

struct Compare;

impl Visitor for Compare {
    type Output = ();

    fn visit<D: Modelled>(self) {
        let nic = installed(D::NAME).expect("every spec is installed");
        // All options with their defaults, each with another value, and values out of range.
        let all = D::CHOICES.iter();
        let options = [
            all.clone().map(|option| option.default).collect(),
            all.clone()
                .map(|option| option.max - option.default)
                .collect(),
            all.map(|_| u32::MAX).collect::<Vec<u32>>(),
        ];
        let options = options.into_iter();
        for variant in nic.variants() {
            let limits = D::MODEL.variant(&variant.name).unwrap().limits;
            let most = limits.tx.queues.min(limits.rx.queues);
            for completion in 0..D::COMPLETIONS.len() {
                let queues = [1, 3].into_iter().filter(|&queues| queues <= most);
                let lives =
                    queues.flat_map(|queues| options.clone().map(move |each| (queues, each)));
                for (queues, options) in lives {
                    let name = &variant.name;
                    let generated = life::<D, D>(name, completion, queues, &options);
                    let run = life::<Interpreted<D>, D>(name, completion, queues, &options);
                    let differs = generated.iter().zip(&run).position(|(a, b)| a != b);
                    if let Some(at) = differs {
                        let from = at.saturating_sub(5);
                        panic!(
                            "{}/{}: after {:#?}\ngenerated: {}\nrun: {}",
                            D::NAME,
                            variant.name,
                            &generated[from..at],
                            generated[at],
                            run[at]
                        );
                    }
                    assert_eq!(generated.len(), run.len());
                    assert!(generated.len() > 100, "too few accesses for a life cycle");
                }
            }
        }
    }
}

#[test]
fn the_interpreted_driver_is_equivalent_to_the_generated_one() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nicspecs");
    let specs = nicspecs::load_with_toys(&specs).unwrap();
    install(specs.iter().map(|spec| spec.compile().unwrap()).collect());
    for name in NAMES {
        by_name(name, Compare).expect("a name of a NIC");
    }
}
