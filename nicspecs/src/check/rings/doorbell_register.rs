use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Doorbell;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0411",
    "doorbell register is not writable at the needed width",
    "A doorbell register is writable and has 8, 16 or 32 bits, enough for the indexes of the ring; a kick sets at least \
     one bit.",
    &[(
        "  doorbell: { kind: kick, register: BELL, set: [RX], again: true }",
        "  doorbell: { kind: kick, register: BELL, set: [], again: true }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let Ring {
            key,
            doorbell,
            limits,
            ..
        } = ring;
        let Some(register) = doorbell.register() else {
            continue;
        };
        let mut add = |part: &str, message: String| {
            let span = draft.span(&[key, "doorbell", part]);
            findings.add(RULE.at(span, message));
        };
        let (name, width) = (&register.name, register.width);
        let last = limits.max.saturating_sub(1);
        if !register.access.can_write() {
            add("register", format!("`{name}` is not writable"));
        } else if width > 32 {
            add(
                "register",
                format!("a doorbell has at most 32 bits, but `{name}` has {width}"),
            );
        } else if matches!(doorbell, Doorbell::Index(_)) && last > ones(width) {
            let message = format!("the index {last} does not fit the {width} bits of `{name}`");
            add("register", message);
        }
        if matches!(doorbell, Doorbell::Kick { set, .. } if set.is_empty()) {
            add("set", "a kick must set at least one bit".to_owned());
        }
    }
}

/// The largest value of so many bits, at most 32.
fn ones(width: u32) -> u32 {
    u32::MAX >> (32 - width.clamp(1, 32))
}
