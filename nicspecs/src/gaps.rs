//! Facts that are missing in a spec: their places, and where to find them in a datasheet.

mod fill;

pub(crate) use fill::GAP;
pub use fill::with_gaps;

use crate::diagnostic::{FindingDraft, Findings, Span};
use crate::errors::gap;
use crate::lifecycle;
use crate::schema;
use crate::tree::{Kind, Tree};

/// What to look up for a key whose name says it.
const ANYTHING_ELSE: &str = "docs/src/spec-language.md describes the value of this key; look for its name in the table of contents of the datasheet";

/// Whether a text without quotes stands for a value that is missing: looked up later, not there, or removed.
pub(crate) fn is_marker(text: &str) -> bool {
    text == GAP || schema::scalar(text) == schema::Scalar::Null
}

/// The gaps of a spec, in its order.
pub(crate) struct Gaps {
    found: Vec<(Span, FindingDraft)>,
}

impl Gaps {
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut found = Vec::new();
        schema::walk(tree, &mut |site| {
            if matches!(tree.kind(site.node), Kind::Scalar { text, plain: true, .. } if text == GAP)
            {
                let span = tree.span(site.node);
                let look_up = look_up(site).unwrap_or(ANYTHING_ELSE);
                found.push((span, gap::finding(span, &site.path.join("."), look_up)));
            }
        });
        Self { found }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The gaps, and those other findings that do not depend on the missing facts: the ones about the form of the text.
    pub(crate) fn report(self, findings: &mut Findings) {
        let spans: Vec<Span> = self.found.iter().map(|(span, _)| *span).collect();
        findings.retain(|draft| {
            let about_form = ["NS00", "NS01"]
                .iter()
                .any(|group| draft.code().starts_with(group));
            about_form && !spans.contains(&draft.span())
        });
        for (_, draft) in self.found {
            findings.add(draft);
        }
    }
}

/// Where a datasheet describes the value of a place; for a sequence that the port calls, what its steps do.
fn look_up(site: &schema::Site<'_, '_>) -> Option<&'static str> {
    let port = match site.path {
        [chapter, name, key] if chapter == "sequences" && key == "steps" => lifecycle::port(name),
        _ => None,
    };
    port.map(|port| port.find).or_else(|| site.find())
}

#[cfg(test)]
mod tests {
    use crate::schema;

    /// What is said of the one gap of the toy spec with `gap` instead of `fact`.
    fn look_up(fact: &str, gap: &str) -> String {
        assert_eq!(crate::TOY.matches(fact).count(), 1, "{fact}");
        let text = crate::TOY.replace(fact, gap);
        let report = crate::compile("toy.yaml", &text).unwrap_err();
        let gaps: Vec<_> = report
            .findings()
            .iter()
            .filter(|finding| finding.is_gap())
            .collect();
        assert_eq!(gaps.len(), 1, "{}", report.short());
        gaps[0].help().unwrap().to_owned()
    }

    #[test]
    fn a_gap_names_the_place_in_the_datasheet() {
        for (fact, gap, said) in [
            (
                "    offset: 0x000\n",
                "    offset: TODO\n",
                "register table",
            ),
            ("align: 256", "align: TODO", "multiple of"),
            ("title: Toy NIC", "title: TODO", "title page"),
            (
                "pci: [\"1234:0001\"",
                "pci: [TODO",
                "vendor and device id, such as",
            ),
            (
                "    steps:\n      - let: { low: SAL }\n      - let: { high: SAH }",
                "    steps: TODO\n    why:",
                "read the MAC address",
            ),
            (
                "    steps:\n      - write: { MDIC: { REG",
                "    steps: TODO\n    why:\n      - write: { MDIC: { REG",
                "in the datasheet's order",
            ),
        ] {
            let look_up = look_up(fact, gap);
            assert!(look_up.contains(said), "{gap}: {look_up}");
        }
    }

    #[test]
    fn help_for_a_gap_is_no_sentence() {
        let maps = schema::places();
        let keys = maps.iter().flat_map(|place| place.map.keys());
        let look_up = keys.filter_map(|key| key.find);
        let ports = crate::lifecycle::PORT.iter().map(|port| port.find);
        for look_up in look_up.chain(ports) {
            assert!(!look_up.ends_with('.'), "{look_up}");
        }
    }
}
