//! The RSS key has 40 octets, the registers of the table hold its entries and nothing else, every entry can name every queue, and sequences write both.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;
use crate::ir::{Register, Rss};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0311",
    "RSS tables of another shape",
    "The RSS key has 40 octets, the registers of the table hold its entries and nothing else, every entry can name every queue, and sequences write both.",
    &[("entries: 16, bits: 8 }", "entries: 32, bits: 8 }")],
);

/// Octets of the key, and most entries of a table: what a port has to give.
const KEY: u64 = 40;
const MOST: u32 = 128;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rss) = &draft.rss else { return };
    let mut tell = |path: &[&str], message: String, help: String| {
        let span = draft.tree.span(draft.node(path));
        findings.add(FindingDraft::new(&RULE, span, message).help(help));
    };
    if octets(&rss.key) != KEY {
        let message = format!("`{}` has {} octets", rss.key.name, octets(&rss.key));
        let help = format!("the key of the hash has {KEY}, ten registers of 32 bits");
        tell(&["rss", "key"], message, help);
    }
    table(rss, &mut tell);
    let bits = rss.table.bits.saturating_sub(rss.table.queue_at);
    let most = rx_queues(draft).min(1_u32.checked_shl(bits).unwrap_or(u32::MAX));
    if rss.queues > most || rss.queues == 0 {
        let message = format!("no entry of the table names {} queues", rss.queues);
        let help = format!(
            "`rx.queues` and the {bits} bits of an entry that name a queue allow 1 to {most}"
        );
        tell(&["rss", "queues"], message, help);
    }
    if draft.sequences_are_complete() {
        for (path, register) in [
            (["rss", "key"].as_slice(), &rss.key),
            (&["rss", "table", "register"], &rss.table.register),
        ] {
            if !is_written(draft, register) {
                let message = format!("no sequence writes `{}`", register.name);
                let help = "write it in `init` from `rss.key[i]` or `rss.table[i]`".to_owned();
                tell(path, message, help);
            }
        }
    }
}

fn table(rss: &Rss, tell: &mut impl FnMut(&[&str], String, String)) {
    let table = &rss.table;
    let (entries, bits) = (u64::from(table.entries), u64::from(table.bits));
    let held = octets(&table.register) * 8;
    let (name, width) = (&table.register.name, table.register.width);
    if bits == 0 || !width.is_multiple_of(table.bits) || bits * entries != held {
        let message = format!("{entries} entries of {bits} bits do not fill `{name}`");
        let help = format!("it holds {held} bits, {width} in each element");
        tell(&["rss", "table", "entries"], message, help);
    } else if table.entries > MOST || !table.entries.is_power_of_two() {
        let message = format!("a table of {entries} entries is not one that a port fills");
        let help = format!("their number is a power of two of at most {MOST}");
        tell(&["rss", "table", "entries"], message, help);
    }
}

fn octets(register: &Register) -> u64 {
    u64::from(register.count()) * register.bytes()
}

fn rx_queues(draft: &Draft<'_>) -> u32 {
    draft.rx.as_ref().map_or(u32::MAX, |rx| rx.queues)
}

fn is_written(draft: &Draft<'_>, register: &Register) -> bool {
    draft.sequences.iter().any(|sequence| {
        let writes = flow::writes(&draft.sequences, &sequence.body.steps);
        writes
            .iter()
            .any(|write| write.register.name == register.name)
    })
}
