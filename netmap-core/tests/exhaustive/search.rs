//! Breadth-first search over every reachable state.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::rc::Rc;
use std::time::Instant;

/// A system with finitely many states.
pub trait Model {
    type State: Eq + Hash + Debug;
    type Action: Copy + Debug;

    fn start(&mut self) -> Self::State;
    /// All possible next steps.
    fn actions(&self, state: &Self::State, all: &mut Vec<Self::Action>);
    /// The state after a step. Panics if an invariant is violated.
    fn step(&mut self, state: &Self::State, action: Self::Action) -> Self::State;
    /// Panics if the state violates an invariant or liveness.
    fn check(&mut self, state: &Self::State);
}

/// The size of a search.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub states: usize,
    pub edges: usize,
}

/// Visits every state of `model` once and tries every step from it.
pub fn explore<M: Model>(name: &str, model: &mut M) -> Extent {
    let began = Instant::now();
    let mut found = Found::<M> {
        name,
        ids: HashMap::default(),
        states: Vec::new(),
        origins: Vec::new(),
        at: 0,
        by: None,
    };
    found.add(model.start());
    let (mut edges, mut actions) = (0, Vec::new());
    while let Some(state) = found.states.get(found.at).cloned() {
        found.by = None;
        model.check(&state);
        actions.clear();
        model.actions(&state, &mut actions);
        for &action in &actions {
            found.by = Some(action);
            found.add(model.step(&state, action));
            edges += 1;
        }
        found.at += 1;
    }
    let states = found.states.len();
    println!(
        "{name}: {states} states, {edges} edges, {:.1?}",
        began.elapsed()
    );
    Extent { states, edges }
}

/// States found so far, and how each was first reached.
struct Found<'a, M: Model> {
    name: &'a str,
    ids: HashMap<Rc<M::State>, usize, BuildHasherDefault<Mix>>,
    states: Vec<Rc<M::State>>,
    origins: Vec<(usize, Option<M::Action>)>,
    /// The current state, and the step being tried from it.
    at: usize,
    by: Option<M::Action>,
}

impl<M: Model> Found<'_, M> {
    fn add(&mut self, state: M::State) {
        let state = Rc::new(state);
        if let Entry::Vacant(entry) = self.ids.entry(state.clone()) {
            entry.insert(self.states.len());
            self.states.push(state);
            self.origins.push((self.at, self.by));
        }
    }
}

/// A search that finds a violation prints the path to it.
impl<M: Model> Drop for Found<'_, M> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut way = Vec::from_iter(self.by);
        let mut at = self.at;
        while let (from, Some(action)) = self.origins[at] {
            way.push(action);
            at = from;
        }
        way.reverse();
        eprintln!(
            "{} violates an invariant after {} steps:",
            self.name,
            way.len()
        );
        for action in way {
            eprintln!("  {action:?}");
        }
        eprintln!("from {:#?}", self.states[self.at]);
    }
}

/// A fast hasher for small, non-adversarial keys.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}
