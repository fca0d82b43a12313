//! The table of receive-side scaling.

use nicspecs::ir::{Nic, RssType};

use crate::render::device;
use crate::render::tables::{Pairs, field_name, name};

/// The registers of the hash, its key and its table.
pub fn rss(nic: &Nic) -> Option<Pairs> {
    let rss = nic.rss()?;
    let types = rss.types.iter().map(|(kind, field)| {
        let kind = match kind {
            RssType::Ipv4 => "Ipv4",
            RssType::TcpIpv4 => "TcpIpv4",
            RssType::UdpIpv4 => "UdpIpv4",
            RssType::Ipv6 => "Ipv6",
            RssType::TcpIpv6 => "TcpIpv6",
            RssType::UdpIpv6 => "UdpIpv6",
        };
        format!("(HashType::{kind}, {})", field_name(field))
    });
    let types: Vec<_> = types.collect();
    Some(Pairs(vec![
        ("key", name(&rss.key)),
        ("table", name(&rss.table.register)),
        ("entries", rss.table.entries.to_string()),
        ("bits", rss.table.bits.to_string()),
        ("queue_at", rss.table.queue_at.to_string()),
        ("queues", rss.queues.to_string()),
        ("enabled_when", device::condition(&rss.enabled_when)),
        ("types", format!("&[{}]", types.join(", "))),
    ]))
}
