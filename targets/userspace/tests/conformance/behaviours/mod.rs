//! The list of behaviours.
//!
//! A behaviour is a sentence that is true of every port, and a function that checks it on a [`Cell`] and panics if it
//! is false. It names no NIC: facts that depend on the NIC come from the cell. [`needs`](Behaviour::needs) says what a
//! cell must have; other cells are skipped with that reason.

mod buffers;
mod bugs;
mod clients;
mod completion;
mod devices;
mod errors;
mod filters;
mod frames;
mod interrupts;
mod links;
mod messages;
mod options;
mod queues;
mod resets;
mod rings;
mod slots;
mod starts;
mod statistics;

use crate::cell::{Cell, Shown};

/// All behaviours, by topic.
pub static CHAPTERS: &[Chapter] = &[
    Chapter::new("frames", frames::BEHAVIOURS),
    Chapter::new("filters", filters::BEHAVIOURS),
    Chapter::new("rings", rings::BEHAVIOURS),
    Chapter::new("completion", completion::BEHAVIOURS),
    Chapter::new("slots", slots::BEHAVIOURS),
    Chapter::new("buffers", buffers::BEHAVIOURS),
    Chapter::new("clients", clients::BEHAVIOURS),
    Chapter::new("errors", errors::BEHAVIOURS),
    Chapter::new("options", options::BEHAVIOURS),
    Chapter::new("devices", devices::BEHAVIOURS),
    Chapter::new("starts", starts::BEHAVIOURS),
    Chapter::new("interrupts", interrupts::BEHAVIOURS),
    Chapter::new("messages", messages::BEHAVIOURS),
    Chapter::new("links", links::BEHAVIOURS),
    Chapter::new("resets", resets::BEHAVIOURS),
    Chapter::new("queues", queues::BEHAVIOURS),
    Chapter::new("statistics", statistics::BEHAVIOURS),
    Chapter::new("bugs", bugs::BEHAVIOURS),
];

/// Behaviours of one topic.
#[derive(Debug)]
pub struct Chapter {
    pub name: &'static str,
    pub behaviours: &'static [Behaviour],
}

impl Chapter {
    const fn new(name: &'static str, behaviours: &'static [Behaviour]) -> Chapter {
        Chapter { name, behaviours }
    }
}

/// A sentence, and a function that checks it.
#[derive(Debug)]
pub struct Behaviour {
    pub name: &'static str,
    /// Whether a cell can run it.
    pub needs: fn(&Cell) -> Shown,
    /// Whether it is too slow for everyday runs; it then runs on request, in a release build.
    pub is_long: bool,
    /// Whether it repeats the check of another behaviour at many positions: samples of mutants skip it.
    pub repeats: bool,
    /// Checks it; panics if it is false.
    pub run: fn(&Cell),
}

impl Behaviour {
    const fn new(name: &'static str, run: fn(&Cell)) -> Behaviour {
        Behaviour {
            name,
            needs: |_| Ok(()),
            is_long: false,
            repeats: false,
            run,
        }
    }

    const fn needs(self, needs: fn(&Cell) -> Shown) -> Behaviour {
        Behaviour { needs, ..self }
    }

    const fn repeats(self) -> Behaviour {
        Behaviour {
            repeats: true,
            ..self
        }
    }

    const fn takes_long(self) -> Behaviour {
        Behaviour {
            is_long: true,
            ..self
        }
    }
}

/// All behaviours in order.
pub fn all() -> impl Iterator<Item = &'static Behaviour> {
    CHAPTERS.iter().flat_map(|chapter| chapter.behaviours)
}
