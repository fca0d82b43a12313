//! A key that says what holds without it is left out.

use crate::diagnostic::{FindingDraft, Findings, NodeId};
use crate::draft::Draft;
use crate::errors::says_nothing::{RULE, finding};
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Place, Step};
use crate::tree::{Kind, Tree, same};

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    defaults(tree, tree.root(), &mut Vec::new(), findings);
    overrides(draft, findings);
    for register in &draft.registers {
        if let Some(only_on) = tree.get(register.node, "only_on")
            && register.variants.is_all()
        {
            findings.add(finding(tree.key_span(only_on), "only_on"));
        }
        if let (Some(space), Some(first)) = (tree.get(register.node, "space"), draft.spaces.first())
            && register.space.name == first.name
        {
            findings.add(finding(tree.key_span(space), "space"));
        }
    }
    if let Some(model) = &draft.model {
        let refuse = model.refuse.iter().map(|refusal| &refusal.only_on);
        let require = model.require.iter().map(|require| &require.only_on);
        for (list, all) in [
            ("refuse", refuse.collect::<Vec<_>>()),
            ("require", require.collect()),
        ] {
            let items = tree.list(draft.node(&["model", list])).unwrap_or_default();
            // One that could not be read would put the others out of step.
            let pairs = all.iter().zip(items);
            for (variants, &item) in pairs.filter(|_| all.len() == items.len()) {
                if let Some(only_on) = tree.get(item, "only_on")
                    && variants.is_all()
                {
                    findings.add(finding(tree.key_span(only_on), "only_on"));
                }
            }
        }
    }
    for sequence in &draft.sequences {
        sections(tree, &sequence.body.steps, &sequence.body.section, findings);
    }
}

/// What holds without a key.
enum Default {
    /// This word or number.
    Is(&'static str),
    /// Nothing of the kind.
    Empty,
}

/// What holds without the key at a path; `None` where that is not the same in every spec.
fn default(path: &[&str]) -> Option<Default> {
    use Default::{Empty, Is};
    Some(match path {
        ["registers", _, "width"] => Is("32"),
        ["registers", _, "reset"] => Is("0"),
        ["registers", _, "must_write"] => Is("false"),
        ["tx" | "rx", "doorbell", "again"] => Is("false"),
        ["rx", "length_of"] => Is("slot"),
        ["filters", "after"] => Is("init"),
        ["rss", "table", "queue_at"] => Is("0"),
        ["sequences", _, "may_sleep"] => Is("true"),
        ["sequences", .., "poll", "on_timeout"] => Is("fail"),
        ["model", "require", _, "at"] => Is("ring"),
        ["model", "late", _, "after"] => Is("write"),
        ["model", "eeprom", "words", _] | ["model", "phy", "registers", _] => Is("0"),
        ["constants" | "options"]
        | ["variants", _, "constants" | "limits"]
        | ["registers", _, "fields"]
        | ["registers", _, "fields", _, "values"]
        | ["descriptors", _, "reserved"]
        | ["tx", "encode", "first" | "report" | "end_of_ring"]
        | ["rx", "first"]
        | ["rx", "arm", "end_of_ring"]
        | ["filters", "multicast", "reversed_on"]
        | ["sequences", _, "args"]
        | ["sequences", .., "else" | "with"]
        | [
            "model",
            "keeps" | "set_by_reading" | "locks" | "require" | "late" | "links" | "refuse"
            | "unobservable",
        ]
        | ["model", "kick", "lost_while_busy"]
        | ["model", "eeprom", "words"]
        | ["model", "phy", "registers"] => Empty,
        _ => return None,
    })
}

fn defaults<'t>(tree: &'t Tree, node: NodeId, path: &mut Vec<&'t str>, findings: &mut Findings) {
    match tree.kind(node) {
        Kind::Scalar { .. } => {}
        Kind::List(items) => {
            path.push("");
            for &item in items {
                defaults(tree, item, path, findings);
            }
            path.pop();
        }
        Kind::Map(entries) => {
            for entry in entries {
                path.push(&entry.key);
                let said = match (tree.kind(entry.value), default(path)) {
                    (Kind::Scalar { text, .. }, Some(Default::Is(word))) => same(text, word),
                    (Kind::List(items), Some(Default::Empty)) => items.is_empty(),
                    (Kind::Map(entries), Some(Default::Empty)) => entries.is_empty(),
                    _ => false,
                };
                if said {
                    findings.add(finding(entry.key_span, &entry.key));
                }
                defaults(tree, entry.value, path, findings);
                path.pop();
            }
        }
    }
}

/// A constant that a variant overrides with the value that it has.
fn overrides(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    for variant in &draft.variants {
        let constants = tree.get(variant.node, "constants");
        for entry in constants
            .and_then(|node| tree.map(node))
            .unwrap_or_default()
        {
            let whole = draft.constants.iter();
            let whole = whole.filter(|constant| constant.name == entry.key);
            let mut whole = whole.filter_map(|constant| {
                let value = tree.text(tree.at(constant.node, "value"))?;
                tree.text(entry.value).map(|own| same(own, value))
            });
            if whole.any(|same| same) {
                findings.add(finding(entry.key_span, &entry.key));
            }
        }
    }
}

/// Steps without a reason whose section is that of their sequence, or of a register that they name.
fn sections(tree: &Tree, steps: &[Step], sequence: &str, findings: &mut Findings) {
    for step in steps {
        if let (Some(section), None) = (&step.section, &step.why)
            && (section == sequence || leads_to(&step.action, section))
        {
            let span = tree.key_span(tree.at(step.node, "section"));
            let message = "without a `why`, this `section` says what holds without it";
            let finding = FindingDraft::new(&RULE, span, message);
            findings.add(finding.help("leave it out, or say in `why` what it explains"));
        }
        for body in step.action.bodies() {
            sections(tree, body, sequence, findings);
        }
    }
}

/// Whether a section is that of a register that an action names.
fn leads_to(action: &Action, section: &str) -> bool {
    struct Sections<'a> {
        wanted: &'a str,
        found: bool,
    }
    impl Visitor for Sections<'_> {
        fn place(&mut self, place: &Place) {
            self.found |= place.register.section == self.wanted;
            visit::place(self, place);
        }
    }
    match action {
        Action::Write { place, .. } | Action::Modify { place, .. } | Action::Flush(place) => {
            place.register.section == section
        }
        Action::WriteEach { register, .. } => register.section == section,
        Action::Poll { until, .. } => {
            let mut sections = Sections {
                wanted: section,
                found: false,
            };
            sections.cond(until);
            sections.found
        }
        _ => false,
    }
}
