//! Reports on several specs: each error once, with the specs that inherit it.

mod support;

use nicspecs::{Report, SpecFile, TOY};

fn heir(name: &str, rest: &str) -> SpecFile {
    let [a, b] = ["A", "B"].map(|variant| {
        let id = name.len() * 16 + usize::from(variant == "B");
        format!("  - {{ name: {variant}, title: Heir {variant}, pci: [\"1234:{id:04x}\"] }}\n")
    });
    let nic = format!("nic: {{ name: {name}, title: Heir, datasheet: Heir }}");
    SpecFile::new(
        format!("{name}.yaml"),
        format!("like: toy\n\n{nic}\n\nvariants:\n{a}{b}\n{rest}"),
    )
}

fn joined(specs: &[SpecFile]) -> Vec<Report> {
    let specs = nicspecs::together(specs);
    let reports = specs.iter().map(SpecFile::compile);
    Report::joined(reports.filter_map(Result::err).collect())
}

fn short(reports: &[Report]) -> String {
    reports.iter().map(Report::short).collect()
}

#[test]
fn an_error_that_heirs_share_is_shown_once_and_names_them() {
    let toy = TOY
        .replace("flush: STATUS", "flush: STATSU")
        .replace("    offset: 0x004\n", "    offset: 0xo04\n");
    let toy = SpecFile::new("toy.yaml", toy);
    // The second one has errors of its own, one of them in the file of the base spec.
    let specs = [
        heir("a_1", ""),
        heir("a_22", "registers: { BURST: null, GOOD: { access: r0 } }\n"),
        toy,
    ];
    let reports = joined(&specs);
    assert_eq!(reports.len(), 2, "{}", short(&reports));
    let text = short(&reports) + &support::finding(&reports[1].findings()[0]);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("joined", text);
    });
}

#[test]
fn a_syntax_error_of_the_base_spec_is_shown_once() {
    let specs = [heir("heir", ""), SpecFile::new("toy.yaml", "nic: [\n")];
    let reports = joined(&specs);
    let [report] = reports.as_slice() else {
        panic!("{}", short(&reports));
    };
    assert_eq!(report.name(), "toy.yaml");
    assert!(report.findings()[0].heirs().eq(["heir"]));
}

#[test]
fn an_id_of_two_specs_is_shown_once() {
    let mut other = heir("heir", "");
    other.text = other.text.replace("1234:0040", "1234:0001");
    // The report on the base spec comes first, although its file is the second one.
    let reports = joined(&[other, SpecFile::new("toy.yaml", TOY)]);
    let text = short(&reports);
    assert!(text.starts_with("toy.yaml:10:11: NS0202"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn an_error_that_only_heirs_have_stays_with_each() {
    let specs = [
        heir("a_1", "registers: { BURST: null }\n"),
        heir("a_22", "registers: { BURST: null }\n"),
        SpecFile::new("toy.yaml", TOY),
    ];
    let reports = joined(&specs);
    assert_eq!(reports.len(), 2, "{}", short(&reports));
    for report in &reports {
        assert!(report.findings().iter().all(|finding| finding.only_heirs()));
    }
}
