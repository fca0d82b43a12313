//! Simulated NICs for tests.

use netmap_nics::{Modelled, Visitor, by_name};
use netmap_userspace::bus::sim::SimNic;
use netmap_userspace::{AnyPort, Memory, Port, PortConfig};

/// A port on a simulated NIC, not started.
pub fn port(nic: &str, memory: &Memory, config: &PortConfig) -> (AnyPort, SimNic) {
    struct Open<'a>(&'a Memory, &'a PortConfig);
    impl Visitor for Open<'_> {
        type Output = (AnyPort, SimNic);
        fn visit<D: Modelled>(self) -> Self::Output {
            let nic = SimNic::new::<D>().unwrap();
            let port = Port::<D, _>::open(self.0, nic.clone(), self.1.clone()).unwrap();
            (AnyPort::new(port), nic)
        }
    }
    by_name(nic, Open(memory, config)).unwrap()
}
