use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::ir::Register;
use crate::place::{self, Element};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0303",
    "overlapping registers",
    "Registers of a space do not overlap, unless they belong to different variants or one is read-only and the other write-only.",
    &[(
        "    title: Fan Speed\n    section: \"4.9\"\n    offset: 0x020\n",
        "    title: Fan Speed\n    section: \"4.9\"\n    offset: 0x01e\n    width: 16\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut all: Vec<(Element, usize)> = Vec::new();
    for (at, register) in draft.registers.iter().enumerate() {
        all.extend(place::elements(register).map(|element| (element, at)));
    }
    all.sort_by_key(|(element, at)| (element.start, *at));
    let mut reported = BTreeSet::new();
    for (position, (first, a)) in all.iter().enumerate() {
        let after = all[position + 1..]
            .iter()
            .take_while(|(second, _)| second.start < first.end)
            .take(NEAR);
        for (second, b) in after {
            let (left, right) = (&draft.registers[*a], &draft.registers[*b]);
            if may_share(left, right, first.start == second.start)
                || !reported.insert((a.min(b), a.max(b)))
            {
                continue;
            }
            findings.add(overlap(draft, (left, first), (right, second)));
        }
    }
}

/// Most overlaps to report for one element.
const NEAR: usize = 16;

fn may_share(a: &Register, b: &Register, same_start: bool) -> bool {
    let read_only = |register: &Register| !register.access.can_write();
    let write_only = |register: &Register| !register.access.can_read();
    let pair = (read_only(a) && write_only(b)) || (write_only(a) && read_only(b));
    a.space != b.space
        || a.variants.is_disjoint(&b.variants)
        || (pair && same_start && a.width == b.width)
}

type Found<'d> = (&'d Sited<Arc<Register>>, &'d Element);

fn overlap(draft: &Draft<'_>, first: Found<'_>, second: Found<'_>) -> FindingDraft {
    // The later register in the file is reported.
    let (earlier, later) = match first.0.node <= second.0.node {
        true => (first, second),
        false => (second, first),
    };
    let span = |(register, element): Found<'_>| {
        draft
            .tree
            .span_at(draft.piece(register, element.piece), "offset")
    };
    let covers = |(register, element): Found<'_>| {
        let name = place::called(register, element.index);
        format!(
            "`{name}` covers {:#x} to {:#x}",
            element.start,
            element.end.saturating_sub(1)
        )
    };
    let message = format!("register `{}` overlaps `{}`", later.0.name, earlier.0.name);
    RULE.at(span(later), message)
        .here(covers(later))
        .label(span(earlier), covers(earlier))
        .help(format!(
            "check `offset` and `width` in section {}, which describes `{}`; if variants differ, use `only_on`",
            later.0.section, later.0.name
        ))
}
