//! Facts that sequences have to agree with, beyond the one example of each rule.

use nicspecs::ir::{Limit, Variant};
use nicspecs::{TOY, compile};

/// The errors of the toy spec after some edits, one line per error, without the place.
fn wrong(edits: &[(&str, &str)]) -> Vec<String> {
    let text = edits.iter().fold(TOY.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replacen(from, to, 1)
    });
    match compile("toy.yaml", &text) {
        Ok(_) => Vec::new(),
        Err(report) => report
            .findings()
            .iter()
            .map(|finding| format!("{}: {finding}", finding.rule().code))
            .collect(),
    }
}

/// The end of the toy's order rule.
const RULE: &str = "then: TXCTL.ENABLE, section: \"3.1\" }\n";

fn and_rule(rule: &str) -> String {
    format!("{RULE}  - {rule}\n")
}

#[test]
fn a_whole_register_comes_after_another() {
    let high_first = and_rule("{ first: [RDBAH], then: RDBAL, section: \"6.1\" }");
    let low = "      - write: { \"RDBAL[queue]\": ring.base.low }\n";
    let high = "      - write: { \"RDBAH[queue]\": ring.base.high }\n";
    let (wrong_order, right_order) = (format!("{low}{high}"), format!("{high}{low}"));
    assert_eq!(
        wrong(&[(RULE, &high_first)]),
        ["NS0701: `RDBAH` is written after `RDBAL` is written"]
    );
    assert_eq!(
        wrong(&[(RULE, &high_first), (&wrong_order, low)]),
        [
            "NS0423: no sequence writes `RDBAH`",
            "NS0701: `RDBAL` is written before `RDBAH` is written"
        ]
    );
    let kept = [(RULE, high_first.as_str()), (&wrong_order, &right_order)];
    assert_eq!(wrong(&kept), [""; 0]);
}

#[test]
fn a_field_is_set_before_a_register_is_written() {
    let rule = and_rule("{ first: [RXCTL.ENABLE], then: RDBAH, section: \"6.2\" }");
    let early = "      - write: { \"RDBAH[queue]\": ring.base.high }\n      - write: { \"RXCTL[queue]\": { SIZE: \"buffer.size >> 10\", ENABLE: 1 } }\n";
    let enable =
        "      - write: { \"RXCTL[queue]\": { SIZE: \"buffer.size >> 10\", ENABLE: 1 } }\n";
    let late = format!("{enable}      - write: {{ \"RDBAH[queue]\": ring.base.high }}\n");
    assert_eq!(
        wrong(&[(RULE, &rule)]),
        ["NS0701: `RDBAH` is written before `RXCTL.ENABLE` is set"]
    );
    let kept = [(RULE, rule.as_str()), (early, &late)];
    assert_eq!(wrong(&kept), [""; 0]);
    // Set and cleared again is not set.
    let cleared = format!(
        "{enable}      - clear: \"RXCTL[queue].ENABLE\"\n      - write: {{ \"RDBAH[queue]\": ring.base.high }}\n"
    );
    assert_eq!(
        wrong(&[(RULE, &rule), (early, &cleared)]),
        ["NS0701: `RDBAH` is written before `RXCTL.ENABLE` is set"]
    );
    // The rule does not care about later writes of the field.
    let off_again = format!("{late}      - clear: \"RXCTL[queue].ENABLE\"\n");
    assert_eq!(
        wrong(&[(RULE, rule.as_str()), (early, &off_again)]),
        [""; 0]
    );
}

#[test]
fn tags_are_stripped_only_if_every_bit_is_set() {
    let both = (
        "vlan: { stripped_when: [CTRL.UNTAG] }",
        "vlan: { stripped_when: [CTRL.UNTAG, CTRL.STRIP] }",
    );
    assert_eq!(wrong(&[both]), [""; 0]);
    let set = (
        "STRIP: 1, KEEP: 1 }",
        "STRIP: 1, KEEP: 1, UNTAG: loopback }",
    );
    let stripped = ["NS0708: the sequences make the NIC strip VLAN tags"];
    assert_eq!(wrong(&[both, set]), stripped);
    // A bit that a reset sets and no step clears.
    let reset = ("reset: 0x00000010", "reset: 0x00002010");
    assert_eq!(wrong(&[reset]), stripped);
    let cleared = ("STRIP: 1, KEEP: 1 }", "STRIP: 1, KEEP: 1, UNTAG: 0 }");
    assert_eq!(wrong(&[reset, cleared]), [""; 0]);
    let never = ("stripped_when: [CTRL.UNTAG]", "stripped_when: []");
    assert_eq!(wrong(&[never]), [""; 0]);
}

#[test]
fn one_register_may_hold_the_mask() {
    let pair = "  mask_set: MASK_SET\n  mask_clear: MASK_CLEAR\n";
    assert_eq!(wrong(&[(pair, "  mask: BURST\n")]), [""; 0]);
    assert_eq!(
        wrong(&[(pair, "  mask: MASK_SET\n")]),
        ["NS0707: `MASK_SET` does not hold the mask"]
    );
    // A mask that cannot be read cannot be restored after an acknowledging write.
    let by_write = [
        (
            "offset: 0x008\n    access: rc\n",
            "offset: 0x008\n    access: w1c\n",
        ),
        ("acknowledge: read", "acknowledge: write"),
    ];
    assert_eq!(wrong(&by_write), [""; 0]);
    let unreadable = ("access: w1s\n", "access: wo\n");
    assert_eq!(
        wrong(&[by_write[0], by_write[1], unreadable]),
        ["NS0707: `MASK_SET` cannot be read"]
    );
    let narrow = ("access: w1s\n", "width: 16\n    access: w1s\n");
    assert_eq!(
        wrong(&[by_write[0], by_write[1], narrow]),
        ["NS0707: `MASK_SET` has 16 bits, and `MASK_CLEAR` has 32"]
    );
    for half in [
        "",
        "  mask_set: MASK_SET\n",
        "  mask: BURST\n  mask_set: MASK_SET\n",
    ] {
        assert_eq!(
            wrong(&[(pair, half)]),
            ["NS0103: `interrupts` takes either `mask`, or both `mask_set` and `mask_clear`"]
        );
    }
}

/// The help text of the only error after an edit of the toy spec.
fn advice(from: &str, to: &str) -> String {
    assert_eq!(TOY.matches(from).count(), 1, "{from}");
    let report = compile("toy.yaml", &TOY.replacen(from, to, 1)).unwrap_err();
    let [finding] = report.findings() else {
        panic!("{}", report.short())
    };
    finding.help().expect("a help text").to_owned()
}

#[test]
fn errors_in_one_line_steps_come_with_help() {
    let each = "- write_each: { MTA: \"multicast[i]\" }";
    assert_eq!(
        advice(each, "- write_each: { MTA: { LOW: 1 } }"),
        "write fields element by element: `for: { n: \"0..2\" }`, and `write: { \"MTA[n]\": { ... } }` in its `do`"
    );
    assert_eq!(
        advice(
            each,
            "- { write_each: { MTA: \"multicast[i]\" }, why: the first one, or all of them }"
        ),
        "inside `{ }` a comma ends a value: quote a value that contains a comma"
    );
}

#[test]
fn rss_key_and_table_fit_their_registers() {
    let reports = |edits: &[(&str, &str)], message: &str| {
        assert_eq!(wrong(edits), [format!("NS0311: {message}")]);
    };
    let key = "    offset: 0x320\n    stride: 4\n    count: 10\n";
    let short = "    offset: 0x320\n    stride: 4\n    count: 9\n";
    reports(&[(key, short)], "`RSSKEY` has 36 octets");
    let table = "entries: 16, bits: 8 }";
    reports(
        &[(table, "entries: 16, bits: 5 }")],
        "16 entries of 5 bits do not fill `RSSTAB`",
    );
    let queues = "section: \"3.6\"\n  queues: 2\n";
    reports(
        &[(queues, "section: \"3.6\"\n  queues: 3\n")],
        "a table entry cannot select 3 queues",
    );
    // `queue_at` leaves no bits for the queue.
    let nothing = "a table entry cannot select 2 queues";
    reports(&[(table, "entries: 16, bits: 8, queue_at: 8 }")], nothing);
    let highest = (table, "entries: 16, bits: 8, queue_at: 7 }");
    assert_eq!(wrong(&[highest]), [""; 0]);
    // As many bits as an entry needs, and no more.
    assert_eq!(wrong(&[(table, "entries: 128, bits: 1 }")]), [""; 0]);
    let start = TOY.find("      - write_each: { RSSTAB").unwrap();
    let line = &TOY[start..start + TOY[start..].find('\n').unwrap() + 1];
    reports(&[(line, "")], "no sequence writes `RSSTAB`");
}

#[test]
fn rss_values_are_not_available_without_rss() {
    let start = TOY.find("rss:\n  section").unwrap();
    let end = TOY.find("statistics:\n").unwrap();
    let found = wrong(&[(&TOY[start..end], "")]);
    let unavailable = |name| format!("NS0507: `{name}` is not available in a spec without `rss`");
    assert_eq!(
        found[..4],
        [
            unavailable("rss.key"),
            unavailable("rss.key"),
            unavailable("rss.key"),
            unavailable("rss.key")
        ]
    );
    assert_eq!(found.len(), 8);
}

#[test]
fn a_counter_in_a_block_needs_a_place_and_a_sequence_that_fills_it() {
    let errors = "{ block: 8, bytes: 4, doc: \"frames dropped\" }";
    for (counter, message) in [
        (
            "{ block: 8, bytes: 3, doc: a }",
            "NS0709: counter `tx_errors` has 3 bytes",
        ),
        (
            "{ block: 10, bytes: 4, doc: a }",
            "NS0709: counter `tx_errors` of 4 bytes lies at byte 10",
        ),
        (
            "{ block: 4096, bytes: 8, doc: a }",
            "NS0115: `block` is out of range: `4096`",
        ),
        (
            "{ block: 4, bytes: 4, doc: a }",
            "NS0709: counter `tx_errors` overlaps `tx_frames`",
        ),
        (
            "{ block: 8, bytes: 4 }",
            "NS0102: counter `tx_errors` has no `doc`",
        ),
        (
            "{ block: 8, doc: a }",
            "NS0102: counter `tx_errors` has no `bytes`",
        ),
        (
            "{ block: 8, bytes: 4, register: GOOD, doc: a }",
            "NS0103: counter `tx_errors` takes either registers, or both `block` and `bytes`",
        ),
    ] {
        assert_eq!(wrong(&[(errors, counter)]), [message], "{counter}");
    }
    let start = TOY.find("  statistics.dump:\n").unwrap();
    let end = TOY.find("\nmodel:\n").unwrap();
    assert_eq!(
        wrong(&[(&TOY[start..end], "")]),
        ["NS0601: there is no sequence `statistics.dump`"]
    );
    let first = TOY.find("  tx_frames: { block").unwrap();
    let last = TOY.find("\norder:\n").unwrap();
    assert_eq!(
        wrong(&[(&TOY[first..last], "")]),
        ["NS0611: nothing runs `statistics.dump`"]
    );
}

#[test]
fn a_counter_is_read_as_32_bits() {
    let good = "    offset: 0x400\n    access: rc\n";
    assert_eq!(
        wrong(&[(good, "    offset: 0x400\n    width: 16\n    access: rc\n")]),
        ["NS0703: counter `rx_frames` cannot be read from `GOOD`"]
    );
}

#[test]
fn a_variant_limit_is_narrower_than_that_of_the_spec() {
    let limits = |a: &str, b: &str| {
        let one = (
            "pci: [\"1234:0001\"]\n",
            format!("pci: [\"1234:0001\"]\n{a}"),
        );
        let other = (
            "pci: [\"1234:0002\"]\n",
            format!("pci: [\"1234:0002\"]\n{b}"),
        );
        wrong(&[(one.0, &one.1), (other.0, &other.1)])
    };
    let both = "    limits: { tx_frame_max: 1000, rx_frame_max: 60 }\n";
    assert_eq!(limits("", both), [""; 0]);
    assert_eq!(limits(both, ""), [""; 0]);
    // Each variant has a different limit, so one variant has each full limit.
    let (sent, received) = (
        "    limits: { tx_frame_max: 1000 }\n",
        "    limits: { rx_frame_max: 1000 }\n",
    );
    assert_eq!(limits(sent, received), [""; 0]);
    assert_eq!(
        limits(both, both),
        [
            "NS0419: every variant has a narrower `tx_frame_max`",
            "NS0419: every variant has a narrower `rx_frame_max`"
        ]
    );
    // The limit of the spec itself, and limits shorter than padded frames.
    for (limit, message) in [
        (
            "rx_frame_max: 1518",
            "NS0419: `rx_frame_max` of a variant must be less than 1518",
        ),
        (
            "rx_frame_max: 59",
            "NS0115: `rx_frame_max` is out of range: `59`",
        ),
        (
            "tx_frame_max: 59",
            "NS0419: `pads_to` (60) must be at most `max` (59)",
        ),
        (
            "tx_ring_max: 12",
            "NS0419: `max` (12) is not a multiple of `multiple` (8)",
        ),
        (
            "rx_ring_min: 8",
            "NS0419: `rx_ring_min` of a variant must be more than 8",
        ),
        (
            "tx_ring_align: 24",
            "NS0419: `tx_ring_align` of a variant must be a multiple of 16, and more",
        ),
        (
            "rx_queues: 2",
            "NS0419: `rx_queues` of a variant must be less than 2",
        ),
        // What the spec and the variant state contradicts each other.
        (
            "tx_ring_min: 8192",
            "NS0419: `min` (8192) must be at most `max` (4096)",
        ),
        (
            "tx_ring_multiple: 16",
            "NS0419: `min` (8) is not a multiple of `multiple` (16)",
        ),
        (
            "tx_ring_align: 48",
            "NS0419: `align` must be a power of two, not 48",
        ),
        (
            "tx_ring_max: 8",
            "NS0419: a frame must have 1 to 7 descriptors, not 8",
        ),
        (
            "tx_frame_min: 1519",
            "NS0419: `min` (1519) must be at most `max` (1518)",
        ),
        (
            "rx_queues: 1",
            "NS0419: RSS spreads over 2 of 1 receive queues",
        ),
        (
            "interrupts_messages_count: 2",
            "NS0419: the spec has no `interrupts.messages.count`",
        ),
    ] {
        assert_eq!(
            limits("", &format!("    limits: {{ {limit} }}\n")),
            [message]
        );
    }
}

#[test]
fn a_doorbell_register_holds_the_indexes_of_its_ring() {
    let width = |width: &str| format!("    count: 2\n    width: {width}\n    access: rw\n");
    let tail = "    offset: 0x110\n    stride: 0x20\n    count: 2\n    access: rw\n";
    let of = |bits: &str| {
        let edited = format!("    offset: 0x110\n    stride: 0x20\n{}", width(bits));
        let mut wrong = wrong(&[(tail, &edited)]);
        wrong.retain(|wrong| wrong.starts_with("NS0411"));
        wrong
    };
    assert_eq!(of("16"), [""; 0]);
    assert_eq!(
        of("8"),
        ["NS0411: the index 4095 does not fit the 8 bits of `TDT`"]
    );
    assert_eq!(
        of("64"),
        ["NS0411: a doorbell has at most 32 bits, but `TDT` has 64"]
    );
}

#[test]
fn registers_and_formats_do_not_reuse_names_of_generated_types() {
    let format = |name: &str| {
        let text = format!(
            "\ndescriptors:\n  {name}:\n    title: Old\n    section: \"3.9\"\n    size: 16\n    fields:\n      \
             ADDRESS: {{ bits: \"31:0\", by: host }}\n      SIZE: {{ bits: \"63:32\", by: host }}\n      REST: {{ bits: \"127:64\", by: host }}\n"
        );
        let mut wrong = wrong(&[("\ndescriptors:\n", &text)]);
        wrong.retain(|wrong| !wrong.starts_with("NS0420"));
        wrong
    };
    assert_eq!(format("old"), [""; 0]);
    for (name, type_name) in [
        ("rx_descriptor", "RxDescriptor"),
        ("tx_descriptor", "TxDescriptor"),
    ] {
        assert_eq!(
            format(name),
            [format!(
                "NS0113: `{name}` becomes `{type_name}`, which generated code already uses"
            )]
        );
    }
    let register = (
        "  FAN:\n",
        "  TX:\n    title: Transmit\n    section: \"4.19\"\n    offset: 0xff8\n    access: rw\n  FAN:\n",
    );
    assert_eq!(
        wrong(&[register]),
        ["NS0113: `tx` becomes `Tx` in generated code, as `TX` does"]
    );
    let register = (
        "  FAN:\n",
        "  LINK:\n    title: Link\n    section: \"4.19\"\n    offset: 0xff8\n    access: rw\n  FAN:\n",
    );
    assert_eq!(
        wrong(&[register]),
        ["NS0113: `LINK` becomes `Link`, which generated code already uses"]
    );
}

#[test]
fn every_limit_of_a_variant_is_in_force_on_it_alone() {
    let narrow = "    limits: { tx_queues: 1, tx_ring_min: 16, tx_ring_max: 64, tx_ring_multiple: 16, tx_ring_align: 32, \
                  tx_ring_address_bits: 32, tx_frame_min: 20, tx_frame_max: 1000, tx_frame_descriptors: 2, rx_queues: 1, \
                  rx_ring_min: 16, rx_ring_max: 64, rx_ring_multiple: 16, rx_ring_align: 512, rx_ring_address_bits: 40, \
                  rx_frame_max: 900, rss_queues: 1 }\n";
    let text = TOY.replacen(
        "    constants: { settle: 20 }\n",
        &format!("    constants: {{ settle: 20 }}\n{narrow}"),
        1,
    );
    let nic = compile("toy.yaml", &text).unwrap_or_else(|report| panic!("{report}"));
    let [wide, narrow] = nic.variants() else {
        panic!("two variants")
    };
    let limits = Limit::ALL.map(|limit| (nic.limit(wide, limit), nic.limit(narrow, limit)));
    assert_eq!(
        limits,
        [
            (2, 1),
            (8, 16),
            (4096, 64),
            (8, 16),
            (16, 32),
            (64, 32),
            (17, 20),
            (1518, 1000),
            (8, 2),
            (2, 1),
            (8, 16),
            (4096, 64),
            (8, 16),
            (256, 512),
            (64, 40),
            (1518, 900),
            (2, 1),
            // It has no MSI-X.
            (0, 0),
        ]
    );
}

/// What a device shows without a link.
fn down(up: &str) -> Result<Vec<(String, u64)>, Vec<String>> {
    let edit = ("  up: \"STATUS.UP\"\n", format!("  up: {up:?}\n"));
    let text = TOY.replacen(edit.0, &edit.1, 1);
    let nic = compile("toy.yaml", &text).map_err(|_| wrong(&[(edit.0, &edit.1)]))?;
    let shown = nic.link().down.iter();
    Ok(shown.map(|shown| (shown.field.name(), shown.is)).collect())
}

#[test]
fn a_device_shows_a_missing_link_by_everything_that_says_so() {
    for (up, shown) in [
        ("STATUS.UP", &[("STATUS.UP", 0)][..]),
        ("not STATUS.UP", &[("STATUS.UP", 1)]),
        (
            "STATUS.UP and not STATUS.READY",
            &[("STATUS.UP", 0), ("STATUS.READY", 1)],
        ),
        (
            "STATUS.UP or STATUS.READY",
            &[("STATUS.UP", 0), ("STATUS.READY", 0)],
        ),
        ("CTRL.SPEED == m100", &[("CTRL.SPEED", 0)]),
        ("CTRL.SPEED == m10", &[("CTRL.SPEED", 1)]),
        (
            "CTRL.SPEED >= 2 and STATUS.UP",
            &[("CTRL.SPEED", 0), ("STATUS.UP", 0)],
        ),
        (
            "not (STATUS.UP and CTRL.SPEED != 3)",
            &[("STATUS.UP", 1), ("CTRL.SPEED", 0)],
        ),
        (
            "variant == A and STATUS.UP or variant == B and STATUS.READY",
            &[("STATUS.UP", 0), ("STATUS.READY", 0)],
        ),
        ("1", &[]),
    ] {
        let shown = shown.iter().map(|&(field, is)| (field.to_owned(), is));
        assert_eq!(down(up), Ok(shown.collect()), "{up}");
    }
    for up in [
        "STATUS.UP or variant == B",
        "STATUS.UP or not STATUS.UP",
        "CTRL.SPEED + 1 == 2",
        "CTRL.SPEED <= 3",
    ] {
        let errors = down(up).unwrap_err();
        assert_eq!(errors, ["NS0509: no device can make `up` false"], "{up}");
    }
}

#[test]
fn a_device_shows_its_own_variant_and_no_earlier_one() {
    let text = TOY.replacen("pci: [\"1234:0002\"]", "pci: [\"1234:0001\"]", 1);
    let first = "    title: Toy A\n    pci: [\"1234:0001\"]\n";
    let text = text.replacen(
        first,
        &format!("{first}    when: \"pci.revision < 3 and STATUS.READY or pci.subsystem.vendor == 0x1234\"\n"),
        1,
    );
    let nic = compile("toy.yaml", &text).unwrap_or_else(|report| panic!("{report}"));
    let shown = |variant: &Variant| {
        let fields = variant.shown.fields.iter();
        let fields = fields.map(|shown| (shown.field.name(), shown.is));
        let pci = variant.shown.pci.iter();
        let pci = pci.map(|&(builtin, is)| (builtin.name().to_owned(), is.into()));
        pci.chain(fields).collect::<Vec<(String, u64)>>()
    };
    let named = |shown: &[(&str, u64)]| {
        let shown = shown.iter().map(|&(name, is)| (name.to_owned(), is));
        shown.collect::<Vec<_>>()
    };
    let [a, b] = nic.variants() else {
        panic!("two variants")
    };
    assert_eq!(shown(a), named(&[("pci.revision", 0), ("STATUS.READY", 1)]));
    assert_eq!(
        shown(b),
        named(&[
            ("pci.revision", 3),
            ("pci.subsystem.vendor", 0),
            ("STATUS.READY", 0)
        ])
    );
}

#[test]
fn a_simulated_device_shows_what_makes_its_variant_answer() {
    let pci = |condition: &str| {
        let text = TOY.replace(
            "    pci: [\"1234:0002\"]\n",
            &format!("    pci: [\"1234:0002\"]\n    when: \"{condition}\"\n"),
        );
        let nic = compile("toy.yaml", &text).unwrap_or_else(|report| panic!("{}", report.short()));
        nic.variants()[1]
            .shown
            .pci
            .iter()
            .map(|(_, value)| *value)
            .collect::<Vec<_>>()
    };
    for (condition, shown) in [
        ("pci.revision < 5 and pci.revision >= 2", [4]),
        ("pci.revision != 0 and pci.revision != 1", [2]),
        ("pci.revision >= 1 and pci.revision != 1", [2]),
        ("7 == pci.revision", [7]),
        ("9 < pci.revision", [10]),
        (
            "(pci.revision == 3 or pci.revision == 4) and not pci.revision == 3",
            [4],
        ),
    ] {
        assert_eq!(pci(condition), shown, "{condition}");
    }
}

#[test]
fn a_later_variant_shows_nothing_that_an_earlier_one_takes() {
    let variants = |first: &str, second: &str| {
        let text = TOY
            .replace(
                "    pci: [\"1234:0001\"]\n",
                &format!("    pci: [\"1234:0001\"]\n    when: \"{first}\"\n"),
            )
            .replace(
                "    pci: [\"1234:0002\"]\n",
                &format!("    pci: [\"1234:0001\"]\n    when: \"{second}\"\n"),
            );
        compile("toy.yaml", &text)
    };
    let nic = variants("CTRL.SPEED == 1", "CTRL.SPEED > 0").unwrap();
    let shown: Vec<u64> = nic.variants()[1]
        .shown
        .fields
        .iter()
        .map(|shown| shown.is)
        .collect();
    assert_eq!(shown, [2]);
    let report = variants("STATUS.UP or CTRL.SPEED + 1 == 2", "CTRL.SPEED > 0").unwrap_err();
    let said: Vec<String> = report
        .findings()
        .iter()
        .map(|finding| finding.to_string())
        .collect();
    assert_eq!(
        said,
        ["no device can show that it is a `B` and no earlier variant"]
    );
}

#[test]
fn the_registers_of_a_ring_differ() {
    let twice = (
        "base_low: RDBAL, base_high: RDBAH }",
        "base_low: RDBAL, base_high: RDBAL }",
    );
    let wrong = wrong(&[twice]);
    let expected = "NS0423: `RDBAL` is `base_low` as well".to_owned();
    assert!(wrong.contains(&expected), "{wrong:?}");
}

#[test]
fn the_received_length_fits_its_field() {
    let field = "      LENGTH: { bits: \"79:64\", by: nic }\n";
    let narrow =
        "      LENGTH: { bits: \"71:64\", by: nic }\n      REST: { bits: \"79:72\", by: nic }\n";
    let wrong = wrong(&[(field, narrow)]);
    let expected = "NS0406: field `LENGTH` is too narrow for the received length".to_owned();
    assert!(wrong.contains(&expected), "{wrong:?}");
}

#[test]
fn the_operation_of_a_phy_access_may_be_a_read() {
    let field = "      OP: { bits: \"27:26\", values: { read: 2 } }\n";
    let wrong = wrong(&[
        (field, "      OP: { bits: 26 }\n"),
        ("OP: read }", "OP: 1 }"),
    ]);
    let expected = "NS0502: the value may not fit `OP`".to_owned();
    assert!(wrong.contains(&expected), "{wrong:?}");
}

#[test]
fn a_ring_of_one_length_needs_no_mark() {
    let mark = ("    end_of_ring: [END]\n", "");
    let ring = "  frame_max: 1518\n  ring: { min: 8, max: 4096, multiple: 8,";
    let of = |min: &str| {
        let edited = format!("  frame_max: 1518\n  ring: {{ min: {min}, max: 4096, multiple: 8,");
        let mut wrong = wrong(&[mark, (ring, &edited)]);
        wrong.retain(|wrong| wrong.starts_with("NS0412"));
        wrong.len()
    };
    assert_eq!((of("4096"), of("4088")), (0, 1));
}

#[test]
fn a_kick_may_keep_what_the_driver_sets() {
    let bell = "  doorbell: { kind: kick, register: BELL, set: [RX], again: true }";
    let of = |rest: &str| {
        let edited = format!("  doorbell: {{ kind: kick, register: RXCTL, set: [SIZE], {rest} }}");
        let mut wrong = wrong(&[(bell, &edited)]);
        wrong.retain(|wrong| wrong.starts_with("NS0422"));
        wrong.len()
    };
    assert_eq!((of("again: true"), of("keep: [ENABLE]")), (1, 0));
}
