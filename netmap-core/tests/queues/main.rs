//! The queues against a NIC reduced to its ring protocol.

mod device;
mod receive;
mod transmit;
