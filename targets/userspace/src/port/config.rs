//! What a port is asked for, and whether its NIC can have it.

use netmap_core::{MacAddress, Nic, Policy, RingLimits, RxFormat as _, TxFormat as _};

use crate::{BUFFER_SIZE, Error, Result};

/// How a port is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConfig {
    /// Slots of each transmit ring.
    pub tx_slots: u32,
    /// Slots of each receive ring.
    pub rx_slots: u32,
    /// Transmit and receive rings, as many of each.
    pub queues: u32,
    /// Longest frame in bytes, without CRC.
    pub frame_max: u32,
    /// Whether to receive frames to every address.
    pub promiscuous: bool,
    /// Whether to receive frames to every group address.
    pub all_multicast: bool,
    /// Group addresses to receive frames to. NICs compare hashes of addresses, so others may come, too.
    pub multicast: Vec<MacAddress>,
    /// The station address; the one that the device came with if there is none.
    pub mac: Option<MacAddress>,
    /// What becomes of frames that a reset finds unsent.
    pub policy: Policy,
}

impl Default for PortConfig {
    fn default() -> PortConfig {
        PortConfig {
            tx_slots: 512,
            rx_slots: 512,
            queues: 1,
            frame_max: 1514,
            promiscuous: false,
            all_multicast: false,
            multicast: Vec::new(),
            mac: None,
            policy: Policy::Resend,
        }
    }
}

impl PortConfig {
    /// Buffers that the rings of the port take from its memory.
    pub fn buffers(&self) -> u32 {
        (self.tx_slots + self.rx_slots) * self.queues
    }

    /// Refuses what the NIC cannot do.
    pub(super) fn check<N: Nic>(&self) -> Result<()> {
        let refuse = |what: String, why: String| {
            Err(Error::Config {
                nic: N::NAME,
                what,
                why,
            })
        };
        for (direction, slots, limits) in
            [("tx", self.tx_slots, N::TX), ("rx", self.rx_slots, N::RX)]
        {
            let RingLimits {
                queues,
                min,
                max,
                multiple,
                ..
            } = limits;
            if self.queues == 0 || self.queues > queues {
                return refuse(
                    format!("{} {direction} queues", self.queues),
                    format!("it has 1 to {queues}"),
                );
            }
            if !limits.allows(slots) {
                return refuse(
                    format!("{slots} {direction} slots"),
                    format!("a ring has {min} to {max}, a multiple of {multiple}"),
                );
            }
        }
        let longest = u32::from(N::Tx::MAX_LEN).min(BUFFER_SIZE - u32::from(N::Rx::CRC_BYTES));
        if self.frame_max == 0 || self.frame_max > longest {
            return refuse(
                format!("frames of {} bytes", self.frame_max),
                format!("a frame in one buffer has at most {longest}"),
            );
        }
        if N::BUFFER_SIZE > BUFFER_SIZE {
            return refuse(
                format!("buffers of {BUFFER_SIZE} bytes"),
                format!("it writes up to {}", N::BUFFER_SIZE),
            );
        }
        Ok(())
    }
}
