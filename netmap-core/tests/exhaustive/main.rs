//! Every state of client, queue and device, for rings of 2 to 5 slots: whatever happens in whatever order, a reset at
//! any point included, nothing is forgotten, invented, shown half, or stuck.
//!
//! The client, the queue with its kring, and a device reduced to one completion scheme are one state. From each state
//! everything that any of the three may do next is tried, until no new state turns up. Run with `--nocapture` to see how
//! many states that were.
//!
//! What makes the number finite, and why nothing is lost by it:
//! - A frame is known by its slot and the parity of the lap around the ring. A frame of two laps ago could be taken for a
//!   new one, but then one of a lap ago can, too.
//! - Counters of syncs in vain are not followed: each sync is tried as the one that looks again, and as one that does not.
//! - What a slot or descriptor holds that is not in use is replaced by the worst that can stand there.

mod faults;
mod nic;
mod receive;
mod search;
mod transmit;
