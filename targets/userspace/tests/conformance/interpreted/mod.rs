//! An interpreter for a spec's sequences, used as a driver.
//!
//! With it, a driver with one changed fact needs no compiler, so thousands of changes can be tried. The tests in
//! `tests/interpreted.rs` check that the interpreter is equivalent to the generated driver: for every sequence of every
//! variant both make the same accesses to a device.

mod eval;
mod run;

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use netmap_core::model::Model;
use netmap_core::register::RegOffset;
use netmap_core::{
    Bus, Causes, Choice, Choices, Completion, Crc, DmaAddr, Doorbell, DoorbellWidth, Driver,
    Duplex, Fault, Filter, FrameLimits, Link, MacAddress, Messages, MulticastHash, Nic, NicLimits,
    PciId, PciIdentity, RingLimits, RingSetup, RssLimits, Setup, Statistic,
};
use netmap_nics::Modelled;
use nicspecs::ir::{self, Limit};

use eval::chosen;
use run::{Given, Returned, Run};

static SPECS: OnceLock<Vec<ir::Nic>> = OnceLock::new();

/// Installs `nics` for interpreted drivers of these names, for the rest of this process.
pub fn install(nics: Vec<ir::Nic>) {
    assert!(SPECS.set(nics).is_ok(), "specs are installed once");
}

/// The installed spec of that name, if any.
pub fn installed(name: &str) -> Option<&'static ir::Nic> {
    SPECS.get()?.iter().find(|nic| nic.name() == name)
}

fn spec<D: Nic>() -> &'static ir::Nic {
    installed(D::NAME).expect("a spec is installed before its driver")
}

/// Most options of a spec.
const OPTIONS: usize = 8;

/// The driver of the installed spec. Rings, frames and descriptors are those of the compiled driver `D`.
pub struct Interpreted<D> {
    variant: usize,
    options: [u32; OPTIONS],
    facts: PhantomData<fn() -> D>,
}

impl<D> Clone for Interpreted<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Interpreted<D> {}

impl<D> fmt::Debug for Interpreted<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interpreted").field(&self.variant).finish()
    }
}

impl<D: Driver> Choices for Interpreted<D> {
    const CHOICES: &'static [Choice] = D::CHOICES;

    fn chosen(&self, at: usize) -> u32 {
        self.options[at]
    }

    fn choose(mut self, at: usize, value: u32) -> Self {
        self.options[at] = value.min(Self::CHOICES[at].max);
        self
    }

    fn crc(&self) -> Crc {
        let strips = match &spec::<D>().rx().crc.stripped {
            ir::Stripped::Never => false,
            ir::Stripped::Always => true,
            ir::Stripped::Choice(choice) => chosen(spec::<D>(), &self.options, choice) != 0,
        };
        if strips { Crc::Stripped } else { Crc::Kept }
    }
}

impl<D: Modelled> Modelled for Interpreted<D> {
    const MODEL: &'static Model = D::MODEL;
}

impl<D: Nic> Nic for Interpreted<D> {
    const NAME: &'static str = D::NAME;
    const TITLE: &'static str = D::TITLE;
    const PCI_IDS: &'static [PciId] = D::PCI_IDS;
    const BAR: Option<u8> = D::BAR;
    const BAR_SIZE: u32 = D::BAR_SIZE;
    type Tx = D::Tx;
    type Rx = D::Rx;
    const TX: RingLimits = D::TX;
    const RX: RingLimits = D::RX;
    const BUFFER_SIZE: u32 = D::BUFFER_SIZE;
    const MULTICAST_HASH: Option<MulticastHash> = D::MULTICAST_HASH;
    const STATISTICS: &'static [Statistic] = D::STATISTICS;
    const COMPLETIONS: &'static [Completion] = D::COMPLETIONS;
    const FRAME_MAX: u32 = D::FRAME_MAX;
    const STATISTICS_BLOCK: u32 = D::STATISTICS_BLOCK;
    const RSS: Option<RssLimits> = D::RSS;

    fn tx_doorbell(queue: u32) -> Option<Doorbell> {
        doorbell(&spec::<D>().tx().doorbell, queue, spec::<D>().tx().queues)
    }

    fn rx_doorbell(queue: u32) -> Option<Doorbell> {
        doorbell(&spec::<D>().rx().doorbell, queue, spec::<D>().rx().queues)
    }

    fn tx_head(queue: u32) -> Option<RegOffset> {
        let tx = spec::<D>().tx();
        let head = tx.registers.head.as_ref()?;
        tx.has(ir::Scheme::HeadRegister)
            .then(|| offset(head, queue))?
    }
}

/// Causes that a write acknowledges, while they are masked.
fn acknowledged<B: Bus>(bus: &B, interrupts: &ir::Interrupts, at: RegOffset) -> u64 {
    let (cause, mask) = (&interrupts.cause, &interrupts.mask);
    let (Some(set), Some(clear)) = (offset(mask.set(), 0), offset(mask.clear(), 0)) else {
        return 0;
    };
    let unmasked = run::read(bus, mask.set(), set);
    if unmasked == 0 {
        return 0;
    }
    let value = run::read(bus, cause, at);
    let all = match mask {
        ir::Mask::Pair { .. } => unmasked,
        _ => 0,
    };
    run::write(bus, mask.clear(), clear, all);
    run::write(bus, cause, at, value);
    run::write(bus, mask.set(), set, unmasked);
    value
}

fn doorbell(doorbell: &ir::Doorbell, queue: u32, queues: u32) -> Option<Doorbell> {
    match doorbell {
        ir::Doorbell::Index(register) => Some(Doorbell::Index {
            at: offset(register, queue)?,
            width: width(register)?,
        }),
        ir::Doorbell::Kick {
            register, again, ..
        } => Some(Doorbell::Kick {
            at: offset(register, queue)?,
            width: width(register)?,
            value: doorbell.word() as u32,
            again: *again,
        }),
        ir::Doorbell::Unneeded => (queue < queues).then_some(Doorbell::Unneeded),
    }
}

fn width(register: &ir::Register) -> Option<DoorbellWidth> {
    match register.width {
        8 => Some(DoorbellWidth::Bits8),
        16 => Some(DoorbellWidth::Bits16),
        32 => Some(DoorbellWidth::Bits32),
        _ => None,
    }
}

fn offset(register: &ir::Register, element: u32) -> Option<RegOffset> {
    let offset = register.offset_of(element)?;
    Some(RegOffset(u32::try_from(offset).ok()?))
}

impl<D: Driver> Interpreted<D> {
    fn runs<'a, B: Bus>(&'a self, bus: &'a B, given: Given<'a>) -> Run<'a, B> {
        Run {
            nic: spec::<D>(),
            bus,
            variant: self.variant,
            options: &self.options,
            given,
            locals: HashMap::new(),
            known: Vec::new(),
        }
    }

    fn does<B: Bus>(&self, name: &str, bus: &B, given: Given<'_>) -> Result<Returned, Fault> {
        let sequence = spec::<D>()
            .sequence(name)
            .expect("every sequence of a port");
        self.runs(bus, given).sequence(sequence)
    }

    fn only<B: Bus>(&self, name: &str, bus: &B, given: Given<'_>) -> Result<(), Fault> {
        self.does(name, bus, given).map(|_| ())
    }
}

impl<D: Driver> Messages for Interpreted<D> {
    const MESSAGES: u32 = D::MESSAGES;

    fn messages_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        self.only("messages.on", bus, Given::setup(setup))
    }

    fn messages_queue<B: Bus>(&self, bus: &B, message: u32) -> Result<(), Fault> {
        let given = Given {
            message,
            ..Given::NONE
        };
        self.only("messages.queue", bus, given)
    }

    fn messages_other<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        self.only("messages.other", bus, Given::NONE)
    }
}

impl<D: Driver> Driver for Interpreted<D> {
    const FILTER_AFTER_START: bool = D::FILTER_AFTER_START;

    fn detect<B: Bus>(bus: &B, pci: &PciIdentity) -> Option<Self> {
        let answers = |variant: &&std::sync::Arc<ir::Variant>| {
            let mut ids = variant.pci.iter();
            if !ids.any(|id| (id.vendor, id.device) == (pci.id.vendor, pci.id.device)) {
                return false;
            }
            let this = Self::of(variant.index);
            let when = variant.when.as_ref();
            let given = Given {
                pci: Some(pci),
                ..Given::NONE
            };
            when.is_none_or(|when| this.runs(bus, given).cond(when) == Ok(true))
        };
        let variant = spec::<D>().variants().iter().find(answers)?;
        Some(Self::of(variant.index))
    }

    fn variant(&self) -> &'static str {
        &spec::<D>().variants()[self.variant].name
    }

    fn limits(&self) -> NicLimits {
        let nic = spec::<D>();
        let of = |limit| nic.limit(&nic.variants()[self.variant], limit);
        NicLimits {
            tx: RingLimits {
                queues: of(Limit::TxQueues),
                min: of(Limit::TxRingMin),
                max: of(Limit::TxRingMax),
                multiple: of(Limit::TxRingMultiple),
                align: of(Limit::TxRingAlign),
                address_bits: of(Limit::TxRingAddressBits),
                ..D::TX
            },
            rx: RingLimits {
                queues: of(Limit::RxQueues),
                min: of(Limit::RxRingMin),
                max: of(Limit::RxRingMax),
                multiple: of(Limit::RxRingMultiple),
                align: of(Limit::RxRingAlign),
                address_bits: of(Limit::RxRingAddressBits),
                ..D::RX
            },
            frames: FrameLimits {
                shortest: of(Limit::TxFrameMin),
                sent: of(Limit::TxFrameMax),
                received: of(Limit::RxFrameMax),
                slots: of(Limit::TxFrameDescriptors),
            },
            rss: nic.rss().map(|rss| RssLimits {
                queues: of(Limit::RssQueues),
                entries: rss.table.entries,
            }),
            messages: of(Limit::Messages),
        }
    }

    fn reset<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        self.only("reset", bus, Given::NONE)
    }

    fn init<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        self.only("init", bus, Given::setup(setup))
    }

    fn mac_read<B: Bus>(&self, bus: &B) -> Result<MacAddress, Fault> {
        match self.does("mac.read", bus, Given::NONE)? {
            Returned::Mac(mac) => Ok(mac),
            Returned::Nothing | Returned::Num(_) => unreachable!("it returns an address"),
        }
    }

    fn mac_write<B: Bus>(&self, bus: &B, mac: &MacAddress) -> Result<(), Fault> {
        let given = Given {
            mac: Some(mac),
            ..Given::NONE
        };
        self.only("mac.write", bus, given)
    }

    fn filter_write<B: Bus>(&self, bus: &B, filter: &Filter) -> Result<(), Fault> {
        let given = Given {
            filter: Some(filter),
            ..Given::NONE
        };
        self.only("filter.write", bus, given)
    }

    fn tx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault> {
        self.only("tx.enable", bus, Given::ring(queue, ring))
    }

    fn rx_enable<B: Bus>(&self, bus: &B, queue: u32, ring: &RingSetup) -> Result<(), Fault> {
        self.only("rx.enable", bus, Given::ring(queue, ring))
    }

    fn start<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        self.only("start", bus, Given::setup(setup))
    }

    fn link_start<B: Bus>(&self, bus: &B, renegotiate: bool) -> Result<(), Fault> {
        let given = Given {
            renegotiate,
            ..Given::NONE
        };
        self.only("link.start", bus, given)
    }

    fn link_poll<B: Bus>(&self, bus: &B) -> Result<Link, Fault> {
        let link = spec::<D>().link();
        let mut run = self.runs(bus, Given::NONE);
        run.read_once(link.conditions())?;
        if !run.cond(&link.present)? {
            return Err(Fault::Gone);
        }
        if !run.cond(&link.up)? {
            return Ok(Link::Down);
        }
        // The last speed always matches, whatever its condition.
        let mut mbps = link.speeds.last().map_or(0, |speed| speed.mbps);
        for speed in &link.speeds {
            if run.cond(&speed.when)? {
                mbps = speed.mbps;
                break;
            }
        }
        let duplex = match run.cond(&link.full_duplex)? {
            true => Duplex::Full,
            false => Duplex::Half,
        };
        Ok(Link::Up { mbps, duplex })
    }

    fn interrupts_on<B: Bus>(&self, bus: &B, setup: &Setup) -> Result<(), Fault> {
        self.only("interrupts.on", bus, Given::setup(setup))
    }

    fn interrupts_off<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        self.only("interrupts.off", bus, Given::NONE)
    }

    fn causes<B: Bus>(&self, bus: &B) -> Causes {
        let interrupts = spec::<D>().interrupts();
        let cause = &interrupts.cause;
        let Some(at) = offset(cause, 0) else {
            return Causes::default();
        };
        let value = match interrupts.acknowledge {
            ir::Acknowledge::Read => run::read(bus, cause, at),
            ir::Acknowledge::Write => acknowledged(bus, interrupts, at),
        };
        let any = |name| value & interrupts.mask(name) != 0;
        Causes {
            tx: any("tx"),
            rx: any("rx"),
            link: any("link"),
        }
    }

    fn stop<B: Bus>(&self, bus: &B) -> Result<(), Fault> {
        self.only("stop", bus, Given::NONE)
    }

    fn tx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault> {
        self.only("tx.disable", bus, Given::queue(queue))
    }

    fn rx_disable<B: Bus>(&self, bus: &B, queue: u32) -> Result<(), Fault> {
        self.only("rx.disable", bus, Given::queue(queue))
    }

    fn statistics_dump<B: Bus>(&self, bus: &B, block: DmaAddr) -> Result<(), Fault> {
        if spec::<D>().sequence("statistics.dump").is_none() {
            return Ok(());
        }
        let given = Given {
            block: Some(block),
            ..Given::NONE
        };
        self.only("statistics.dump", bus, given)
    }
}

impl<D: Nic> Interpreted<D> {
    fn of(variant: usize) -> Self {
        let mut options = [0; OPTIONS];
        for (value, option) in options.iter_mut().zip(spec::<D>().options()) {
            *value = option.default;
        }
        assert!(spec::<D>().options().len() <= OPTIONS);
        Self {
            variant,
            options,
            facts: PhantomData,
        }
    }
}
