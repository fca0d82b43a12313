//! Counters that the device writes to memory on command.

use netmap_core::model::BlockModel;

use super::counters::Counters;
use crate::error::ModelError;
use crate::memory::MemoryMap;
use crate::registers::{Bits, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// Alignment of the block; the lower bits of the register are not part of the address.
const ALIGN: u64 = 64;
/// Reads of the command register until a dump is complete.
const READS: u32 = 2;

/// The registers of a dump and the state of the current one.
#[derive(Debug)]
pub(crate) struct Dump {
    pub(crate) low: RegisterId,
    high: RegisterId,
    start: Bits,
    bytes: u32,
    /// Remaining reads until the dump is complete.
    pending: Option<u32>,
}

impl Dump {
    pub(crate) fn new(model: &BlockModel, file: &RegisterFile) -> Result<Dump, ModelError> {
        let low = file.register(model.low, "block.low")?;
        Ok(Dump {
            low,
            high: file.register(model.high, "block.high")?,
            start: file.bits(low, model.start, "block.start")?,
            bytes: model.bytes,
            pending: None,
        })
    }

    /// After a write to the lower half of the address.
    pub(crate) fn written(&mut self, value: u64) {
        self.pending = (self.start.get(value) != 0).then_some(READS);
    }

    /// Before a read of the lower half of the address.
    pub(crate) fn before_read(
        &mut self,
        counters: &Counters,
        memory: &MemoryMap,
        file: &mut RegisterFile,
        violations: &mut Violations,
    ) {
        let Some(left) = &mut self.pending else {
            return;
        };
        *left -= 1;
        let low = self.low.first();
        if *left > 0 {
            file.put(low, self.start, u64::MAX);
            return;
        }
        self.pending = None;
        let address = file.get(self.high.first()) << 32 | file.get(low) & !(ALIGN - 1);
        match memory.find(address, self.bytes as usize) {
            Some(block) => block.store(&counters.block(self.bytes)),
            None => violations.push(Violation::BlockOutside {
                address,
                bytes: self.bytes,
            }),
        }
        file.put(low, self.start, 0);
    }

    /// Ends the current dump, as a reset does.
    pub(crate) fn stop(&mut self) {
        self.pending = None;
    }
}
