//! From every state all slots come back, however slow the device is.

use netmap_core::Policy;

use super::Action;
use super::state::{Restart, State};
use super::world::World;
use crate::nic::Format;

/// More syncs than any path needs.
const HOPELESS: u32 = 200;

/// Syncs until every accepted slot is returned to the client: the larger number of a device that does all its work
/// between two syncs, and one that does a single step.
pub fn syncs_until_all_is_back<F: Format>(world: &mut World<F>, at: &State) -> u32 {
    [u32::MAX, 1]
        .map(|steps| wait(world, at.clone(), steps))
        .into_iter()
        .max()
        .unwrap_or(0)
}

fn wait<F: Format>(world: &mut World<F>, mut at: State, steps: u32) -> u32 {
    if !at.running {
        world.act(&mut at, Action::Restart(Restart::Plain(Policy::Resend)));
    }
    let slots = world.slots;
    let mut syncs = 0;
    // The client's pending slots are accepted or refused first.
    while syncs == 0 || at.tail != at.before(at.hwcur, slots) {
        for _ in 0..steps {
            // Reports come last, so that the device is as slow as possible.
            let Some(&action) = world.device_actions(&at).first() else {
                break;
            };
            world.act(&mut at, action);
        }
        let stalled = at.queue.stalled;
        world.act(&mut at, Action::Sync { stalled });
        syncs += 1;
        assert!(syncs < HOPELESS, "slots that never come back: {at:#?}");
    }
    syncs
}

/// Whether a NIC that lost kicks sends all frames when it is kicked again, before any other sync.
pub fn leaves_when_kicked_again<F: Format>(world: &mut World<F>, at: &State) -> bool {
    let mut at = at.clone();
    world.run_device(&mut at);
    // The device is idle, so no further kick is lost.
    world.kick_again(&mut at);
    world.run_device(&mut at);
    at.next == at.hwcur
}
