//! Receive: frames are returned whole, once, in order and unchanged, and every slot receives again.

mod device;
mod liveness;
mod state;
mod world;

use netmap_core::{Completion, Doorbell};

use crate::nic::{Format, INDEX, Kind, Owned, Reporting};
use crate::search::{Model, explore};
use device::Part;
use state::State;
use world::World;

/// A possible next step.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// The client releases a slot.
    Release,
    /// The client syncs, after this many syncs without progress.
    Sync { idle: u32 },
    /// The client syncs, and the device reports one descriptor during the queue's n-th read.
    SyncRacing { look: u32 },
    /// The client syncs with a buffer index out of range in a released slot: the first, and so on.
    SyncSpoiled(u8),
    /// The client writes a head or a cur outside its slots, and syncs.
    Stray { head: u8, cur: u8 },
    /// The device fills the next buffer.
    Take(Part),
    /// The device reports one descriptor.
    Finish,
    /// The link is up again.
    Announce,
    /// The device stops and is reset; before that, reported frames are imported, or not. From its next start on it
    /// keeps CRCs, or strips them.
    Stop { settle: bool, keeps_crc: bool },
    /// The device starts at 0. Optionally, a slot that the client does not own has a buffer index out of range: the
    /// oldest slot, the next, and so on.
    Restart { spoiled: Option<u8> },
}

struct Receive<F: Format> {
    world: World<F>,
    slowest: u32,
}

impl<F: Format> Model for Receive<F> {
    type State = State;
    type Action = Action;

    fn start(&mut self) -> State {
        self.world.start()
    }

    fn actions(&self, at: &State, all: &mut Vec<Action>) {
        let slots = self.world.slots;
        if at.room(slots) > 0 {
            all.push(Action::Release);
        }
        if !at.running {
            all.push(Action::Restart { spoiled: None });
            let spoiled = (0..at.owned(slots)).map(Some);
            all.extend(spoiled.map(|spoiled| Action::Restart { spoiled }));
            return;
        }
        all.extend([0, 63].map(|idle| Action::Sync { idle }));
        all.extend(self.world.device_actions(at));
        if at.device.late > 0 {
            all.extend((0..4).map(|look| Action::SyncRacing { look }));
        }
        all.extend((0..at.released(slots)).map(Action::SyncSpoiled));
        all.extend(at.strays(slots));
        all.push(Action::Announce);
        // The largest rings have enough states without a change of the CRC mode.
        let stripped = (slots < 5).then_some(false);
        for keeps_crc in stripped.into_iter().chain([true]) {
            all.extend([false, true].map(|settle| Action::Stop { settle, keeps_crc }));
        }
    }

    fn step(&mut self, at: &State, action: Action) -> State {
        let mut at = at.clone();
        self.world.act(&mut at, action);
        self.world.normalize_unused_memory(&mut at);
        at
    }

    fn check(&mut self, at: &State) {
        self.world.check(at);
        let syncs = liveness::syncs_until_all_receive(&mut self.world, at);
        self.slowest = self.slowest.max(syncs);
    }
}

/// Rings of 2 to 5 slots of one kind of device: at least `states` of them for the largest.
fn prove<F: Format>(kind: Kind, states: usize) {
    for slots in 2..=5 {
        let mut model = Receive::<F> {
            world: World::new(kind, slots),
            slowest: 0,
        };
        let name = format!("rx, {}, {slots} slots", kind.name);
        let extent = explore(&name, &mut model);
        println!(
            "{name}: every slot receives again within {} syncs",
            model.slowest
        );
        assert!(model.slowest <= 4);
        assert!(
            extent.edges > 4 * extent.states,
            "too few steps in the search"
        );
        assert!(
            slots < 5 || extent.states > states,
            "too few states in the search"
        );
    }
}

#[test]
fn a_done_bit_reports_every_frame() {
    let kind = Kind {
        name: "done bit",
        doorbell: INDEX,
        completion: Completion::DoneBit,
        sparse: false,
    };
    prove::<Reporting>(kind, 250_000);
}

#[test]
fn an_owner_bit_reports_every_frame() {
    let kind = Kind {
        name: "owner bit",
        doorbell: Doorbell::Unneeded,
        completion: Completion::OwnerBit,
        sparse: false,
    };
    prove::<Owned>(kind, 250_000);
}
