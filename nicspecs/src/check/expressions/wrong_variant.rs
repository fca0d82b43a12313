use crate::diagnostic::{FindingDraft, Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Cond, Place, Register, Step, TxCompletion, Variants};
use crate::suggest::quoted;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0508",
    "register missing on a variant",
    "A register with `only_on` is used only where a condition limits the variants to those.",
    &[(
        "      - if: \"variant == B\"\n        then:\n          - write: { FAN: 9 }\n",
        "      - write: { FAN: 9 }\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    facts(draft, findings);
    let all = Variants::all(draft.variants.len());
    // The variants that run each sequence: those of its callers. They grow until nothing changes.
    let mut known: BTreeMap<String, Variants> = BTreeMap::new();
    let signatures = draft
        .sequences
        .iter()
        .map(|sequence| &sequence.body.signature);
    for port in signatures.filter(|signature| signature.is_port) {
        known.insert(port.name.clone(), all.clone());
    }
    loop {
        let before = known.clone();
        for walk in walks(draft, &before) {
            for (name, variants) in walk.runs {
                let merged = known.entry(name).or_insert_with(|| all.not());
                *merged = merged.or(&variants);
            }
        }
        if known == before {
            break;
        }
    }
    for (node, register, variants) in walks(draft, &known).flat_map(|walk| walk.uses) {
        if !variants.is_subset(&register.variants) {
            findings.add(finding(draft, node, &register));
        }
    }
}

/// The walks through the sequences that some variants run.
fn walks<'w>(
    draft: &'w Draft<'_>,
    known: &'w BTreeMap<String, Variants>,
) -> impl Iterator<Item = Walk> {
    draft.sequences.iter().filter_map(|sequence| {
        let variants = known.get(&sequence.body.signature.name)?;
        Some(Walk::of(&sequence.body.steps, variants))
    })
}

/// Registers that the driver uses on every variant. Counters are not included: the driver skips those that a variant
/// lacks.
fn facts(draft: &Draft<'_>, findings: &mut Findings) {
    let all = Variants::all(draft.variants.len());
    let mut one = |register: &Register, node: NodeId| {
        if !all.is_subset(&register.variants) {
            let message = format!("not every variant has `{}`", register.name);
            let finding = RULE.at(draft.tree.span(node), message);
            findings.add(
                finding.help("use a register without `only_on`, or write a spec for each variant"),
            );
        }
    };
    for ring in draft.rings() {
        for (part, register) in ring.registers.named() {
            one(register, draft.node(&[ring.key, "registers", part]));
        }
        if let Some(register) = ring.doorbell.register() {
            one(register, draft.node(&[ring.key, "doorbell", "register"]));
        }
    }
    for (completion, node) in draft.completions() {
        if let TxCompletion::HeadWriteback { low, high, .. } = completion {
            one(low, draft.tree.at(node, "low"));
            one(high, draft.tree.at(node, "high"));
        }
    }
    if let Some(interrupts) = &draft.interrupts {
        let cause = draft.node(&["interrupts", "cause", "register"]);
        one(&interrupts.cause, cause);
        for (key, register) in interrupts.mask.keys() {
            one(register, draft.node(&["interrupts", key]));
        }
    }
    if let Some(rss) = &draft.rss {
        one(&rss.key, draft.node(&["rss", "key"]));
        let table = draft.node(&["rss", "table", "register"]);
        one(&rss.table.register, table);
    }
    let filters = draft.filters.as_ref();
    if let Some(multicast) = filters.and_then(|filters| filters.multicast.as_ref()) {
        let table = draft.node(&["filters", "multicast", "table"]);
        one(&multicast.table, table);
    }
}

fn finding(draft: &Draft<'_>, node: NodeId, register: &Register) -> FindingDraft {
    let has = register.variants.indices();
    let names: Vec<&str> = has
        .filter_map(|index| Some(draft.variants.get(index)?.name.as_str()))
        .collect();
    let name = &register.name;
    let message = format!("not every variant that runs this step has `{name}`");
    let mut finding = RULE.at(draft.tree.verb(node), message);
    if let Some(other) = draft.registers.iter().find(|other| other.name == *name) {
        let only_on = draft.tree.span_at(other.node, "only_on");
        finding = finding.label(only_on, format!("only on {}", quoted(&names)));
    }
    finding.help(format!(
        "add a condition: `if: \"variant in [{}]\"`",
        names.join(", ")
    ))
}

/// Walks a sequence and tracks which variants can reach each step.
struct Walk {
    variants: Variants,
    node: Option<NodeId>,
    uses: Vec<(NodeId, Arc<Register>, Variants)>,
    runs: Vec<(String, Variants)>,
}

impl Walk {
    /// The walk through a sequence that runs on some variants.
    fn of(steps: &[Step], variants: &Variants) -> Walk {
        let mut walk = Walk {
            variants: variants.clone(),
            node: None,
            uses: Vec::new(),
            runs: Vec::new(),
        };
        walk.steps(steps);
        walk
    }

    /// Walks with fewer variants, then restores the present ones.
    fn under(&mut self, variants: &Variants, walk: impl FnOnce(&mut Self)) {
        let narrowed = self.variants.and(variants);
        let before = std::mem::replace(&mut self.variants, narrowed);
        walk(self);
        self.variants = before;
    }

    /// The variants that are left if a condition holds, and if it does not.
    fn split(&self, cond: &Cond) -> (Variants, Variants) {
        let all = Variants::all(self.variants.has.len());
        match cond {
            Cond::Variant(variants) => (variants.clone(), variants.not()),
            Cond::Not(inner) => {
                let (yes, no) = self.split(inner);
                (no, yes)
            }
            Cond::And(left, right) => {
                let (left, right) = (self.split(left), self.split(right));
                (left.0.and(&right.0), left.1.or(&right.1))
            }
            Cond::Or(left, right) => {
                let (left, right) = (self.split(left), self.split(right));
                (left.0.or(&right.0), left.1.and(&right.1))
            }
            _ => (all.clone(), all),
        }
    }

    fn uses(&mut self, register: &Arc<Register>) {
        if let Some(node) = self.node {
            self.uses
                .push((node, Arc::clone(register), self.variants.clone()));
        }
    }
}

impl Visitor for Walk {
    fn step(&mut self, step: &Step) {
        self.node = Some(step.node);
        match &step.action {
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                self.cond(cond);
                let (yes, no) = self.split(cond);
                self.under(&yes, |walk| walk.steps(then));
                self.under(&no, |walk| walk.steps(otherwise));
                return;
            }
            Action::WriteEach { register, .. } => self.uses(register),
            Action::Run { callee, .. } => {
                self.runs.push((callee.name.clone(), self.variants.clone()))
            }
            _ => {}
        }
        visit::step(self, step);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::And(left, right) => {
                self.cond(left);
                let (yes, _) = self.split(left);
                self.under(&yes, |walk| walk.cond(right));
            }
            Cond::Or(left, right) => {
                self.cond(left);
                let (_, no) = self.split(left);
                self.under(&no, |walk| walk.cond(right));
            }
            _ => visit::cond(self, cond),
        }
    }

    fn place(&mut self, place: &Place) {
        self.uses(&place.register);
        visit::place(self, place);
    }
}
