//! Receive-side scaling.

use std::sync::Arc;

use super::expr::Cond;
use super::register::{FieldPlace, Register};
use crate::words::words;

/// How received frames are spread over queues: a hash picks an entry of a table, which names a queue.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rss {
    /// Section of the datasheet.
    pub section: String,
    /// Most queues that the table can name.
    pub queues: u32,
    /// The key of the Toeplitz hash: octet 4n is the lowest byte of element n.
    pub key: Arc<Register>,
    /// The table.
    pub table: RssTable,
    /// When frames are spread.
    pub enabled_when: Cond,
    /// What is hashed while these fields are one.
    pub types: Vec<(RssType, FieldPlace)>,
}

/// Entries packed into an array of registers, the first in the lowest bits.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RssTable {
    /// The array.
    pub register: Arc<Register>,
    /// Number of entries.
    pub entries: u32,
    /// Bits from one entry to the next.
    pub bits: u32,
    /// Bit of an entry at which the number of its queue starts.
    pub queue_at: u32,
}

words! {
    /// What of a frame is hashed.
    pub enum RssType {
        /// Addresses of IPv4.
        Ipv4 = "ipv4",
        /// Addresses and ports of TCP over IPv4.
        TcpIpv4 = "tcp_ipv4",
        /// Addresses and ports of UDP over IPv4.
        UdpIpv4 = "udp_ipv4",
        /// Addresses of IPv6.
        Ipv6 = "ipv6",
        /// Addresses and ports of TCP over IPv6.
        TcpIpv6 = "tcp_ipv6",
        /// Addresses and ports of UDP over IPv6.
        UdpIpv6 = "udp_ipv6",
    }
}
