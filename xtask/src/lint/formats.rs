//! Reports for programs: JSON, and the commands of GitHub's workflows.

use nicspecs::{FilePlace, Finding, Report};
use serde_json::{Value, json};

/// One document: what was found, and how much.
pub fn json(specs: usize, reports: &[Report]) -> Value {
    let findings: Vec<&Finding> = reports.iter().flat_map(Report::findings).collect();
    let gaps = findings.iter().filter(|finding| finding.is_gap()).count();
    let left_out: usize = reports.iter().map(Report::left_out).sum();
    json!({
        "specs": specs,
        "errors": findings.len() - gaps,
        "gaps": gaps,
        "left_out": left_out,
        "findings": findings.into_iter().map(of_finding).collect::<Vec<_>>(),
    })
}

fn of_finding(finding: &Finding) -> Value {
    let related = finding
        .related_places()
        .map(|(place, message)| with_place(json!({ "message": message }), place));
    let rule = finding.rule();
    let value = json!({
        "code": rule.code,
        "title": rule.title,
        "severity": if finding.is_gap() { "gap" } else { "error" },
        "message": finding.to_string(),
        "label": finding.label(),
        "help": finding.help(),
        "related": related.collect::<Vec<_>>(),
        "heirs": finding.heirs().collect::<Vec<_>>(),
        "only_heirs": finding.only_heirs(),
    });
    with_place(value, finding.place())
}

fn with_place(mut value: Value, place: FilePlace<'_>) -> Value {
    value["file"] = place.file.into();
    value["line"] = place.line.into();
    value["column"] = place.column.into();
    value["end_line"] = place.end_line.into();
    value["end_column"] = place.end_column.into();
    value
}

/// A line for each finding: `::error file=...,line=...::message`.
/// See "Workflow commands for GitHub Actions" in GitHub's documentation.
pub fn github(reports: &[Report]) -> String {
    let findings = reports.iter().flat_map(Report::findings);
    let mut lines: String = findings.map(annotation).collect();
    lines.extend(
        reports
            .iter()
            .filter_map(Report::others)
            .map(|others| format!("::error::{}\n", data(others.trim_end()))),
    );
    lines
}

fn annotation(finding: &Finding) -> String {
    let place = finding.place();
    let rule = finding.rule();
    let mut message = finding.to_string();
    let heirs: Vec<&str> = finding.heirs().collect();
    if !heirs.is_empty() {
        message.push_str(&format!("\ninherited by: {}", heirs.join(", ")));
    }
    for (place, what) in finding.related_places() {
        let FilePlace { file, line, .. } = place;
        message.push_str(&format!("\n{file}:{line}"));
        if !what.is_empty() {
            message.push_str(&format!(": {what}"));
        }
    }
    if let Some(help) = finding.help() {
        message.push_str(&format!("\nhelp: {help}"));
    }
    format!(
        "::error file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
        property(place.file),
        place.line,
        place.column,
        place.end_line,
        place.end_column,
        property(&format!("{}: {}", rule.code, rule.title)),
        data(&message)
    )
}

/// Text behind the second `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use nicspecs::{Report, SpecFile, TOY};

    use super::{github, json, property};

    /// An error that an heir shares, one that only the heir has, one with a related place, a gap, and letters of more bytes.
    fn reports() -> Vec<Report> {
        let toy = TOY
            .replace("flush: STATUS", "flush: STATSU")
            .replace("title: Toy A", "title: Tóy A, 100% \"new\"")
            .replace("offset: 0x020", "offset: 0x01c");
        let heir = |name: &str, sheet: &str, id: u32| {
            let text = format!(
                "like: toy\n\nnic: {{ name: {name}, title: Heir, datasheet: {sheet} }}\n\nvariants:\n  \
                 - {{ name: A, title: Heir A, pci: [\"1234:{id:04x}\"] }}\n  \
                 - {{ name: B, title: Heir B, pci: [\"1234:{:04x}\"] }}\n\n\
                 registers: {{ GOOD: {{ access: r0 }} }}\n",
                id + 1
            );
            SpecFile::new(format!("nicspecs/{name}.yaml"), text)
        };
        let toy = SpecFile::new("nicspecs/toy.yaml", toy);
        let specs = [toy, heir("heir", "Heir", 3), heir("draft", "TODO", 5)];
        let specs = nicspecs::together(&specs);
        let reports = specs.iter().filter_map(|spec| spec.compile().err());
        Report::joined(reports.collect())
    }

    #[test]
    fn json_has_everything_that_a_report_shows() {
        insta::assert_snapshot!(format!("{:#}", json(3, &reports())));
        insta::assert_snapshot!("json_without_errors", format!("{:#}", json(3, &[])));
    }

    #[test]
    fn a_command_of_github_is_one_line_for_each_error() {
        let commands = github(&reports());
        let findings: usize = reports().iter().map(|report| report.findings().len()).sum();
        assert_eq!(commands.lines().count(), findings);
        insta::assert_snapshot!(commands);
        assert_eq!(property("a:b,c%\r\n"), "a%3Ab%2Cc%25%0D%0A");
    }
}
