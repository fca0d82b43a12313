use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Doorbell;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0411",
    "doorbell register is not writable at the needed width",
    "A doorbell register is writable and has 32 bits for an index or 8 bits for a kick; a kick sets at least one bit.",
    &[(
        "  doorbell: { register: BELL, kind: kick, set: [RX], again: true }",
        "  doorbell: { register: RXCTL, kind: kick, set: [ENABLE] }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for Ring { key, doorbell, .. } in draft.rings() {
        let Some(register) = doorbell.register() else {
            continue;
        };
        let mut add = |part: &str, message: String| {
            let span = draft.span(&[key, "doorbell", part]);
            findings.add(RULE.at(span, message));
        };
        let (width, what) = match doorbell {
            Doorbell::Kick { .. } => (8, "a kick"),
            _ => (32, "an index"),
        };
        if register.width != width {
            let name = &register.name;
            let message = format!(
                "{what} has {width} bits, but the `width` of `{name}` is {}",
                register.width
            );
            add("register", message);
        } else if !register.access.can_write() {
            add("register", format!("`{}` is not writable", register.name));
        }
        if matches!(doorbell, Doorbell::Kick { set, .. } if set.is_empty()) {
            add("set", "a kick must set at least one bit".to_owned());
        }
    }
}
