//! Counters that a driver reads as registers.

use netmap_core::model::{Event, Model};

use crate::engine::Counts;
use crate::error::ModelError;
use crate::registers::{Place, RegisterFile, RegisterId};

/// The counters that the model ties to something it can count.
#[derive(Debug)]
pub(crate) struct Counters {
    tied: Vec<Tied>,
    counted: Counts,
}

#[derive(Debug)]
struct Tied {
    event: Event,
    low: RegisterId,
    high: Option<RegisterId>,
}

impl Counters {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Counters, ModelError> {
        let tied = model
            .counts
            .iter()
            .map(|count| {
                Ok(Tied {
                    event: count.event,
                    low: file.register(count.low, "counts")?,
                    high: match count.high {
                        "" => None,
                        high => Some(file.register(high, "counts")?),
                    },
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Counters {
            tied,
            counted: Counts::default(),
        })
    }

    /// Adds to the registers what the engine counted since the last call.
    pub(crate) fn update(&mut self, counts: &Counts, file: &mut RegisterFile) {
        if *counts == self.counted {
            return;
        }
        for tied in &self.tied {
            let more = of(counts, tied.event) - of(&self.counted, tied.event);
            if more > 0 {
                add(tied, more, file);
            }
        }
        self.counted = *counts;
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
    }
}

/// Of an array of counters, the first one counts for all.
fn add(tied: &Tied, more: u64, file: &mut RegisterFile) {
    let first = |register| Place {
        register,
        element: 0,
    };
    let low = first(tied.low);
    let width = u32::from(file.model(tied.low).width);
    match tied.high {
        None => file.set(low, file.get(low).wrapping_add(more)),
        Some(high) => {
            let high = first(high);
            let sum = (file.get(high) << width | file.get(low)).wrapping_add(more);
            file.set(low, sum);
            file.set(high, sum >> width);
        }
    }
}
