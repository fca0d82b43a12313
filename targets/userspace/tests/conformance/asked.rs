//! Direct calls of a driver's sequences that a port does not run alone.

use netmap_core::{Causes, Driver, Fault, Filter, Rss, Setup};
use netmap_nics::{Modelled, Visitor, by_name};
use netmap_userspace::PortConfig;
use netmap_userspace::bus::sim::SimNic;

use crate::bench::Nic;
use crate::cell::Cell;
use crate::interpreted::{self, Interpreted};

/// A call that works with any driver and its simulated device.
trait Asked {
    type Output;
    fn of<D: Driver>(self, driver: &D, nic: &SimNic) -> Self::Output;
}

impl Cell {
    /// Resets a simulated device and initialises it for buffers of that size, as a port does.
    pub fn init(&self, nic: &Nic, buffer_size: u32) -> Result<(), Fault> {
        struct Init(u32);
        impl Asked for Init {
            type Output = Result<(), Fault>;
            fn of<D: Driver>(self, driver: &D, nic: &SimNic) -> Self::Output {
                driver.reset(nic)?;
                let setup = Setup {
                    frame_max: driver.limits().frames.received.min(PortConfig::FRAME_MAX),
                    buffer_size: self.0,
                    queues: 1,
                    messages: 0,
                    rss: Rss::symmetric(1),
                };
                driver.init(nic, &setup)
            }
        }
        self.ask(nic, Init(buffer_size))
    }

    /// The causes that the driver reports for its simulated device.
    pub fn causes(&self, nic: &Nic) -> Causes {
        struct ReadCauses;
        impl Asked for ReadCauses {
            type Output = Causes;
            fn of<D: Driver>(self, driver: &D, nic: &SimNic) -> Causes {
                driver.causes(nic)
            }
        }
        self.ask(nic, ReadCauses)
    }

    /// Changes the receive filter of a running port's simulated device.
    pub fn filter(&self, nic: &Nic, filter: &Filter) -> Result<(), Fault> {
        struct SetFilter<'a>(&'a Filter);
        impl Asked for SetFilter<'_> {
            type Output = Result<(), Fault>;
            fn of<D: Driver>(self, driver: &D, nic: &SimNic) -> Self::Output {
                driver.filter_write(nic, self.0)
            }
        }
        self.ask(nic, SetFilter(filter))
    }

    /// Calls the driver of a simulated device.
    fn ask<A: Asked>(&self, nic: &Nic, asked: A) -> A::Output {
        struct Ask<'a, A>(&'a SimNic, A);
        impl<A: Asked> Visitor for Ask<'_, A> {
            type Output = A::Output;
            fn visit<D: Modelled>(self) -> A::Output {
                match interpreted::installed(D::NAME) {
                    Some(_) => self.of::<Interpreted<D>>(),
                    None => self.of::<D>(),
                }
            }
        }
        impl<A: Asked> Ask<'_, A> {
            fn of<D: Driver>(self) -> A::Output {
                let Ask(nic, asked) = self;
                let driver = D::detect(nic, &nic.device().variant().pci);
                asked.of(&driver.expect("a driver of its own device"), nic)
            }
        }
        by_name(&self.nic, Ask(nic.simulated(), asked)).expect("a name of a NIC")
    }
}
