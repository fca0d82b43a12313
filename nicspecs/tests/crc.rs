//! Whether the NIC strips the CRC follows from the sequences; otherwise the spec is refused.

use nicspecs::ir::Stripped;
use nicspecs::{Report, compile};

/// The step that sets both bits.
const STEP: &str = "      - modify: { CTRL: { LOOP: loopback, SPEED: m100, STRIP: 1, KEEP: 1 } }\n";

/// The toy spec with a switch and other steps in place of that one.
fn with(steps: &[&str]) -> Result<Stripped, Report> {
    let options = "options:\n";
    let switch = "options:\n  strip: { default: 1, max: 1, doc: \"strip the CRC\" }\n  size: { default: 1, max: 9, doc: \"a size\" }\n";
    // These steps use both options and the constants in every case.
    let used = [
        "modify: { CTRL: { LOOP: loopback, SPEED: m100 } }",
        "write: { \"TXCTL[0]\": { THRESHOLD: size } }",
        "if: strip\n        then:\n          - barrier: publish",
    ];
    let step = |step: &&str| format!("      - {step}\n");
    let steps: String = used.iter().chain(steps).map(step).collect();
    for text in [options, STEP] {
        assert_eq!(nicspecs::TOY.matches(text).count(), 1, "{text}");
    }
    let toy = nicspecs::TOY.replace(options, switch).replace(STEP, &steps);
    let nic = compile("toy.yaml", &toy)?;
    Ok(nic.rx().crc.stripped.clone())
}

fn decided(steps: &[&str]) -> String {
    match with(steps) {
        Ok(Stripped::Never) => "never".to_owned(),
        Ok(Stripped::Always) => "always".to_owned(),
        Ok(Stripped::Choice(choice)) => choice.name.clone(),
        Err(report) => panic!("{}", report.short()),
    }
}

#[test]
fn bits_are_set_always_never_or_by_one_boolean_option() {
    let cases: [(&[&str], &str); 12] = [
        (&[], "never"),
        (&["modify: { CTRL: { STRIP: 0, KEEP: 0 } }"], "never"),
        (&["modify: { CTRL: { STRIP: 1, KEEP: 1 } }"], "always"),
        (&["set: CTRL.STRIP", "set: CTRL.KEEP"], "always"),
        (
            &["modify: { CTRL: { STRIP: strip, KEEP: strip } }"],
            "strip",
        ),
        (
            &[
                "modify: { CTRL: { STRIP: strip } }",
                "modify: { CTRL: { KEEP: strip } }",
            ],
            "strip",
        ),
        // The last step has priority.
        (
            &[
                "modify: { CTRL: { STRIP: 1, KEEP: 1 } }",
                "modify: { CTRL: { STRIP: strip, KEEP: strip } }",
            ],
            "strip",
        ),
        (
            &[
                "modify: { CTRL: { STRIP: strip, KEEP: strip } }",
                "write: { CTRL: { SPEED: m100 } }",
            ],
            "never",
        ),
        // A conditional step has priority, too.
        (
            &["if: strip\n        then:\n          - modify: { CTRL: { STRIP: 1, KEEP: 1 } }"],
            "strip",
        ),
        (
            &[
                "modify: { CTRL: { STRIP: 1, KEEP: 1 } }",
                "if: \"not strip\"\n        then:\n          - modify: { CTRL: { STRIP: 0, KEEP: 0 } }",
            ],
            "strip",
        ),
        (
            &[
                "if: strip\n        then:\n          - modify: { CTRL: { STRIP: strip, KEEP: 1 } }\n        else:\n          - modify: { CTRL: { STRIP: 0, KEEP: strip } }",
            ],
            "strip",
        ),
        (
            &[
                "if: \"variant == B\"\n        then:\n          - modify: { CTRL: { STRIP: strip, KEEP: strip } }\n        else:\n          - modify: { CTRL: { STRIP: strip, KEEP: strip } }",
            ],
            "strip",
        ),
    ];
    for (steps, expected) in cases {
        assert_eq!(decided(steps), expected, "{steps:?}");
    }
}

#[test]
fn contradictory_bits_are_reported_with_the_value_of_each() {
    let cases: [(&[&str], &str); 4] = [
        (
            &["set: CTRL.STRIP"],
            "`CTRL.KEEP` is never set, and `CTRL.STRIP` is always set",
        ),
        (
            &["set: CTRL.KEEP"],
            "`CTRL.KEEP` is always set, and `CTRL.STRIP` is never set",
        ),
        (
            &["modify: { CTRL: { STRIP: 1, KEEP: strip } }"],
            "`CTRL.KEEP` is set by `strip`, and `CTRL.STRIP` is always set",
        ),
        (
            &["modify: { CTRL: { STRIP: strip, KEEP: loopback } }"],
            "`CTRL.KEEP` is set by `loopback`, and `CTRL.STRIP` is set by `strip`",
        ),
    ];
    for (steps, message) in cases {
        refused(steps, message);
    }
}

#[test]
fn a_bit_that_is_neither_constant_nor_an_option_is_refused() {
    let unknown = "`CTRL.STRIP` must be constant or follow one boolean option";
    let cases: [&[&str]; 6] = [
        &["modify: { CTRL: { STRIP: \"not strip\", KEEP: \"not strip\" } }"],
        &["modify: { CTRL: { STRIP: \"strip and loopback\", KEEP: \"strip and loopback\" } }"],
        &["modify: { CTRL: { STRIP: \"size > 3\", KEEP: \"size > 3\" } }"],
        &[
            "if: \"variant == B\"\n        then:\n          - modify: { CTRL: { STRIP: 1, KEEP: 1 } }",
        ],
        &[
            "if: loopback\n        then:\n          - modify: { CTRL: { STRIP: strip, KEEP: strip } }",
        ],
        &["if: \"not strip\"\n        then:\n          - modify: { CTRL: { STRIP: 1, KEEP: 1 } }"],
    ];
    for steps in cases {
        refused(steps, unknown);
    }
}

fn refused(steps: &[&str], message: &str) {
    let report = with(steps).expect_err(message);
    let findings: Vec<_> = report.findings().iter().collect();
    assert_eq!(findings.len(), 1, "{}", report.short());
    assert_eq!(findings[0].rule().code, "NS0702");
    assert!(report.short().contains(message), "{}", report.short());
}
