//! The queues against a NIC reduced to its ring protocol.

mod changes;
mod counters;
mod device;
mod fragments;
mod receive;
mod schemes;
mod transmit;
