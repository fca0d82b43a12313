//! Facts that a spec does not state yet: where they are, and where a datasheet has them.

mod chapters;

use crate::diagnostic::{FindingDraft, Findings, NodeId, Span};
use crate::errors::gap;
use crate::tree::{Kind, Tree};

/// What stands for a fact that has to be looked up.
const GAP: &str = "TODO";

/// The gaps of a spec, in its order.
pub(crate) struct Gaps {
    found: Vec<(Span, FindingDraft)>,
}

impl Gaps {
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut gaps = Self { found: Vec::new() };
        gaps.walk(tree, tree.root(), &mut Vec::new());
        gaps
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The gaps, and of the other findings those that are true whatever will stand in the gaps: those about the form
    /// of what is there.
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

    fn walk(&mut self, tree: &Tree, node: NodeId, path: &mut Vec<String>) {
        match tree.kind(node) {
            Kind::Scalar {
                text, plain: true, ..
            } if text == GAP => {
                let span = tree.span(node);
                let look_up = chapters::of(path);
                self.found
                    .push((span, gap::finding(span, &path.join("."), look_up)));
            }
            Kind::Scalar { .. } => {}
            Kind::List(items) => {
                for (index, &item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.walk(tree, item, path);
                    path.pop();
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    path.push(entry.key.clone());
                    self.walk(tree, entry.value, path);
                    path.pop();
                }
            }
        }
    }
}
