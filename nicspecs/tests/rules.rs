//! Each rule's example breaks that rule and no other, and its report reads as reviewed.

mod support;

use nicspecs::{Report, RuleInfo, compile, rules};

fn report_of(rule: &RuleInfo) -> Report {
    compile("toy.yaml", &rule.example()).expect_err(rule.code)
}

#[test]
fn the_toy_spec_breaks_no_rule() {
    if let Err(report) = compile("toy.yaml", nicspecs::TOY) {
        panic!("{}", report.short());
    }
}

#[test]
fn an_example_breaks_its_rule_and_no_other() {
    for rule in rules() {
        let report = report_of(rule);
        let codes: Vec<&str> = report
            .findings()
            .iter()
            .map(|finding| finding.rule().code)
            .collect();
        assert!(
            codes.iter().all(|code| *code == rule.code),
            "{}: {}",
            rule.code,
            report.short()
        );
    }
}

#[test]
fn an_example_is_an_edit_of_the_toy_spec() {
    for rule in rules() {
        for right in rule.right() {
            assert_eq!(
                nicspecs::TOY.matches(right).count(),
                1,
                "{}: {right}",
                rule.code
            );
        }
    }
}

/// The folders of rules and the group of codes that they are for.
const GROUPS: [(&str, &str); 8] = [
    ("file", "NS00"),
    ("form", "NS01"),
    ("identity", "NS02"),
    ("registers", "NS03"),
    ("rings", "NS04"),
    ("expressions", "NS05"),
    ("sequences", "NS06"),
    ("agreement", "NS07"),
];

#[test]
fn a_rule_is_a_file_in_the_folder_of_its_group() {
    let mut found = Vec::new();
    for (folder, group) in GROUPS {
        for layer in ["errors", "check"] {
            let folder = format!("{}/src/{layer}/{folder}", env!("CARGO_MANIFEST_DIR"));
            let files = std::fs::read_dir(folder).into_iter().flatten();
            for path in files.map(|entry| entry.unwrap().path()) {
                let text = std::fs::read_to_string(&path).unwrap();
                let stem = path.file_stem().unwrap().to_str().unwrap();
                let defined = text.split_once("RuleInfo::new(\n    \"");
                match defined.map(|(_, rest)| &rest[..6]) {
                    Some(code) => {
                        assert_eq!(&code[..4], group, "{}", path.display());
                        found.push(code.to_owned());
                    }
                    None => assert!(
                        stem == "mod" || text.contains(&format!("use crate::errors::{stem}::")),
                        "{} has no rule",
                        path.display()
                    ),
                }
            }
        }
    }
    found.sort();
    assert!(found.iter().eq(rules().map(|rule| rule.code)));
}

#[test]
fn codes_are_sorted_and_unique() {
    let codes: Vec<&str> = rules().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 6 && code.starts_with("NS"))
    );
}

#[test]
fn messages_have_one_style() {
    for rule in rules() {
        assert!(
            rule.doc.ends_with('.') && !rule.title.ends_with('.'),
            "{}",
            rule.code
        );
        for finding in report_of(rule).findings() {
            let message = finding.to_string();
            assert!(
                !message.ends_with('.') && !message.to_lowercase().contains("invalid"),
                "{message}"
            );
            assert_eq!(message.matches('`').count() % 2, 0, "{message}");
        }
    }
}

#[test]
fn reports_read_as_reviewed() {
    for rule in rules() {
        let report = report_of(rule);
        let findings: String = report.findings().iter().map(support::finding).collect();
        let text = format!("{}\n{findings}", report.short());
        insta::with_settings!({ description => rule.doc, omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{}", rule.code), text);
        });
    }
}
