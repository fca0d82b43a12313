//! Typical pull requests, as their reviewers see them: each report has to be understood at first reading.

use nicspecs::SpecFile;

use super::{Scratch, both, compared, edited, toy};
use crate::compare::{Comparison, SpecKind};
use crate::sides::State;
use xtask_generator::{CRATE, render};

/// A spec that inherits the toy, and adds these lines.
fn heir(name: &str, ids: [&str; 2], rest: &str) -> SpecFile {
    let text = format!(
        "like: toy

nic:
  name: {name}
  title: Toy NIC called {name}
  datasheet: Toy NIC datasheet, revision 2

variants:
  - name: A
    title: Toy A of {name}
    pci: [\"{}\"]
  - name: B
    title: Toy B of {name}
    pci: [\"{}\"]
{rest}",
        ids[0], ids[1]
    );
    edited(&format!("nicspecs/{name}.yaml"), &text, &[])
}

/// What edits of the toy show.
fn edit(edits: &[(&str, &str)]) -> String {
    let comparison = compared(&[toy(&[])], &[toy(edits)]);
    let errors = comparison.errors.iter().map(|report| report.short());
    assert_eq!(errors.collect::<String>(), "");
    both(&comparison)
}

#[test]
fn an_offset_is_corrected() {
    insta::assert_snapshot!(edit(&[(
        "offset: 0x018\n    access: rw",
        "offset: 0x02c\n    access: rw"
    )]));
}

#[test]
fn a_field_is_widened() {
    insta::assert_snapshot!(edit(&[(
        "THRESHOLD: { bits: \"6:0\" }",
        "THRESHOLD: { bits: \"7:0\" }"
    )]));
}

#[test]
fn a_reset_value_is_corrected() {
    insta::assert_snapshot!(edit(&[("reset: 0x00000010", "reset: 0x00000110")]));
}

#[test]
fn a_field_gets_the_name_of_the_datasheet() {
    insta::assert_snapshot!(edit(&[
        ("      KEEP: { bits: 12 }", "      HOLD: { bits: 12 }"),
        ("CTRL.KEEP", "CTRL.HOLD"),
        ("KEEP: 1", "HOLD: 1"),
    ]));
}

#[test]
fn a_step_is_added_to_the_initialization() {
    insta::assert_snapshot!(edit(&[(
        "      - write: { EVENTS: { OVERHEAT: 1 } }\n",
        "      - write: { EVENTS: { OVERHEAT: 1 } }\n      - flush: STATUS\n        why: the event must be gone before the fan starts\n",
    )]));
}

#[test]
fn a_wait_is_longer() {
    insta::assert_snapshot!(edit(&[(
        "until: \"not CTRL.RST\", every: 10us, within: 10ms",
        "until: \"not CTRL.RST\", every: 10us, within: 50ms",
    )]));
}

#[test]
fn a_statistic_is_added() {
    insta::assert_snapshot!(edit(&[(
        "doc: \"frames dropped\" }\n",
        "doc: \"frames dropped\" }\n  tx_late: { block: 12, bytes: 4, doc: \"late collisions\" }\n",
    )]));
}

#[test]
fn a_variant_with_a_lower_limit_is_added() {
    insta::assert_snapshot!(edit(&[(
        "    constants: { settle: 20 }\n",
        "    constants: { settle: 20 }\n  - name: C\n    title: Toy C\n    pci: [\"1234:0003\"]\n    limits: { rx_frame_max: 1514 }\n",
    )]));
}

#[test]
fn a_pci_id_is_added() {
    insta::assert_snapshot!(edit(&[(
        "pci: [\"1234:0002\"]",
        "pci: [\"1234:0002\", \"1234:0003\"]"
    )]));
}

#[test]
fn a_doorbell_moves() {
    insta::assert_snapshot!(edit(&[("offset: 0x080", "offset: 0x090")]));
}

#[test]
fn bits_of_a_descriptor_are_corrected() {
    insta::assert_snapshot!(edit(&[
        (
            "      CRC: { bits: 81, by: host }",
            "      CRC: { bits: 84, by: host }"
        ),
        ("[\"95:84\", \"111:97\"]", "[81, \"95:85\", \"111:97\"]"),
    ]));
}

#[test]
fn a_register_is_removed() {
    insta::assert_snapshot!(edit(&[
        (
            "  EVENTS:\n    title: Events\n    section: \"4.6\"\n    offset: 0x014\n    access: w1c\n    fields:\n      OVERHEAT: { bits: 0 }\n",
            "",
        ),
        ("      - write: { EVENTS: { OVERHEAT: 1 } }\n", ""),
    ]));
}

#[test]
fn the_base_address_register_of_the_device_is_corrected() {
    insta::assert_snapshot!(edit(&[("bar: 0, size: 0x1000", "bar: 2, size: 0x2000")]));
}

#[test]
fn only_comments_and_layout_change() {
    insta::assert_snapshot!(edit(&[
        ("nic:\n", "# A word about it.\nnic:\n"),
        ("offset: 0x004\n    access: ro", "access: ro\n    offset: 4"),
    ]));
}

#[test]
fn only_titles_reasons_and_the_order_of_lists_change() {
    insta::assert_snapshot!(edit(&[
        ("title: Device Status", "title: Status of the Device"),
        (
            "      - sleep: settle ms\n",
            "      - sleep: settle ms\n        why: it needs the time\n",
        ),
        (
            "self_clearing: [CTRL.RST, DUMPL.START]",
            "self_clearing: [DUMPL.START, CTRL.RST]",
        ),
    ]));
}

#[test]
fn a_spec_no_longer_compiles() {
    let comparison = compared(&[toy(&[])], &[toy(&[("flush: STATUS", "flush: STATSU")])]);
    assert!(matches!(comparison.specs[0].kind, SpecKind::Unreadable));
    insta::assert_snapshot!(both(&comparison));
}

#[test]
fn a_nic_is_added_that_inherits_another_one() {
    let rest = "
registers:
  BURST: { offset: 0x02c }
  FAN: null
  LED: { title: Lamps, section: \"4.10\", offset: 0x030, access: rw }
tx: { queues: 1 }
sequences:
  init:
    section: \"2.2\"
    steps:
      - write: { BURST: 16 }
      - write: { LED: 1 }
      - modify: { CTRL: { LOOP: loopback, SPEED: m100, STRIP: 1, KEEP: 1 } }
      - write: { EVENTS: { OVERHEAT: 1 } }
      - write_each: { RSSKEY: \"rss.key[4 * i] | rss.key[4 * i + 1] << 8 | rss.key[4 * i + 2] << 16 | rss.key[4 * i + 3] << 24\" }
      - write_each: { RSSTAB: \"rss.table[4 * i] | rss.table[4 * i + 1] << 8 | rss.table[4 * i + 2] << 16 | rss.table[4 * i + 3] << 24\" }
      - write: { RSSCTL: { ENABLE: 1, IPV4: 1, TCP_IPV4: 1 } }
";
    let new = nicspecs::together(&[toy(&[]), heir("child", ["1234:0011", "1234:0012"], rest)]);
    let comparison = compared(&new[..1], &new);
    let errors = comparison.errors.iter().map(|report| report.short());
    assert_eq!(errors.collect::<String>(), "");
    insta::assert_snapshot!("new_heir", both(&comparison));
    let removed = compared(&new, &new[..1]);
    insta::assert_snapshot!("removed_heir", both(&removed));
}

#[test]
fn a_nic_is_added_that_differs_from_its_base_spec_in_nothing() {
    let new = nicspecs::together(&[toy(&[]), heir("child", ["1234:0011", "1234:0012"], "")]);
    let shown = both(&compared(&new[..1], &new));
    assert!(
        shown.contains("like `toy` in everything else: registers, descriptors, rings, sequences"),
        "{shown}"
    );
}

#[test]
fn a_base_spec_changes_with_its_heirs() {
    let heirs = [
        heir("child", ["1234:0011", "1234:0012"], ""),
        heir(
            "other",
            ["1234:0021", "1234:0022"],
            "registers:\n  BURST: { offset: 0x030 }\n",
        ),
        heir(
            "third",
            ["1234:0031", "1234:0032"],
            "sequences:\n  start:\n    section: \"2.8\"\n    steps:\n      - write: { BURST: 8 }\n      - verify: STATUS.READY\n        otherwise: the device is not ready\n",
        ),
    ];
    let with = |toy: SpecFile| nicspecs::together(&[&[toy][..], &heirs].concat());
    let moved = (
        "offset: 0x018\n    access: rw",
        "offset: 0x02c\n    access: rw",
    );
    let comparison = compared(&with(toy(&[])), &with(toy(&[moved])));
    let errors = comparison.errors.iter().map(|report| report.short());
    assert_eq!(errors.collect::<String>(), "");
    insta::assert_snapshot!(both(&comparison));
}

#[test]
fn a_nic_becomes_an_heir_without_a_change() {
    let alone = edited(
        "nicspecs/child.yaml",
        nicspecs::TOY,
        &[
            ("name: toy", "name: child"),
            ("title: Toy NIC", "title: Toy NIC called child"),
            ("revision 1", "revision 2"),
            ("Toy A", "Toy A of child"),
            ("Toy B", "Toy B of child"),
            ("\"1234:0001\"", "\"1234:0011\""),
            ("\"1234:0002\"", "\"1234:0012\""),
        ],
    );
    let child = heir("child", ["1234:0011", "1234:0012"], "");
    let comparison = compared(
        &nicspecs::together(&[toy(&[]), alone]),
        &nicspecs::together(&[toy(&[]), child]),
    );
    insta::assert_snapshot!(both(&comparison));
}

/// A repository with the toy and everything that is generated from it.
fn generated() -> Scratch {
    let scratch = Scratch::with(nicspecs::TOY);
    let nics = [toy(&[]).compile().unwrap()];
    let mut files = render::all(&nics).unwrap();
    files.extend(render::freebsd(&nics, true).unwrap());
    for (path, text) in files {
        scratch.write(&format!("{CRATE}/{}", path.display()), &text);
    }
    scratch.commit(nicspecs::TOY);
    scratch
}

/// The comparison of the working tree with the last commit, as the command makes it.
fn whole(scratch: &Scratch) -> Comparison {
    let mut comparison = scratch.compared("HEAD");
    comparison.between = ("HEAD".to_owned(), "the working tree".to_owned());
    let repository = scratch.repository();
    let (old, new) = State::pair(&repository, "HEAD").unwrap();
    comparison
        .check_committed(&repository, (&old, &new))
        .unwrap();
    comparison
}

#[test]
fn a_generated_file_is_edited_by_hand() {
    let scratch = generated();
    assert_eq!(whole(&scratch).committed, []);
    let path = format!("{CRATE}/freebsd/nmd_nic_toy.c");
    let text = std::fs::read_to_string(scratch.0.path().join(&path)).unwrap();
    scratch.write(&path, &text.replace(".bar = 0", ".bar = 2"));
    scratch.write(&format!("{CRATE}/src/old.rs"), "");
    insta::assert_snapshot!(both(&whole(&scratch)));
}

#[test]
fn a_spec_changes_and_nothing_is_generated_yet() {
    let scratch = generated();
    let bar = nicspecs::TOY.replace("bar: 0, size", "bar: 2, size");
    scratch.write("nicspecs/toy.yaml", &bar);
    insta::assert_snapshot!(both(&whole(&scratch)));
}

#[test]
fn the_generator_writes_the_same_facts_in_another_way() {
    let scratch = generated();
    let path = format!("{CRATE}/freebsd/nmd_nic_toy.c");
    let text = std::fs::read_to_string(scratch.0.path().join(&path)).unwrap();
    scratch.write(
        &path,
        &text.replace("what the kernel", "all that the kernel"),
    );
    scratch.commit(nicspecs::TOY);
    scratch.write(&path, &text);
    insta::assert_snapshot!(both(&whole(&scratch)));
}
