//! MSI-X without a processor: a message is a write of one word, and each message has its own word of shared memory.

use std::sync::atomic::Ordering;

use netmap_core::Dma as _;

use super::error::Result;
use super::pci::{Config, Function};
use super::qtest::Qtest;
use crate::RegionDma;

/// Number of the capability (PCI 3.0, appendix H).
const CAPABILITY: u8 = 0x11;
// Bits of its first word.
const ENABLE: u32 = 1 << 31;
const MASK_ALL: u32 = 1 << 30;
/// Bytes of an entry of the table.
const ENTRY: u64 = 16;

/// Where messages arrive.
#[derive(Debug)]
pub(super) struct Inbox {
    words: RegionDma,
    count: u32,
}

impl Inbox {
    /// Bytes of memory for `count` messages.
    pub(super) fn bytes(count: u32) -> usize {
        count as usize * 8
    }

    /// Makes `function` send its first messages to `words`, one word for each; `None` if it does not have so many.
    pub(super) fn open(
        qtest: &mut Qtest,
        function: &Function,
        words: RegionDma,
        count: u32,
    ) -> Result<Option<Inbox>> {
        let mut config = Config(qtest);
        let Some(at) = capability(&config.capabilities()?) else {
            return Ok(None);
        };
        let control = config.read(at)?;
        let table = config.read(at + 4)?;
        let known = (control >> 16 & 0x7ff) + 1;
        let bar = function.bars.get((table & 7) as usize);
        let Some(Some(bar)) = bar.filter(|_| count <= known) else {
            return Ok(None);
        };
        config.write(at, control & !MASK_ALL | ENABLE);
        let base = words.address().0;
        for message in 0..u64::from(count) {
            let address = base + message * 8;
            let entry = bar.at + u64::from(table & !7) + message * ENTRY;
            // Address, data, and the mask bit off; the data is never 0.
            for (word, value) in [address & 0xffff_ffff, address >> 32, 1, 0]
                .into_iter()
                .enumerate()
            {
                qtest.write(4, entry + word as u64 * 4, value);
            }
        }
        qtest.flush();
        Ok(Some(Inbox { words, count }))
    }

    /// Disables the messages.
    pub(super) fn close(qtest: &mut Qtest) -> Result<()> {
        let mut config = Config(qtest);
        if let Some(at) = capability(&config.capabilities()?) {
            let control = config.read(at)?;
            config.write(at, control & !ENABLE);
        }
        qtest.flush();
        Ok(())
    }

    /// Messages that arrived since the last call, as bits.
    pub(super) fn take(&self) -> u64 {
        let words = (0..self.count).zip(self.words.words());
        let arrived = words.filter(|(_, word)| {
            word.load(Ordering::Relaxed) != 0 && word.swap(0, Ordering::AcqRel) != 0
        });
        arrived.fold(0, |bits, (message, _)| bits | 1 << message)
    }
}

fn capability(all: &[(u8, u8)]) -> Option<u8> {
    let found = all.iter().find(|(number, _)| *number == CAPABILITY);
    found.map(|(_, at)| *at)
}
