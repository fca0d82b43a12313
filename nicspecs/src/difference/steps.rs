//! Sequences compared step by step.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::change::{Difference, StepChange, StepKind};
use super::flat::{Flat, flatten};
use super::meaning::registers::whereabouts;
use super::named::expressions;
use super::renames::Renames;
use crate::ir::{Nic, Step};

/// What changed between two lists of steps, in the order of the new one.
pub(super) fn compare(
    old: (&Nic, &[Step]),
    new: (&Nic, &[Step]),
    renames: &Renames,
) -> Vec<StepChange> {
    let (before, after) = (old.0, new.0);
    let (mut old, new) = (flatten(before, old.1), flatten(after, new.1));
    old.iter_mut().for_each(|step| renames.apply_to_step(step));
    let keys = |steps: &[Flat<'_>]| steps.iter().map(Flat::key).collect::<Vec<_>>();
    let (old_keys, new_keys) = (keys(&old), keys(&new));

    let mut pairs = Pairs {
        of_old: vec![None; old.len()],
        of_new: vec![None; new.len()],
    };
    let operations = capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys);
    for operation in &operations {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = *operation
        {
            (0..len).for_each(|n| pairs.join(old_index + n, new_index + n, Pair::Same));
        }
    }
    // A step that is removed here and added there has moved.
    for (there, key) in new_keys.iter().enumerate() {
        let gone = |&here: &usize| pairs.of_old[here].is_none() && old_keys[here] == *key;
        if pairs.of_new[there].is_none()
            && let Some(here) = (0..old.len()).find(gone)
        {
            pairs.join(here, there, Pair::Moved);
        }
    }
    // Of the remaining steps, those with the same verb and target at the same position have changed.
    for operation in &operations {
        let (there, here) = (operation.new_range(), operation.old_range());
        for there in there {
            let same = |&here: &usize| {
                pairs.of_old[here].is_none()
                    && old[here].depth == new[there].depth
                    && old[here].head == new[there].head
            };
            if pairs.of_new[there].is_none()
                && let Some(here) = here.clone().find(same)
            {
                pairs.join(here, there, Pair::Changed);
            }
        }
    }
    changes(&old, &new, &pairs, &operations, (before, after))
}

/// How a step of one list corresponds to a step of the other.
#[derive(Clone, Copy, PartialEq)]
enum Pair {
    Same,
    Moved,
    Changed,
}

/// The corresponding steps, by index.
struct Pairs {
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<(usize, Pair)>>,
}

impl Pairs {
    fn join(&mut self, old: usize, new: usize, pair: Pair) {
        self.of_old[old] = Some(new);
        self.of_new[new] = Some((old, pair));
    }
}

fn changes(
    old: &[Flat<'_>],
    new: &[Flat<'_>],
    pairs: &Pairs,
    operations: &[DiffOp],
    (before, after): (&Nic, &Nic),
) -> Vec<StepChange> {
    let mut changes = Vec::new();
    for operation in operations {
        for here in operation.old_range() {
            if pairs.of_old[here].is_none() {
                changes.push(change(&old[here], StepKind::Removed, before));
            }
        }
        for there in operation.new_range() {
            let step = &new[there];
            let kind = match pairs.of_new[there] {
                None => StepKind::Added,
                Some((here, Pair::Moved)) => StepKind::Moved(old[here].number.clone()),
                Some((here, Pair::Changed)) => {
                    StepKind::Changed(Difference::between(&old[here].parts, &step.parts))
                }
                Some((here, Pair::Same)) => {
                    let Step { why, section, .. } = old[here].step;
                    match (why, section) == (&step.step.why, &step.step.section) {
                        true => continue,
                        false => StepKind::Words,
                    }
                }
            };
            changes.push(change(step, kind, after));
        }
    }
    changes
}

fn change(step: &Flat<'_>, kind: StepKind, nic: &Nic) -> StepChange {
    let touches = match kind {
        StepKind::Words => Vec::new(),
        _ => touched(step.step, nic),
    };
    StepChange {
        number: step.number.clone(),
        line: step.step.line.clone(),
        text: step.text(),
        kind,
        touches,
        why: step.step.why.clone(),
    }
}

/// The registers that a step writes or reads, with their places.
fn touched(step: &Step, nic: &Nic) -> Vec<String> {
    let mut touched: Vec<String> = Vec::new();
    for name in expressions(step).registers() {
        let place = nic.register(name).map(|register| whereabouts(register));
        if let Some(place) = place.filter(|place| !touched.contains(place)) {
            touched.push(place);
        }
    }
    touched
}
