//! Every state of client, queue and device, for rings of 2 to 5 slots: in any order of events, with resets at any
//! point, no frame is lost, invented, returned in part, or stuck.
//!
//! A state consists of the client, the queue with its kring, and a device reduced to one completion scheme. From each
//! state every possible next step of the three is tried, until there are no new states. Run with `--nocapture` to see
//! the number of states.
//!
//! Reductions that make the number of states finite, without losing coverage:
//! - A frame is identified by its slot and the parity of the lap around the ring. A frame of two laps ago could be
//!   mistaken for a new one, but then one of the previous lap could be, too.
//! - Counters of syncs without progress are not tracked: each sync is tried both as one that checks again and as one
//!   that does not.
//! - The contents of unused slots and descriptors are replaced by the worst possible values.

mod faults;
mod nic;
mod receive;
mod search;
mod transmit;
