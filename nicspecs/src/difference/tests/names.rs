//! New names.

use super::super::{Change, Kind, StepKind, between};
use super::side;

/// A text with other words.
fn reworded(text: &str, words: &[(&str, &str)]) -> String {
    let outside = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    words.iter().fold(text.to_owned(), |text, (from, to)| {
        let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
        let is_word = |&&at: &&usize| {
            let (before, after) = (&text[..at], &text[at + from.len()..]);
            let ends = |c: &str| c.is_empty() || c.starts_with(outside);
            (before.is_empty() || before.ends_with(outside)) && ends(after)
        };
        let words: Vec<usize> = places.iter().filter(is_word).copied().collect();
        assert!(!words.is_empty(), "there is no `{from}`");
        let mut text = text.clone();
        for at in words.into_iter().rev() {
            text.replace_range(at..at + from.len(), to);
        }
        text
    })
}

#[test]
fn a_new_name_is_one_change_whatever_has_it_and_wherever_it_is_used() {
    let text = crate::diagnostic::TOY;
    let renames: [(&[(&str, &str)], &str); 16] = [
        (&[("BURST", "CHUNK")], "BURST is CHUNK"),
        (&[("TXCTL", "TXQ")], "TXCTL is TXQ"),
        (&[("BELL", "RING")], "BELL is RING"),
        (&[("CTRL", "MAIN")], "CTRL is MAIN"),
        (&[("KEEP", "HOLD")], "CTRL.KEEP is CTRL.HOLD"),
        (&[("THRESHOLD", "LIMIT")], "TXCTL.THRESHOLD is TXCTL.LIMIT"),
        (&[("START", "GO")], "DUMPL.START is DUMPL.GO"),
        (&[("REPORT", "TELL")], "tx.REPORT is tx.TELL"),
        (&[("OWN", "OURS")], "rx.OWN is rx.OURS"),
        (&[("m100", "fast")], "CTRL.SPEED: m100 is fast"),
        (&[("settle", "pause")], "settle is pause"),
        (&[("loopback", "mirror")], "loopback is mirror"),
        (&[("mmio", "window")], "mmio is window"),
        (&[("tx_errors", "tx_bad")], "tx_errors is tx_bad"),
        (&[("phy.read", "phy.get")], "phy.read is phy.get"),
        (
            &[
                ("name: B", "name: BB"),
                ("only_on: [B]", "only_on: [BB]"),
                ("== B", "== BB"),
            ],
            "B is BB",
        ),
    ];
    for (words, expected) in renames {
        let new = reworded(text, words);
        let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
        let said: Vec<String> = changes
            .iter()
            .map(|change| match &change.kind {
                Kind::Renamed { from } => format!("{from} is {}", change.subject),
                Kind::RenamedValue { from, to } => {
                    format!("{}: {from} is {to}", change.subject)
                }
                other => format!("{}: {other:?}", change.subject),
            })
            .collect();
        assert_eq!(said, [expected]);
        let meaning = &changes[0].meaning[0];
        assert!(
            meaning.contains("new name: nothing changes for the hardware"),
            "{meaning}"
        );
        // Back to the old name: the same in the other direction.
        let back = between(&side("toy.yaml", &new), &side("toy.yaml", text));
        assert!(back.len() == 1 && back[0].is_rename(), "{back:?}");
    }
}

#[test]
fn two_new_names_of_one_thing_and_the_next_are_two_changes() {
    let text = crate::diagnostic::TOY;
    let new = reworded(text, &[("TXCTL", "TXQ"), ("THRESHOLD", "LIMIT")]);
    let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
    let names: Vec<String> = changes.iter().map(|c| c.subject.to_string()).collect();
    assert_eq!(names, ["TXQ", "TXQ.LIMIT"]);
    assert!(changes.iter().all(Change::is_rename), "{changes:?}");
}

#[test]
fn a_new_name_hides_no_other_change() {
    let text = crate::diagnostic::TOY;
    // The field moves too.
    let new = reworded(
        text,
        &[
            ("KEEP", "HOLD"),
            ("HOLD: { bits: 12 }", "HOLD: { bits: 14 }"),
        ],
    );
    let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
    assert!(!changes.iter().any(Change::is_rename), "{changes:?}");
    // The register has its name, and another step writes it.
    let new = reworded(text, &[("BURST", "CHUNK"), ("CHUNK: 16", "CHUNK: 17")]);
    let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
    let [renamed, steps] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert!(renamed.is_rename());
    let Kind::Steps(steps) = &steps.kind else {
        panic!("{steps:?}");
    };
    assert!(matches!(steps[0].kind, StepKind::Changed(_)), "{steps:?}");
    // Two fields exchange their bits: both names exist on both sides.
    let new = reworded(
        text,
        &[
            ("ALL: { bits: 9 }", "ALL: { bits: 10 }"),
            ("MULTI: { bits: 10 }", "MULTI: { bits: 9 }"),
        ],
    );
    let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
    assert!(changes.len() == 2 && !changes.iter().any(Change::is_rename));
}

#[test]
fn a_field_of_another_register_is_no_renamed_one() {
    let in_register = |field: &str| {
        let fields = format!("{field}\n      SPARE: {{ bits: 7 }}");
        side(
            "toy.yaml",
            &crate::diagnostic::TOY.replacen(field, &fields, 1),
        )
    };
    let (old, new) = (
        in_register("DUPLEX: { bits: 1 }"),
        in_register("OVERHEAT: { bits: 0 }"),
    );
    let kinds: Vec<_> = between(&old, &new)
        .into_iter()
        .map(|change| {
            (
                change.subject.to_string(),
                matches!(change.kind, Kind::Added(_)),
            )
        })
        .collect();
    let named = |name: &str, added| (name.to_owned(), added);
    assert_eq!(
        kinds,
        [named("EVENTS.SPARE", true), named("STATUS.SPARE", false)]
    );
}
