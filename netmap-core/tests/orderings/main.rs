//! Gates and queues under every interleaving and every order of memory accesses that the model checker knows (a load
//! never returns a later store). The files of the library are compiled here with its atomics.
#![allow(
    clippy::wrong_self_convention,
    unfulfilled_lint_expectations,
    reason = "these lints treat the items of the library, which are private here, in another way"
)]

mod atomic {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{
        AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence,
    };

    /// The search needs a bound that is small.
    pub(crate) const SPINS: u32 = 1;
}

mod descriptors;
mod gates;

#[path = "../../src/abi.rs"]
#[allow(dead_code)]
mod abi;
#[path = "../../src/bus.rs"]
#[allow(dead_code)]
mod bus;
#[path = "../../src/choice.rs"]
#[allow(dead_code)]
mod choice;
#[path = "../../src/lifecycle/client_gate.rs"]
#[allow(dead_code)]
mod client_gate;
#[path = "../../src/completion/mod.rs"]
#[allow(dead_code)]
mod completion;
#[path = "../../src/direction.rs"]
#[allow(dead_code)]
mod direction;
#[path = "../../src/doorbell.rs"]
#[allow(dead_code)]
mod doorbell;
#[path = "../../src/driver.rs"]
#[allow(dead_code)]
mod driver;
#[path = "../../src/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../../src/filter.rs"]
#[allow(dead_code)]
mod filter;
#[path = "../../src/format.rs"]
#[allow(dead_code)]
mod format;
#[path = "../../src/gate.rs"]
#[allow(dead_code)]
mod gate;
#[path = "../../src/index.rs"]
#[allow(dead_code)]
mod index;
#[path = "../../src/link.rs"]
#[allow(dead_code)]
mod link;
#[path = "../../src/mac.rs"]
#[allow(dead_code)]
mod mac;
#[path = "../../src/marks.rs"]
#[allow(dead_code)]
mod marks;
#[path = "../../src/messages.rs"]
#[allow(dead_code)]
mod messages;
#[path = "../../src/nic.rs"]
#[allow(dead_code)]
mod nic;
#[path = "../../src/pool.rs"]
#[allow(dead_code)]
mod pool;
#[path = "../../src/port.rs"]
#[allow(dead_code)]
mod port;
#[path = "../../src/positions.rs"]
#[allow(dead_code)]
mod positions;
#[path = "../../src/register.rs"]
#[allow(dead_code)]
mod register;
#[path = "../../src/reports.rs"]
#[allow(dead_code)]
mod reports;
#[path = "../../src/ring.rs"]
#[allow(dead_code)]
mod ring;
#[path = "../../src/rss.rs"]
#[allow(dead_code)]
mod rss;
#[path = "../../src/run.rs"]
#[allow(dead_code)]
mod run;
#[path = "../../src/rx/mod.rs"]
#[allow(dead_code, unused_imports)]
mod rx;
#[path = "../../src/statistic.rs"]
#[allow(dead_code)]
mod statistic;
#[path = "../../src/tx/mod.rs"]
#[allow(dead_code, unused_imports)]
mod tx;

// As in the library, whose files name these.
#[allow(unused_imports)]
use self::{
    abi::{ClientRing, SlotCell},
    bus::{Bus, Dma, DmaError, poll},
    choice::{Choice, Choices},
    completion::Completion,
    doorbell::Doorbell,
    driver::{Causes, Driver, Fault, RingSetup, Setup},
    error::SyncError,
    filter::{Filter, MulticastHash, MulticastTable},
    format::{Crc, RxFormat, TxFormat},
    gate::{Closed, Entered, Gate},
    index::{BufIdx, DmaAddr, Geometry, NicIdx, NmIdx},
    link::Link,
    mac::MacAddress,
    messages::Messages,
    nic::{FrameLimits, Nic, NicLimits, PciId, PciIdentity},
    pool::{LinearPool, Pool},
    positions::{Outcome, Positions},
    rss::{Rss, RssLimits},
    rx::RxQueue,
    statistic::{Clearing, Source, Statistic},
    tx::{Policy, TxQueue, TxSetup},
};
