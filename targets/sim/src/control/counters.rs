//! Counters that a driver reads.

use netmap_core::model::{CounterPlace, Event, Model};

use crate::engine::Counts;
use crate::error::ModelError;
use crate::registers::{RegisterFile, RegisterId};

/// The counters for which the model has an event.
#[derive(Debug)]
pub(crate) struct Counters {
    registers: Vec<Tied>,
    /// Event, offset and size of counters in the block that is dumped to memory.
    block: Vec<(Event, u32, u8)>,
    counted: Counts,
}

#[derive(Debug)]
struct Tied {
    event: Event,
    /// It counts only frames that a queue dropped, or, if `false`, may leave these to another.
    dropped: bool,
    low: RegisterId,
    high: Option<RegisterId>,
}

impl Counters {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Counters, ModelError> {
        let (mut registers, mut block) = (Vec::new(), Vec::new());
        for count in model.counts {
            match count.at {
                CounterPlace::Registers { low, .. } if file.is_elsewhere(low) => {}
                CounterPlace::Registers { low, high } => registers.push(Tied {
                    event: count.event,
                    dropped: count.when.is_some(),
                    low: file.register(low, "counts")?,
                    high: match high {
                        "" => None,
                        high => Some(file.register(high, "counts")?),
                    },
                }),
                CounterPlace::Block { offset, bytes } => block.push((count.event, offset, bytes)),
            }
        }
        Ok(Counters {
            registers,
            block,
            counted: Counts::default(),
        })
    }

    /// Adds the engine's counts since the last call to the registers.
    pub(crate) fn update(&mut self, counts: &Counts, file: &mut RegisterFile) {
        if *counts == self.counted {
            return;
        }
        let apart = self.registers.iter().any(|tied| tied.dropped);
        for tied in &self.registers {
            let counted = |counts: &Counts| match tied.event {
                Event::RxMissed if tied.dropped => counts.rx_dropped,
                Event::RxMissed if apart => counts.rx_missed - counts.rx_dropped,
                event => of(counts, event),
            };
            let more = counted(counts) - counted(&self.counted);
            if more == 0 {
                continue;
            }
            let width = u32::from(file.model(tied.low).width);
            // In an array of counters, the first element counts everything.
            let (low, high) = (tied.low.first(), tied.high.map(RegisterId::first));
            let upper = high.map_or(0, |high| file.get(high) << width);
            let sum = (upper | file.get(low)).wrapping_add(more);
            file.set(low, sum);
            if let Some(high) = high {
                file.set(high, sum >> width);
            }
        }
        self.counted = *counts;
    }

    /// The counter block as written to memory. No reset clears it.
    pub(crate) fn block(&self, bytes: u32) -> Vec<u8> {
        let mut block = vec![0; bytes as usize];
        for &(event, offset, bytes) in &self.block {
            let counted = of(&self.counted, event).to_le_bytes();
            let place = block.iter_mut().skip(offset as usize);
            for (to, from) in place.zip(counted).take(bytes.into()) {
                *to = from;
            }
        }
        block
    }
}

fn of(counts: &Counts, event: Event) -> u64 {
    match event {
        Event::RxFrames => counts.rx_frames,
        Event::RxBytes => counts.rx_bytes,
        Event::TxFrames => counts.tx_frames,
        Event::TxBytes => counts.tx_bytes,
        Event::RxBroadcast => counts.rx_broadcast,
        Event::RxMulticast => counts.rx_multicast,
        Event::RxMissed => counts.rx_missed,
        Event::RxCrcErrors => counts.rx_crc_errors,
        Event::RxLengthErrors => counts.rx_length_errors,
        Event::RxOverruns => counts.rx_overruns,
    }
}
