//! Rules, and the toy spec, which their examples edit.

/// The toy spec: every example of a rule is an edit of it.
pub const TOY: &str = include_str!("../check/toy.yaml");

/// A rule.
#[derive(Debug)]
pub struct RuleInfo {
    /// Its code: `NS0303`.
    pub code: &'static str,
    /// The name of the error.
    pub title: &'static str,
    /// The rule, in one sentence.
    pub doc: &'static str,
    /// Edits of the toy spec that break it: the original text, and the text of the example.
    edits: &'static [(&'static str, &'static str)],
    /// Whether it reports facts that are not filled in yet, not errors.
    pub(crate) is_gap: bool,
}

impl RuleInfo {
    pub(crate) const fn new(
        code: &'static str,
        title: &'static str,
        doc: &'static str,
        edits: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            code,
            title,
            doc,
            edits,
            is_gap: false,
        }
    }

    /// Marks the rule that reports facts that are not filled in yet.
    pub(crate) const fn of_gaps(self) -> Self {
        Self {
            is_gap: true,
            ..self
        }
    }

    /// The wrong lines of the smallest example that breaks this rule.
    pub fn wrong(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(_, wrong)| *wrong)
    }

    /// The same lines, correct.
    pub fn right(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(right, _)| *right)
    }

    /// A whole spec that breaks this rule and no other.
    pub fn example(&self) -> String {
        self.edits
            .iter()
            .fold(TOY.to_owned(), |text, (right, wrong)| {
                text.replacen(right, wrong, 1)
            })
    }
}

impl PartialEq for RuleInfo {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for RuleInfo {}
