//! From every state the ring can again receive as many frames as it holds.

use super::Action;
use super::device::Part;
use super::state::State;
use super::world::World;
use crate::nic::Format;

/// Syncs until the client has read all frames and every slot except one receives.
pub fn syncs_until_all_receive<F: Format>(world: &mut World<F>, at: &State) -> u32 {
    let mut at = at.clone();
    if !at.running {
        world.act(&mut at, Action::Restart { spoiled: None });
    }
    let slots = world.slots;
    let mut syncs = 0;
    loop {
        if at.device.within && world.may_take(&at) {
            world.act(&mut at, Action::Take(Part::End { first: false }));
        }
        while at.device.late > 0 {
            world.act(&mut at, Action::Finish);
        }
        let read = at.tail == at.hwtail && at.head == at.tail && at.hwcur == at.head;
        if at.waiting == 0 && read {
            break;
        }
        let idle = at.queue.idle_syncs;
        world.act(&mut at, Action::Sync { idle });
        syncs += 1;
        while at.room(slots) > 0 {
            world.act(&mut at, Action::Release);
        }
        assert!(syncs < 20, "frames that are never returned: {at:#?}");
    }
    if at.queue.armed + 1 < slots as u32 {
        // The refill stopped at a buffer index out of range.
        world.act(&mut at, Action::Sync { idle: 0 });
    }
    let mut receiving = 0;
    while world.may_take(&at) {
        let first = !at.device.within;
        world.act(&mut at, Action::Take(Part::End { first }));
        receiving += 1;
    }
    assert_eq!(receiving + 1, slots, "not all slots receive: {at:#?}");
    syncs
}
