//! Receive-side scaling.

/// Limits of receive-side scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RssLimits {
    /// Maximum number of queues in the table.
    pub queues: u32,
    /// Entries of the table.
    pub entries: u32,
}

/// The distribution of received frames over queues: a hash with `key` selects an entry of `table`, which is a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rss {
    /// The key of the Toeplitz hash, in the order of its octets.
    pub key: [u8; 40],
    /// Queues. NICs with fewer entries use the first ones.
    pub table: [u8; 128],
}

impl Rss {
    /// The first `queues` queues in turn, with a key for which both directions of a flow have the same hash.
    pub const fn symmetric(queues: u32) -> Rss {
        let queues = match queues {
            0 => 1,
            1..=128 => queues,
            _ => 128,
        };
        let (mut key, mut table) = ([0x6d; 40], [0; 128]);
        let mut at = 0;
        while at < 128 {
            if at < 40 && at % 2 == 1 {
                key[at] = 0x5a;
            }
            table[at] = (at as u32 % queues) as u8;
            at += 1;
        }
        Rss { key, table }
    }

    /// The first `queues` queues in turn, limited to those that a table with these limits supports.
    pub fn over_queues(queues: u32, limits: Option<RssLimits>) -> Rss {
        Rss::symmetric(limits.map_or(1, |limits| limits.queues.min(queues)))
    }

    /// Octet `index` of the key, 0 past its end.
    pub fn key(&self, index: u32) -> u32 {
        self.key.get(index as usize).copied().unwrap_or(0).into()
    }

    /// Entry `index` of the table, 0 past its end.
    pub fn entry(&self, index: u32) -> u32 {
        self.table.get(index as usize).copied().unwrap_or(0).into()
    }
}
