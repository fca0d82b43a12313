//! The bits that together make the NIC strip the CRC are all set by the sequences, or none is.

use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Assign, Cond, Crc, FieldPlace, Register, Step, Value, Written};
use crate::lower::{Draft, Sequence};
use crate::report::FindingDraft;
use crate::report::Findings;
use super::RuleInfo;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0702",
    "CRC bits in disagreement",
    "The bits that together make the NIC strip the CRC are all set by the sequences, or none is.",
    &[
    ("SPEED: m100, STRIP: 1, KEEP: 1 }", "SPEED: m100, STRIP: 1 }"),
    ],
).checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rx) = &draft.rx else { return };
    if !draft.sequences_are_complete() {
        return;
    }
    let list = draft.node(&["rx", "crc", "stripped_when"]);
    let items = draft.tree.list(list).unwrap_or_default();
    let (set, unset): (Vec<_>, Vec<_>) =
        rx.crc.stripped_when.iter().zip(items).partition(|(place, _)| is_set(place, &draft.sequences));
    let (Some((first_set, set_node)), Some((first_unset, unset_node))) = (set.first(), unset.first()) else { return };
    let message = format!("no sequence sets `{}`, and `{}` is set", called(first_unset), called(first_set));
    let finding = FindingDraft::new(&RULE, draft.tree.span(**unset_node), message);
    findings.add(
        finding
            .here("never set")
            .label(draft.tree.span(**set_node), "set")
            .help("lengths would count a CRC that is not there, or the other way round; set both bits or none"),
    );
}

fn called(place: &FieldPlace) -> String {
    format!("{}.{}", place.place.register.name, place.field.name)
}

/// Whether the sequences make the NIC strip the CRC.
pub(crate) fn is_stripped(crc: &Crc, sequences: &[Sequence]) -> bool {
    !crc.stripped_when.is_empty() && crc.stripped_when.iter().all(|place| is_set(place, sequences))
}

/// Whether a field ends up as one: some step sets it, or a reset does and no step clears it.
fn is_set(place: &FieldPlace, sequences: &[Sequence]) -> bool {
    let mut writes = Writes { place, sets: false, clears: false };
    sequences.iter().for_each(|sequence| writes.steps(&sequence.body.steps));
    let after_reset = place.place.register.reset & place.field.mask() != 0;
    writes.sets || (after_reset && !writes.clears)
}

struct Writes<'a> {
    place: &'a FieldPlace,
    sets: bool,
    clears: bool,
}

impl Writes<'_> {
    fn one(&mut self, one: bool) {
        self.sets |= one;
        self.clears |= !one;
    }

    fn fields(&mut self, fields: &[Assign], others_are_zero: bool) {
        match fields.iter().find(|assign| assign.field.name == self.place.field.name) {
            Some(assign) => self.one(match &assign.value {
                Value::Cond(cond) => *cond != Cond::Literal(false),
                Value::Num(num) => num.range.max != 0,
            }),
            None => self.clears |= others_are_zero,
        }
    }
}

impl Visitor for Writes<'_> {
    fn step(&mut self, step: &Step) {
        let ours = |register: &Register| register.name == self.place.place.register.name;
        match &step.action {
            Action::Write { place, value } if ours(&place.register) => match value {
                Written::Number(num) => {
                    self.one(num.constant().is_none_or(|value| u64::from(value) & self.place.field.mask() != 0));
                }
                Written::Fields(fields) => self.fields(fields, true),
            },
            Action::Modify { place, fields } if ours(&place.register) => self.fields(fields, false),
            _ => {}
        }
        visit::step(self, step);
    }
}
