use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Cond;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0712",
    "link that no model shows",
    "If registers show the speed or the duplex mode of a link, `model.links` states what they show for every speed, so that tests can check it.",
    &[(
        "    - { mbps: 100, full_duplex: false, shows: [{ field: CTRL.SPEED, is: 1 }, { field: STATUS.DUPLEX, is: 0 }] }\n",
        "",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let (Some(link), Some(model)) = (&draft.link, &draft.model) else {
        return;
    };
    let is_fixed = |cond: &Cond| matches!(cond, Cond::Literal(_));
    if link.speeds.len() < 2 && is_fixed(&link.full_duplex) {
        return;
    }
    let at = draft.node(&["model", "links"]);
    let span = match model.links.is_empty() {
        true => draft.tree.key_span(draft.node(&["model"])),
        false => draft.tree.span(at),
    };
    for speed in &link.speeds {
        if model.links.iter().any(|shown| shown.mbps == speed.mbps) {
            continue;
        }
        let message = format!(
            "`model.links` does not show a link of {} Mbit/s",
            speed.mbps
        );
        findings.add(
            RULE.at(span, message)
                .label(draft.span(&["link", "speeds"]), "registers show the speed of a link")
                .help("add an item such as `{ mbps: 100, full_duplex: true, shows: [{ field: STATUS.SPEED, is: 1 }] }`"),
        );
    }
}
