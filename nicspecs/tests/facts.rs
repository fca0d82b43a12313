//! Facts that sequences have to agree with, beyond the one example of each rule.

use nicspecs::{TOY, compile};

/// What is wrong with the toy spec after some edits, one line a mistake, without the place.
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

/// The toy's order rule, and the same with another one behind it.
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
        ["NS0701: `RDBAL` is written before `RDBAH` is written"]
    );
    let kept = [(RULE, high_first.as_str()), (&wrong_order, &right_order)];
    assert_eq!(wrong(&kept), [""; 0]);
}

#[test]
fn a_field_is_set_before_a_register_is_written() {
    let rule = and_rule("{ first: [RXCTL.ENABLE], then: RDT, section: \"6.5\" }");
    let early = "      - write: { \"RDT[queue]\": 0 }\n      - write: { \"RXCTL[queue]\": { SIZE: \"buffer.size >> 10\", ENABLE: 1 } }\n";
    let enable =
        "      - write: { \"RXCTL[queue]\": { SIZE: \"buffer.size >> 10\", ENABLE: 1 } }\n";
    let late = format!("{enable}      - write: {{ \"RDT[queue]\": 0 }}\n");
    assert_eq!(
        wrong(&[(RULE, &rule)]),
        ["NS0701: `RDT` is written before `RXCTL.ENABLE` is set"]
    );
    let kept = [(RULE, rule.as_str()), (early, &late)];
    assert_eq!(wrong(&kept), [""; 0]);
    // Set and cleared again is not set.
    let cleared = format!(
        "{enable}      - clear: \"RXCTL[queue].ENABLE\"\n      - write: {{ \"RDT[queue]\": 0 }}\n"
    );
    assert_eq!(
        wrong(&[(RULE, &rule), (early, &cleared)]),
        ["NS0701: `RDT` is written before `RXCTL.ENABLE` is set"]
    );
    // What the field does afterwards is nobody's business.
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
    let stripped = ["NS0708: the sequences leave the NIC stripping VLAN tags"];
    assert_eq!(wrong(&[both, set]), stripped);
    // A bit that a reset leaves set, and that nobody clears.
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
