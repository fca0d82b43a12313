//! The limits that hold for a variant.

use super::identity::Variant;
use super::limits::Limit;
use super::{Nic, Rss, Rx, Tx};

/// The parts of a spec that have limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limited<'a> {
    pub(crate) tx: Option<&'a Tx>,
    pub(crate) rx: Option<&'a Rx>,
    pub(crate) rss: Option<&'a Rss>,
    /// MSI-X vectors; `None` without MSI-X.
    pub(crate) messages: Option<u32>,
}

impl Limited<'_> {
    /// The limit that holds unless a variant has a narrower one; `None` if that part does not exist.
    pub(crate) fn get(&self, limit: Limit) -> Option<u32> {
        match limit {
            Limit::TxQueues => Some(self.tx?.queues),
            Limit::TxRingMin => Some(self.tx?.ring.min),
            Limit::TxRingMax => Some(self.tx?.ring.max),
            Limit::TxRingMultiple => Some(self.tx?.ring.multiple),
            Limit::TxRingAlign => Some(self.tx?.ring.align),
            Limit::TxRingAddressBits => Some(self.tx?.ring.address_bits),
            Limit::TxFrameMin => Some(self.tx?.frame.min),
            Limit::TxFrameMax => Some(self.tx?.frame.max),
            Limit::TxFrameDescriptors => Some(self.tx?.frame.descriptors),
            Limit::RxQueues => Some(self.rx?.queues),
            Limit::RxRingMin => Some(self.rx?.ring.min),
            Limit::RxRingMax => Some(self.rx?.ring.max),
            Limit::RxRingMultiple => Some(self.rx?.ring.multiple),
            Limit::RxRingAlign => Some(self.rx?.ring.align),
            Limit::RxRingAddressBits => Some(self.rx?.ring.address_bits),
            Limit::RxFrameMax => Some(self.rx?.frame_max),
            Limit::RssQueues => Some(self.rss?.queues),
            Limit::Messages => self.messages,
        }
    }
}

impl Nic {
    /// The limit that holds for a variant; 0 if the NIC has no such part.
    pub fn limit(&self, variant: &Variant, limit: Limit) -> u32 {
        let parts = Limited {
            tx: Some(&self.tx),
            rx: Some(&self.rx),
            rss: self.rss.as_ref(),
            messages: self.interrupts.messages.as_ref().map(|each| each.count),
        };
        let own = variant.own_limit(limit);
        own.or_else(|| parts.get(limit)).unwrap_or(0)
    }
}
