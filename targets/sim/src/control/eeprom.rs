//! The EEPROM behind its command register.

use netmap_core::MacAddress;
use netmap_core::model::EepromModel;

use crate::error::ModelError;
use crate::registers::{Bits, RegisterFile, RegisterId};

/// Words of the EEPROM.
const WORDS: usize = 64;
/// The word that makes the sum of all words [`SUM`].
const CHECKSUM: usize = 0x3f;
const SUM: u16 = 0xbaba;
/// Reads of the command register until the data is there.
const READS: u32 = 3;

/// An EEPROM and its current access.
#[derive(Debug)]
pub(crate) struct Eeprom {
    pub(crate) command: RegisterId,
    start: Bits,
    done: Bits,
    address: Bits,
    data: Bits,
    words: [u16; WORDS],
    /// Requested word, and remaining reads until its data is there.
    pending: Option<(u64, u32)>,
}

impl Eeprom {
    pub(crate) fn new(
        model: &EepromModel,
        mac: MacAddress,
        file: &RegisterFile,
    ) -> Result<Eeprom, ModelError> {
        let command = file.register(model.command, "eeprom.command")?;
        let bits = |field, wanted_by| file.bits(command, field, wanted_by);
        let mut words = [0; WORDS];
        for &(at, word) in model.words {
            if let Some(place) = words.get_mut(usize::from(at)) {
                *place = word;
            }
        }
        for (word, octets) in words.iter_mut().zip(mac.0.as_chunks::<2>().0) {
            *word = u16::from_le_bytes(*octets);
        }
        words[CHECKSUM] = 0;
        let sum = words
            .iter()
            .fold(0, |sum: u16, word| sum.wrapping_add(*word));
        words[CHECKSUM] = SUM.wrapping_sub(sum);
        Ok(Eeprom {
            command,
            start: bits(model.start, "eeprom.start")?,
            done: bits(model.done, "eeprom.done")?,
            address: bits(model.address, "eeprom.address")?,
            data: bits(model.data, "eeprom.data")?,
            words,
            pending: None,
        })
    }

    /// After a write to the command register.
    pub(crate) fn written(&mut self, value: u64, file: &mut RegisterFile) {
        let begun = self.data.put(self.done.put(value, 0), 0);
        file.set(self.command.first(), begun);
        self.pending = (self.start.get(value) != 0).then(|| (self.address.get(value), READS));
    }

    /// Before a read of the command register.
    pub(crate) fn before_read(&mut self, file: &mut RegisterFile) {
        let Some((address, left)) = &mut self.pending else {
            return;
        };
        *left -= 1;
        if *left > 0 {
            return;
        }
        // A missing word reads as open lines.
        let word = usize::try_from(*address)
            .ok()
            .and_then(|at| self.words.get(at))
            .map_or(0xffff, |word| u64::from(*word));
        self.pending = None;
        let place = self.command.first();
        let value = self.start.put(file.get(place), 0);
        file.set(place, self.data.put(self.done.put(value, u64::MAX), word));
    }

    /// Changes a word; ignored past the last one.
    pub(crate) fn set_word(&mut self, at: u16, word: u16) {
        if let Some(place) = self.words.get_mut(usize::from(at)) {
            *place = word;
        }
    }
}
