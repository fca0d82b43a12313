//! Transmit: every accepted frame is sent whole and in order, and its slots come back.

mod device;
mod liveness;
mod state;
mod world;

use std::marker::PhantomData;

use netmap_core::{Completion, Policy};

use crate::nic::{Format, INDEX, Kind, Owned, Reporting, kick};
use crate::search::{Model, explore};
use state::{Restart, State};
use world::World;

/// A possible next step.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// The client fills a slot; its frame continues in the next one or not, and the client requests a report or not.
    Fill { more: bool, report: bool },
    /// The client syncs, after this many syncs without progress.
    Sync { stalled: u32 },
    /// The client syncs with an invalid slot in a whole frame: the first released slot, and so on.
    SyncSpoiled(u8, Spoiled),
    /// The client writes a head or a cur outside its slots, and syncs.
    Stray { head: u8, cur: u8 },
    /// The device fetches and sends one descriptor.
    Take,
    /// The device reports one descriptor.
    Finish,
    /// The device finds no more descriptors.
    Look,
    /// The device becomes idle.
    Sleep,
    /// The link is up again.
    Announce,
    /// The device stops and is reset; before that, completed frames are reclaimed, or not.
    Stop { settle: bool },
    /// The device starts at 0.
    Restart(Restart),
}

/// What is wrong with a slot.
#[derive(Debug, Clone, Copy)]
pub enum Spoiled {
    /// A buffer index out of range.
    Buffer,
    /// A length that no slot can have.
    Length,
    /// A flag that is not supported.
    Indirect,
}

struct Transmit<F: Format> {
    world: World<F>,
    /// Most syncs from any state until every slot was returned.
    slowest: u32,
    format: PhantomData<F>,
}

impl<F: Format> Model for Transmit<F> {
    type State = State;
    type Action = Action;

    fn start(&mut self) -> State {
        self.world.start()
    }

    fn actions(&self, at: &State, all: &mut Vec<Action>) {
        let World { slots, kind, .. } = self.world;
        if at.room(slots) > 0 {
            let all_fills = [(false, false), (true, false), (false, true)];
            all.extend(all_fills.map(|(more, report)| Action::Fill { more, report }));
        }
        if !at.running {
            let resends = [Restart::Plain(Policy::Resend), Restart::Plain(Policy::Drop)];
            all.extend(resends.map(Action::Restart));
            all.push(Action::Restart(Restart::FlagsScribbled));
            let spoiled = (0..at.outstanding(slots)).map(Restart::BufferScribbled);
            all.extend(spoiled.map(Action::Restart));
            return;
        }
        all.push(Action::Sync { stalled: 0 });
        for by in 0..at.offer(slots).unwrap_or(0) {
            let spoiled = [Spoiled::Buffer, Spoiled::Length, Spoiled::Indirect];
            all.extend(spoiled.map(|spoiled| Action::SyncSpoiled(by, spoiled)));
        }
        // The next sync without progress kicks again, or checks for reports out of order.
        if matches!(
            kind.doorbell,
            netmap_core::Doorbell::Kick { again: true, .. }
        ) {
            all.push(Action::Sync { stalled: 15 });
        }
        if matches!(kind.completion, Completion::DoneBit | Completion::OwnerBit) {
            all.push(Action::Sync { stalled: 63 });
        }
        all.extend(at.strays(slots));
        all.extend(self.world.device_actions(at));
        all.push(Action::Announce);
        all.extend([false, true].map(|settle| Action::Stop { settle }));
    }

    fn step(&mut self, at: &State, action: Action) -> State {
        let mut at = at.clone();
        self.world.act(&mut at, action);
        self.world.normalize_unused_memory(&mut at);
        at
    }

    fn check(&mut self, at: &State) {
        self.world.check(at);
        let syncs = liveness::syncs_until_all_is_back(&mut self.world, at);
        self.slowest = self.slowest.max(syncs);
        if at.running {
            assert!(
                liveness::leaves_when_kicked_again(&mut self.world, at),
                "frames that are not sent: {at:#?}"
            );
        }
    }
}

/// Rings of `sizes` slots of one kind of device: at least `states` of them for the largest, every slot back within
/// `syncs` syncs a slot and `extra` more.
fn prove<F: Format>(
    kind: Kind,
    sizes: std::ops::RangeInclusive<usize>,
    states: usize,
    (syncs, extra): (u32, u32),
) {
    let largest = *sizes.end();
    for slots in sizes {
        let mut model = Transmit::<F> {
            world: World::new(kind, slots),
            slowest: 0,
            format: PhantomData,
        };
        let name = format!("tx, {}, {slots} slots", kind.name);
        let extent = explore(&name, &mut model);
        println!("{name}: every slot is back within {} syncs", model.slowest);
        assert!(model.slowest <= syncs * slots as u32 + extra);
        assert!(
            extent.edges > 4 * extent.states,
            "too few steps in the search"
        );
        if slots == largest {
            assert!(extent.states > states, "too few states in the search");
        }
    }
}

const DONE_BIT: Kind = Kind {
    name: "done bit",
    doorbell: INDEX,
    completion: Completion::DoneBit,
    sparse: false,
};

#[test]
fn a_done_bit_reports_every_frame() {
    prove::<Reporting>(DONE_BIT, 2..=5, 50_000, (2, 1));
}

#[test]
fn a_head_register_reports_every_frame() {
    let kind = Kind {
        name: "head register",
        completion: Completion::HeadRegister,
        ..DONE_BIT
    };
    prove::<Reporting>(kind, 2..=5, 50_000, (2, 1));
}

#[test]
fn a_head_write_back_reports_every_frame() {
    let kind = Kind {
        name: "head write-back",
        completion: Completion::HeadWriteback,
        ..DONE_BIT
    };
    prove::<Reporting>(kind, 2..=5, 50_000, (2, 1));
}

#[test]
fn a_head_write_back_on_request_reports_every_frame() {
    let kind = Kind {
        name: "head write-back at reports",
        completion: Completion::HeadWriteback,
        sparse: true,
        ..DONE_BIT
    };
    prove::<Reporting>(kind, 2..=5, 50_000, (2, 1));
}

#[test]
fn an_owner_bit_reports_every_frame() {
    let kind = Kind {
        name: "owner bit",
        doorbell: kick(false),
        completion: Completion::OwnerBit,
        sparse: false,
    };
    prove::<Owned>(kind, 2..=5, 50_000, (2, 1));
}

#[test]
fn an_owner_bit_reports_every_frame_even_if_kicks_are_lost() {
    let kind = Kind {
        name: "owner bit, kicks lost",
        doorbell: kick(true),
        completion: Completion::OwnerBit,
        sparse: false,
    };
    prove::<Owned>(kind, 2..=5, 50_000, (4, 16));
}
