//! The queues against a NIC reduced to its ring protocol.

mod changes;
mod device;
mod fragments;
mod receive;
mod schemes;
mod transmit;
