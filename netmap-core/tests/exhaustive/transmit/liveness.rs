//! From every state all slots come back, however slow the device.

use netmap_core::Policy;

use super::Action;
use super::state::{Restart, State};
use super::world::World;
use crate::nic::Format;

/// More syncs than any way takes.
const HOPELESS: u32 = 200;

/// Syncs until every slot that was accepted is the client's again: with a device that does all it can between two
/// syncs, or, if that takes longer, one step.
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
    // What the client has pending is accepted or refused first.
    while syncs == 0 || at.tail != at.before(at.hwcur, slots) {
        for _ in 0..steps {
            // Reports come last, so that the device is as slow as it can be.
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

/// Whether a NIC that lost kicks sends all that it was given when it is kicked again, before any other sync.
pub fn leaves_when_kicked_again<F: Format>(world: &mut World<F>, at: &State) -> bool {
    let mut at = at.clone();
    world.run_device(&mut at);
    // As it has come to rest, nothing is lost any more.
    world.kick_again(&mut at);
    world.run_device(&mut at);
    at.next == at.hwcur
}
