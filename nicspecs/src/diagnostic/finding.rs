//! Findings before their file is known, as every layer makes them.

use super::rule::RuleInfo;
use super::source::Note;
use super::span::{File, Span};

/// A finding before the file is known: the first label is the place of the error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FindingDraft {
    pub(super) rule: &'static RuleInfo,
    pub(super) message: String,
    pub(super) labels: Vec<(Span, String)>,
    pub(super) help: Option<String>,
    /// The inherited part that contains the error: `sequences.init`.
    pub(super) inherited: Option<String>,
    /// Places in files that are neither the spec's own nor that of its base spec.
    pub(super) notes: Vec<Note>,
}

impl RuleInfo {
    /// A finding that something breaks this rule.
    pub(crate) fn at(&'static self, span: Span, message: impl Into<String>) -> FindingDraft {
        FindingDraft {
            rule: self,
            message: message.into(),
            labels: vec![(span, String::new())],
            help: None,
            inherited: None,
            notes: Vec::new(),
        }
    }
}

impl FindingDraft {
    /// Adds a text at the place of the error.
    pub(crate) fn here(mut self, text: impl Into<String>) -> Self {
        self.labels[0].1 = text.into();
        self
    }

    /// Points at another place.
    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds advice on how to correct it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at a place in the file of a spec from which this one does not inherit.
    pub(crate) fn note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// The place of the error.
    pub(crate) fn span(&self) -> Span {
        self.labels[0].0
    }

    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Gives other advice, also in place of what is said at the place of the error.
    pub(crate) fn set_help(&mut self, help: String) {
        self.help = Some(help);
        self.labels[0].1.clear();
    }

    /// The code of the rule that was broken.
    pub(crate) fn code(&self) -> &'static str {
        self.rule.code
    }
}

/// Findings, in the order in which they are added. The first of them are kept, up to a bound; the others are counted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(super) kept: Vec<FindingDraft>,
    pub(super) left_out: usize,
}

impl Findings {
    /// Most findings that are kept: a report of more takes long to print, and nobody reads it.
    pub(crate) const MOST: usize = 1000;

    pub(crate) fn add(&mut self, finding: FindingDraft) {
        match self.kept.len() < Self::MOST {
            true => self.kept.push(finding),
            false => self.left_out += 1,
        }
    }

    /// Adds all of them.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = FindingDraft>) {
        for finding in findings {
            self.add(finding);
        }
    }

    /// How many were added.
    pub(crate) fn len(&self) -> usize {
        self.kept.len() + self.left_out
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Notes for each error in an inherited part which part that is; `keys_at` gives the keys that lead to a byte of
    /// the base spec with that index.
    pub(crate) fn trace<'t>(&mut self, keys_at: impl Fn(usize, usize) -> Vec<&'t str>) {
        for draft in &mut self.kept {
            let span = draft.span();
            if let File::Base(index) = span.file {
                let keys = keys_at(index, span.start).into_iter();
                let part: Vec<&str> = keys.take(3).collect();
                draft.inherited = Some(part.join(".")).filter(|part| !part.is_empty());
            }
        }
    }

    /// The texts of the findings: messages, labels, help, and what is inherited.
    pub(crate) fn said(&self) -> String {
        let mut said = String::new();
        for draft in &self.kept {
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

    /// The places of the errors and what they point at, with the inherited part that has the error.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Span, Option<&str>)> {
        self.kept.iter().flat_map(|draft| {
            let spans = draft.labels.iter().map(|(span, _)| *span);
            spans.map(|span| (span, draft.inherited.as_deref()))
        })
    }

    /// Keeps only the findings that `keep` accepts.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&FindingDraft) -> bool) {
        self.kept.retain(keep);
    }

    /// The same with the right to change them.
    pub(crate) fn retain_mut(&mut self, keep: impl FnMut(&mut FindingDraft) -> bool) {
        self.kept.retain_mut(keep);
    }

    /// Removes all findings: a syntax error is reported alone.
    pub(crate) fn discard(&mut self) {
        *self = Self::default();
    }
}
