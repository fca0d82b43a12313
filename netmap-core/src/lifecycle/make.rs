//! Creates the queues of a port, with memory for their descriptors.

use core::fmt;

use crate::{Bus, Completion, Direction, DmaError, Driver, RxQueue, TxQueue, TxSetup};

/// Bytes of a descriptor.
const DESCRIPTOR: usize = 16;

/// Why a queue could not be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueError {
    /// The NIC does not support the queue, or a ring of that size.
    NotPossible {
        /// Direction of its frames.
        direction: Direction,
        /// Its number.
        queue: u32,
        /// Slots of its ring.
        slots: u32,
    },
    /// There is no memory for its descriptors.
    Dma(DmaError),
}

impl From<DmaError> for QueueError {
    fn from(error: DmaError) -> QueueError {
        QueueError::Dma(error)
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueError::NotPossible {
                direction,
                queue,
                slots,
            } => {
                let direction = direction.name();
                write!(
                    f,
                    "the NIC does not support {direction} queue {queue} with {slots} slots"
                )
            }
            QueueError::Dma(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for QueueError {}

/// Transmit queue `queue`, with a ring of `slots` descriptors, for the variant that `driver` has detected. If
/// `completion` is `None`, the NIC's default scheme is used.
///
/// # Errors
/// See [`QueueError`].
pub fn make_tx_queue<D: Driver, B: Bus>(
    driver: &D,
    bus: &B,
    queue: u32,
    slots: u32,
    completion: Option<Completion>,
) -> Result<TxQueue<D::Tx, B>, QueueError> {
    let not_possible = QueueError::NotPossible {
        direction: Direction::Tx,
        queue,
        slots,
    };
    let setup = completion
        .or(D::COMPLETIONS.first().copied())
        .and_then(|completion| TxSetup::of::<D>(queue, completion))
        .ok_or(not_possible)?;
    let limits = driver.limits();
    let setup = TxSetup {
        frames: limits.frames,
        ..setup
    };
    if queue >= limits.tx.queues {
        return Err(not_possible);
    }
    let bytes = TxQueue::<D::Tx, B>::bytes(slots);
    let ring = bus.dma_alloc(bytes, limits.tx.align as usize, limits.tx.address_bits)?;
    TxQueue::new(bus.of_memory(&ring), setup, ring, slots).ok_or(not_possible)
}

/// Receive queue `queue`, with a ring of `slots` descriptors, for the variant that `driver` has detected.
///
/// # Errors
/// See [`QueueError`].
pub fn make_rx_queue<D: Driver, B: Bus>(
    driver: &D,
    bus: &B,
    queue: u32,
    slots: u32,
) -> Result<RxQueue<D::Rx, B>, QueueError> {
    let not_possible = QueueError::NotPossible {
        direction: Direction::Rx,
        queue,
        slots,
    };
    let limits = driver.limits().rx;
    if queue >= limits.queues {
        return Err(not_possible);
    }
    let doorbell = D::rx_doorbell(queue).ok_or(not_possible)?;
    let bytes = slots as usize * DESCRIPTOR;
    let ring = bus.dma_alloc(bytes, limits.align as usize, limits.address_bits)?;
    RxQueue::new(bus.of_memory(&ring), doorbell, ring, slots).ok_or(not_possible)
}
