//! Findings before their file is known, as every layer makes them.

use super::rule::RuleInfo;
use super::span::{File, Span};

/// A finding before the file is known: the first label is where the mistake is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FindingDraft {
    pub(super) rule: &'static RuleInfo,
    pub(super) message: String,
    pub(super) labels: Vec<(Span, String)>,
    pub(super) help: Option<String>,
    /// The part that is inherited with the mistake: `sequences.init`.
    pub(super) inherited: Option<String>,
}

impl FindingDraft {
    pub(crate) fn new(rule: &'static RuleInfo, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            labels: vec![(span, String::new())],
            help: None,
            inherited: None,
        }
    }

    /// Says something beside the place of the mistake.
    pub(crate) fn here(mut self, text: impl Into<String>) -> Self {
        self.labels[0].1 = text.into();
        self
    }

    /// Points at another place.
    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// Says what would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Where the mistake is.
    pub(crate) fn span(&self) -> Span {
        self.labels[0].0
    }

    /// The code of the rule that was broken.
    pub(crate) fn code(&self) -> &'static str {
        self.rule.code
    }
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(super) Vec<FindingDraft>);

impl Findings {
    pub(crate) fn add(&mut self, finding: FindingDraft) {
        self.0.push(finding);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says of each mistake in an inherited part which part that is; `keys_at` gives the keys that lead to a byte of
    /// the parent.
    pub(crate) fn trace<'t>(&mut self, keys_at: impl Fn(usize) -> Vec<&'t str>) {
        for draft in &mut self.0 {
            let span = draft.span();
            if span.file == File::Parent {
                let part: Vec<&str> = keys_at(span.start).into_iter().take(3).collect();
                draft.inherited = Some(part.join(".")).filter(|part| !part.is_empty());
            }
        }
    }

    /// What the findings say: messages, labels, help, and what is inherited.
    pub(crate) fn said(&self) -> String {
        let mut said = String::new();
        for draft in &self.0 {
            let labels = draft.labels.iter().map(|(_, text)| text);
            for text in [&draft.message]
                .into_iter()
                .chain(labels)
                .chain(&draft.help)
                .chain(&draft.inherited)
            {
                said.push_str(text);
                said.push('\n');
            }
        }
        said
    }

    /// Forgets what `keep` does not want.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&FindingDraft) -> bool) {
        self.0.retain(keep);
    }

    /// Forgets everything: a syntax error stands alone.
    pub(crate) fn discard(&mut self) {
        self.0.clear();
    }
}
