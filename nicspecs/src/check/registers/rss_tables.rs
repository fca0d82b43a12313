use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Register, Rss};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0311",
    "RSS key or table of the wrong size",
    "The RSS key has 40 octets, the registers of the table hold exactly its entries, every entry can select every queue, and sequences write both.",
    &[("entries: 16, bits: 8 }", "entries: 32, bits: 8 }")],
);

/// Octets of the key that a port can pass in.
const KEY: u64 = 40;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rss) = &draft.rss else { return };
    let mut add = |path: &[&str], message: String, help: String| {
        let span = draft.tree.span(draft.node(path));
        findings.add(RULE.at(span, message).help(help));
    };
    if octets(&rss.key) != KEY {
        let message = format!("`{}` has {} octets", rss.key.name, octets(&rss.key));
        let help = format!("the key of the hash has {KEY}, ten registers of 32 bits");
        add(&["rss", "key"], message, help);
    }
    table(rss, &mut add);
    let bits = rss.table.bits.saturating_sub(rss.table.queue_at);
    let most = draft
        .rx
        .as_ref()
        .map_or(u32::MAX, |rx| rx.queues)
        .min(1_u32.checked_shl(bits).unwrap_or(u32::MAX));
    if rss.queues > most {
        let message = format!("a table entry cannot select {} queues", rss.queues);
        let help = format!("`rx.queues` and the {bits} queue bits of an entry allow 1 to {most}");
        add(&["rss", "queues"], message, help);
    }
    if draft.sequences_are_complete() {
        for (path, register) in [
            (["rss", "key"].as_slice(), &rss.key),
            (&["rss", "table", "register"], &rss.table.register),
        ] {
            if !draft.is_written(register) {
                let message = format!("no sequence writes `{}`", register.name);
                let help = "write it in `init` from `rss.key[i]` or `rss.table[i]`".to_owned();
                add(path, message, help);
            }
        }
    }
}

fn table(rss: &Rss, add: &mut impl FnMut(&[&str], String, String)) {
    let table = &rss.table;
    let (entries, bits) = (u64::from(table.entries), u64::from(table.bits));
    let held = octets(&table.register) * 8;
    let (name, width) = (&table.register.name, table.register.width);
    if !width.is_multiple_of(table.bits) || bits * entries != held {
        let message = format!("{entries} entries of {bits} bits do not fill `{name}`");
        let help = format!("it holds {held} bits, {width} in each element");
        add(&["rss", "table", "entries"], message, help);
    } else if !table.entries.is_power_of_two() {
        let message = format!("a port cannot fill a table of {entries} entries");
        let help = "the number must be a power of two".to_owned();
        add(&["rss", "table", "entries"], message, help);
    }
}

fn octets(register: &Register) -> u64 {
    u64::from(register.count()) * register.bytes()
}
