//! Sentences about registers of each kind of access.

use std::collections::BTreeMap;

use super::super::{Side, between};
use super::{edited, side};
use crate::ir::Access;

/// Each sentence about a change of a register, with the kinds of access that it is said for.
#[test]
fn every_change_of_a_register_of_every_access_has_its_sentence() {
    let accesses = Access::ALL.map(Access::name);
    let text = |access: &str, counter: &str| {
        let probe = "  PROBE:\n    title: Probe\n    section: \"4.11\"\n    offset: 0x500\n    stride: 4\n    count: 2\n    access: #\n    fields:\n      BIT: { bits: 3 }\n      NUM: { bits: \"9:8\" }\n";
        let (fan, frames) = ("  FAN:\n", "  tx_frames: { block");
        let probe = probe.replace('#', access);
        let text = crate::diagnostic::TOY.replace(fan, &format!("{probe}{fan}"));
        text.replace(frames, &format!("{counter}{frames}"))
    };
    let mut sentences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for access in accesses {
        for (who, counter) in [
            ("", ""),
            (" of a counter", "  probe: { register: PROBE }\n"),
        ] {
            let old = text(access, counter);
            let before = side("toy.yaml", &old);
            if before.nic().is_none() {
                continue;
            }
            let end = format!("    access: {access}\n    fields:\n      BIT: {{ bits: 3 }}\n");
            let with = |line: &str| {
                (
                    end.clone(),
                    end.replace("    fields", &format!("    {line}\n    fields")),
                )
            };
            let from = |from: &str, to: &str| (from.to_owned(), to.to_owned());
            let mut edits = vec![
                from("offset: 0x500", "offset: 0x600"),
                from(
                    "stride: 4\n    count: 2\n    access",
                    "stride: 8\n    count: 2\n    access",
                ),
                from(
                    "offset: 0x500\n    stride: 4\n    count: 2",
                    "offset: 0x500\n    stride: 4\n    count: 3",
                ),
                from(
                    "offset: 0x500\n    stride: 4\n    count: 2",
                    "offset: 0x500\n    stride: 4\n    count: 1",
                ),
                with("width: 16"),
                with("reset: 8"),
                with("only_on: [B]"),
                with("must_write: true"),
                from("BIT: { bits: 3 }", "BIT: { bits: 4 }"),
                from("NUM: { bits: \"9:8\" }", "NUM: { bits: \"10:8\" }"),
                from("NUM: { bits: \"9:8\" }", "NUM: { bits: \"8\" }"),
            ];
            let others = accesses.iter();
            edits.extend(others.map(|other| (end.clone(), end.replace(access, other))));
            for (from, to) in edits {
                assert!(old.contains(&from), "{from}");
                let Ok(after) = Side::read("toy.yaml", &old.replacen(&from, &to, 1)) else {
                    panic!("{to}");
                };
                for meaning in between(&before, &after)
                    .into_iter()
                    .flat_map(|each| each.meaning)
                {
                    let accesses = sentences.entry(meaning).or_default();
                    accesses.push(format!("{access}{who}"));
                }
            }
        }
    }
    let lines = sentences.iter();
    let lines = lines.map(|(said, accesses)| format!("{said}\n    {}\n", accesses.join(", ")));
    insta::assert_snapshot!(lines.collect::<String>());
}

#[test]
fn a_doorbell_that_only_facts_name_is_written() {
    for (from, to, said) in [
        (
            "offset: 0x080",
            "offset: 0x090",
            "The driver now writes `BELL` at",
        ),
        (
            "      RX: { bits: 0 }\n  TDBAL",
            "      RX: { bits: 1 }\n  TDBAL",
            "The driver now writes `BELL.RX` in bit 1",
        ),
    ] {
        let changes = edited(from, to);
        let meaning = &changes[0].meaning[0];
        assert!(
            meaning.starts_with(said) && meaning.contains("no longer receives"),
            "{meaning}"
        );
    }
}
