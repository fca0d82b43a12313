//! The list of behaviours.
//!
//! A behaviour is a sentence that is true of every port, and a function that shows it on a [`Cell`] or panics. It knows
//! no NIC: what depends on one it reads in the cell's facts. What a cell must have for it, it says by
//! [`needs`](Behaviour::needs); a cell that has not is skipped with that reason.

mod buffers;
mod bugs;
mod clients;
mod completion;
mod devices;
mod errors;
mod frames;
mod hearing;
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

/// All behaviours, by what they are about.
pub static CHAPTERS: &[Chapter] = &[
    Chapter::new("frames", frames::BEHAVIOURS),
    Chapter::new("hearing", hearing::BEHAVIOURS),
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

/// Behaviours that belong together.
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

/// A sentence, and how to show that it is true.
#[derive(Debug)]
pub struct Behaviour {
    pub name: &'static str,
    /// What a cell must have for it.
    pub needs: fn(&Cell) -> Shown,
    /// Whether it takes too long for every day; it is then run on request, by an optimised build.
    pub is_long: bool,
    /// Whether it tries at many places what others try at one: a sample of mutants is spared it.
    pub repeats: bool,
    /// Shows it, or panics.
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
