use crate::decider::{self, Decider};
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0702",
    "contradictory CRC bits",
    "The bits that together make the NIC strip the CRC are all set, all clear, or all follow one boolean option.",
    &[(
        "SPEED: m100, STRIP: 1, KEEP: 1 }",
        "SPEED: m100, STRIP: 1 }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rx) = &draft.rx else { return };
    if !draft.sequences_are_complete() {
        return;
    }
    let items = draft.items(&["rx", "crc", "stripped_when"]);
    let bits: Vec<_> = rx
        .crc
        .stripped_when
        .iter()
        .map(|place| (place.name(), decider::of(place, &draft.sequences)))
        .zip(items)
        .collect();
    let mut unknown = bits
        .iter()
        .filter_map(|((name, decider), _)| match decider {
            Decider::Other(node) => Some((name, *node)),
            _ => None,
        });
    if let Some((name, node)) = unknown.next() {
        let message = format!("`{name}` must be constant or follow one boolean option");
        findings.add(RULE.at(draft.tree.span(node), message).here("this value is neither").help(
            "write 1, 0 or an option with `max: 1`: the driver must know whether lengths include the CRC",
        ));
        return;
    }
    let Some((((first, decider), node), rest)) = bits.split_first() else {
        return;
    };
    let differing = rest.iter().find(|((_, other), _)| other != decider);
    let Some(((other, differs), at)) = differing else {
        return;
    };
    let message = format!(
        "`{other}` is {}, and `{first}` is {}",
        in_words(differs),
        in_words(decider)
    );
    findings.add(
        RULE.at(draft.tree.span(**at), message)
            .here(in_words(differs))
            .label(draft.tree.span(**node), in_words(decider))
            .help("set all of them in the same way; otherwise frame lengths are wrong by the size of the CRC"),
    );
}

fn in_words(decider: &Decider) -> String {
    match decider {
        Decider::Zero => "never set".to_owned(),
        Decider::One => "always set".to_owned(),
        Decider::Choice(choice) => format!("set by `{}`", choice.name),
        Decider::Other(_) => "set to a computed value".to_owned(),
    }
}
