//! What authors write that YAML or the language reads in another way: the message names the cure.

use std::fmt::Write as _;

use nicspecs::TOY;

/// Correct text of the toy spec, and what an author writes.
const TRAPS: &[(&str, &str)] = &[
    // Elements of arrays as keys.
    ("\"TDT[queue]\": 0", "TDT[queue]: 0"),
    (
        "{ \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }",
        "{ TXCTL[queue]: { THRESHOLD: 0, ENABLE: 1 } }",
    ),
    (
        "field: \"TXCTL[queue].THRESHOLD\", is: 0",
        "field: TXCTL[queue].THRESHOLD, is: 0",
    ),
    (
        "enable: [\"TXCTL[queue].ENABLE\"]",
        "enable: [TXCTL[queue].ENABLE]",
    ),
    ("return: [\"low & 255\"", "return: [mac[0]"),
    ("title: Device Control", "title: { ämac[0] }"),
    // An element that needs no quotes stands above the error.
    (
        "      - clear: \"TXCTL[queue].ENABLE\"\n",
        "      - clear: TXCTL[queue].ENABLE\n      - clear: a: b\n",
    ),
    // Colons.
    ("title: Device Control", "title: Device: Control"),
    (
        "doc: \"resets the device; clears itself\"",
        "doc: resets: clears itself",
    ),
    (
        "otherwise: the device is not ready",
        "otherwise: error: not ready",
    ),
    ("    offset: 0x004\n", "    offset:0x004\n"),
    ("LOOP: { bits: 1 }", "LOOP: { bits:1 }"),
    ("      LOOP: { bits: 1 }", "      LOOP:{ bits: 1 }"),
    ("DATA: { bits: \"15:0\" }", "DATA: { bits: 15: 0 }"),
    // Commas.
    (
        "doc: \"resets the device; clears itself\"",
        "doc: resets the device, clears itself",
    ),
    ("doc: \"every frame is returned\"", "doc: frames, every"),
    ("doc: \"every frame is returned\"", "doc: frames,returned"),
    (
        "every: 10us, within: 1ms, on_timeout",
        "every: 10us within: 1ms, on_timeout",
    ),
    (
        "until: \"STATUS.READY\", every: 10us, within: 1ms, on",
        "until: \"STATUS.READY\" every: 10us, within: 1ms, on",
    ),
    // Braces and brackets.
    ("title: Device Control", "title: {Device} Control"),
    ("title: Device Control", "title: [Device] Control"),
    ("doc: \"every frame is returned\"", "doc: {every} frame"),
    ("LOOP: { bits: 1 }", "LOOP: { bits: 1"),
    // First letters.
    ("title: Device Control", "title: @Device Control"),
    ("title: Device Control", "title: `Device` Control"),
    ("title: Device Control", "title: %Device Control"),
    ("title: Device Control", "title: *Device Control"),
    ("title: Device Control", "title: &Device Control"),
    ("title: Device Control", "title: !Device Control"),
    ("title: Device Control", "title: | Device Control"),
    ("title: Device Control", "title: > Device Control"),
    ("title: Device Control", "title: \"Device\" Control"),
    ("title: Device Control", "title: 'tis Device Control"),
    ("title: Device Control", "title: - Device Control"),
    // Hashes.
    ("title: Device Control", "title: Device #1"),
    ("doc: \"every frame is returned\"", "doc: frame #1"),
    ("up: \"STATUS.UP\"", "up: STATUS.UP #1"),
    // Indents and dashes.
    ("    title: Device Control\n", "\ttitle: Device Control\n"),
    (
        "    title: Device Control\n",
        "    title:\tDevice Control\n",
    ),
    (
        "    title: Device Control\n",
        "     title: Device Control\n",
    ),
    ("      - delay: 10us\n", "      -delay: 10us\n"),
    // Words and numbers.
    ("    must_write: true\n", "    must_write: yes\n"),
    ("    may_sleep: false\n", "    may_sleep: off\n"),
    ("    must_write: true\n", "    must_write: \"true\"\n"),
    ("    must_write: true\n", "    must_write: True\n"),
    ("    offset: 0x004\n", "    offset: 004\n"),
    ("    offset: 0x004\n", "    offset: 0X4\n"),
    ("    offset: 0x004\n", "    offset: \"0x4\"\n"),
    ("    offset: 0x004\n", "    offset: 4h\n"),
    ("    section: \"4.2\"\n", "    section: 4.2\n"),
    (
        "queues: 2\n  restart: queue",
        "queues: 1_000\n  restart: queue",
    ),
    // Keys.
    (
        "    title: Device Control\n",
        "    title: Device Control\n    title: Control\n",
    ),
    ("    title: Device Control\n", "    Title: Device Control\n"),
    ("    title: Device Control\n", "    title Device Control\n"),
    (
        "    title: Device Control\n",
        "    \"title\" Device Control\n",
    ),
    ("pci: [\"1234:0001\"]", "pci: 1234:0001"),
    ("title: Device Control", "title:"),
];

/// Unquoted, and read as they are meant.
const FINE: &[(&str, &str)] = &[
    ("DATA: { bits: \"15:0\" }", "DATA: { bits: 15:0 }"),
    ("pci: [\"1234:0001\"]", "pci: [1234:0001]"),
    ("up: \"STATUS.UP\"", "up: STATUS.UP # link"),
    (
        "      - clear: \"TXCTL[queue].ENABLE\"\n",
        "      - clear: TXCTL[queue].ENABLE\n",
    ),
];

fn edited((right, wrong): (&str, &str)) -> String {
    assert!(TOY.contains(right), "{right}");
    TOY.replacen(right, wrong, 1)
}

#[test]
fn the_message_names_the_cure() {
    let mut text = String::new();
    for &trap in TRAPS {
        let _ = writeln!(text, "{}", trap.1.trim_end_matches('\n'));
        match nicspecs::compile("toy.yaml", &edited(trap)) {
            Ok(_) => text.push_str("    no error\n"),
            Err(report) => {
                for finding in report.findings().iter().take(3) {
                    let _ = writeln!(text, "    {}", finding.short());
                    if !finding.label().is_empty() {
                        let _ = writeln!(text, "        {}", finding.label());
                    }
                    if let Some(help) = finding.help() {
                        let _ = writeln!(text, "        help: {help}");
                    }
                }
            }
        }
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("traps", text);
    });
}

#[test]
fn what_needs_no_quotes_is_read_without_them() {
    for &fine in FINE {
        if let Err(report) = nicspecs::compile("toy.yaml", &edited(fine)) {
            panic!("{}: {}", fine.1, report.short());
        }
    }
}

/// Names of each kind, misspelt.
const MISSPELT: &[(&str, &str)] = &[
    ("SPEED: m100", "SPEED: m1000"),
    ("SPEED: m100", "SPEED: gigabit"),
    ("CTRL.SPEED == m10", "CTRL.SPEED == m_10"),
    ("CTRL.SPEED == m10", "CTRL.SPEED == slow"),
    ("STATUS.UP\"\n  speeds", "STATUS.UP == up\"\n  speeds"),
    ("LOOP: loopback", "LOOP: loopbak"),
    ("sleep: settle ms", "sleep: setle ms"),
    ("constants: { settle: 20 }", "constants: { setle: 20 }"),
    ("variant == B", "variant == b"),
    ("only_on: [B]", "only_on: [Toy_B]"),
    ("run: phy.read", "run: phy.raed"),
    ("modes: [intx]", "modes: [intxx]"),
    ("format: tx, field: DONE", "format: txd, field: DONE"),
    ("format: rx\n", "format: rxd\n"),
    ("scheme: head_register", "scheme: head_registre"),
    (
        "completion == head_writeback",
        "completion == head_write_back",
    ),
    (
        "set: { ADDRESS: slot.address",
        "set: { ADRESS: slot.address",
    ),
    ("LENGTH: slot.length", "LENGTH: slot.lenght"),
    (
        "first: [FIRST]\n    last: [LAST]",
        "first: [FRST]\n    last: [LAST]",
    ),
    ("kind: kick", "kind: kik"),
    ("counts: rx_frames", "counts: rx_frame"),
    ("restart: queue", "restart: queues"),
    ("multicast[i]", "multicats[i]"),
    ("counts: tx_frames", "counst: tx_frames"),
    ("phy.read:", "phy.raed:"),
    ("tx.enable:", "tx.enabel:"),
    ("with: { register: 1 }", "with: { registr: 1 }"),
    ("set: CTRL.RST", "set: CTRL.RTS"),
    ("set: CTRL.RST", "set: CTLR.RST"),
];

#[test]
fn a_misspelt_name_suggests_those_of_its_kind() {
    let mut text = String::new();
    for &misspelt in MISSPELT {
        let _ = writeln!(text, "{}", misspelt.1.trim_end_matches('\n'));
        let Err(report) = nicspecs::compile("toy.yaml", &edited(misspelt)) else {
            panic!("{} is no error", misspelt.1);
        };
        for finding in report.findings().iter().take(2) {
            let _ = writeln!(text, "    {}", finding.short());
            if !finding.label().is_empty() {
                let _ = writeln!(text, "        {}", finding.label());
            }
            if let Some(help) = finding.help() {
                let _ = writeln!(text, "        help: {help}");
            }
        }
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("misspelt", text);
    });
}
