//! Ports of a NIC and a bus that are chosen at run time, by name.

use std::time::Duration;

use netmap_core::{Link, MacAddress};

use crate::{Result, RxRing, TxRing};

/// Control of a port, whichever NIC and bus it is of.
///
/// Everything but this is the same for all ports: rings are plain types already.
pub trait Control: netmap_core::Port<Error = crate::Error> + Send {
    /// Who the port is.
    fn identity(&self) -> Identity;
    /// Gives transmit ring `index` away, once.
    ///
    /// # Errors
    /// There is none, or it was taken.
    fn tx(&mut self, index: usize) -> Result<TxRing>;
    /// Gives receive ring `index` away, once.
    ///
    /// # Errors
    /// There is none, or it was taken.
    fn rx(&mut self, index: usize) -> Result<RxRing>;
    /// Waits until the link is up, `timeout` at most.
    ///
    /// # Errors
    /// It did not come up, or the device could not be asked.
    fn wait_for_link(&mut self, timeout: Duration) -> Result<Link>;
    /// What is to be done once a second: the new state of the link if it has changed.
    ///
    /// # Errors
    /// The device could not be asked.
    fn tick(&mut self) -> Result<Option<Link>>;
    /// Names of [`statistics`](netmap_core::Port::statistics), in its order.
    fn statistic_names(&self) -> &'static [netmap_core::Statistic];
}

/// Who a port is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The driver.
    pub nic: &'static str,
    /// The driver's NIC in words.
    pub title: &'static str,
    /// The variant found.
    pub variant: &'static str,
    /// The station address, once the port was started.
    pub mac: Option<MacAddress>,
}
