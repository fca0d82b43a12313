//! Bugs of hand-written netmap adapters, by the numbers of their reports (github.com/luigirizzo/netmap/issues): rules
//! refuse them in a real spec.
//!
//! Those that only a running port can show are in the conformance suite's chapter `bugs`.

/// The spec of that file name with some parts replaced, each of which occurs once.
fn edited(spec: &str, edits: &[(&str, &str)]) -> String {
    let files = nicspecs::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap();
    let file = files
        .into_iter()
        .find(|file| file.path.file_name().is_some_and(|name| name == spec));
    let mut text = file.expect("a spec of that name").text;
    for (right, wrong) in edits {
        assert_eq!(text.matches(right).count(), 1, "{right}");
        text = text.replace(right, wrong);
    }
    text
}

/// Asserts that a spec is refused by a rule, with these words.
#[track_caller]
fn refused(spec: &str, edits: &[(&str, &str)], code: &str, words: &str) {
    let Err(report) = nicspecs::compile(spec, &edited(spec, edits)) else {
        panic!("{spec} compiles");
    };
    let found = report
        .findings()
        .iter()
        .any(|finding| finding.rule().code == code && finding.to_string().contains(words));
    assert!(found, "{code}, {words}:\n{}", report.short());
}

/// A macro for SRRCTL wrote to the address of TDH.
#[test]
fn report_849_two_registers_at_one_place_are_refused() {
    let moved = [("offset: 0x0c00c", "offset: 0x0e010")];
    refused("82576.yaml", &moved, "NS0303", "`TDH` overlaps `SRRCTL`");
}

#[test]
fn report_849_a_register_is_written_with_its_own_fields() {
    let mixed_up = [(
        r#""SRRCTL[queue]": { BSIZEPACKET"#,
        r#""TDH[queue]": { BSIZEPACKET"#,
    )];
    refused(
        "82576.yaml",
        &mixed_up,
        "NS0501",
        "`TDH` has no field `BSIZEPACKET`",
    );
}

/// A read-only and a write-only register may share a place, if they cover the same bytes.
#[test]
fn registers_of_one_place_have_one_width() {
    let pair = |width: &str| {
        let pair = format!(
            "  SPARE_STATE: {{ title: State, section: \"4.9\", offset: 0xf00, access: ro }}\n  \
             SPARE_ORDER: {{ title: Order, section: \"4.9\", offset: 0xf00, access: wo{width} }}\n"
        );
        nicspecs::TOY.replacen("  BELL:\n", &format!("{pair}  BELL:\n"), 1)
    };
    let overlaps = |spec: &str| {
        let report = nicspecs::compile("toy.yaml", spec).err();
        report.is_some_and(|report| report.short().contains("NS0303"))
    };
    assert!(!overlaps(&pair("")));
    assert!(overlaps(&pair(", width: 16")));
}

/// Four bytes too few: the adapter subtracted a CRC that the NIC had already stripped.
#[test]
fn report_169_two_units_that_disagree_about_the_crc_are_refused() {
    let once = [("CRCSTRIP: strip_crc, ", "CRCSTRIP: 0, ")];
    refused(
        "82599.yaml",
        &once,
        "NS0702",
        "`RDRXCTL.CRCSTRIP` is never set, and `HLREG0.RXCRCSTRP` is set by `strip_crc`",
    );
}

/// The adapter read a position that the NIC never writes.
#[test]
fn report_860_head_writeback_without_its_registers_is_refused() {
    const SCHEME: &str = "    - { scheme: head_register }\n";
    let without = "    - { scheme: head_writeback }\n";
    refused(
        "8254x.yaml",
        &[(SCHEME, without)],
        "NS0102",
        "`completion` has no `low`",
    );
    let made_up = "    - { scheme: head_writeback, low: TDWBAL, high: TDWBAH, enable: EN }\n";
    refused(
        "8254x.yaml",
        &[(SCHEME, made_up)],
        "NS0501",
        "there is no register `TDWBAL`",
    );
}
