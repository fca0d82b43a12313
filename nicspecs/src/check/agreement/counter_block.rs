use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::ir::{Counter, Source};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0709",
    "wrong layout of a counter block",
    "A counter in a block has 1, 2, 4 or 8 bytes, is aligned to its size, and does not overlap another.",
    &[("{ block: 8, bytes: 4,", "{ block: 4, bytes: 4,")],
);

/// Most bytes of a block: more than any NIC dumps.
const MOST: u32 = 4096;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut before: Vec<(&Sited<Counter>, u32, u32)> = Vec::new();
    for counter in &draft.statistics {
        let Source::Block { offset, bytes } = counter.source else {
            continue;
        };
        let mut add = |key: &str, message: String, help: &str| {
            let span = draft.tree.span_at(counter.node, key);
            findings.add(RULE.at(span, message).help(help));
        };
        let name = &counter.name;
        if !matches!(bytes, 1 | 2 | 4 | 8) {
            let message = format!("counter `{name}` has {bytes} bytes");
            add("bytes", message, "a counter must have 1, 2, 4 or 8");
            continue;
        }
        if !offset.is_multiple_of(bytes) || offset > MOST - bytes {
            let message = format!("counter `{name}` of {bytes} bytes lies at byte {offset}");
            let help = "it must be at a multiple of its size, in a block of at most 4096 bytes";
            add("block", message, help);
            continue;
        }
        let end = offset + bytes;
        let overlaps = |&&(_, first, last): &&(_, u32, u32)| offset < last && first < end;
        match before.iter().find(overlaps) {
            Some((other, _, _)) => {
                let message = format!("counter `{name}` overlaps `{}`", other.name);
                let finding = RULE.at(draft.tree.span_at(counter.node, "block"), message);
                let there = draft.tree.span_at(other.node, "block");
                findings.add(finding.label(there, format!("`{}` is here", other.name)));
            }
            None => before.push((counter, offset, end)),
        }
    }
}
