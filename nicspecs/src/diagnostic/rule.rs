//! Rules, and the spec that their examples are edits of.

/// The spec that every example is an edit of.
pub const TOY: &str = include_str!("../check/toy.yaml");

/// A rule.
#[derive(Debug)]
pub struct RuleInfo {
    /// Its code: `NS0303`.
    pub code: &'static str,
    /// What the mistake is called.
    pub title: &'static str,
    /// What the rule says, in one sentence.
    pub doc: &'static str,
    /// Edits of the toy spec that break it: what stands there, and what the example has instead.
    edits: &'static [(&'static str, &'static str)],
    /// Whether what breaks it is a fact that is not filled in yet, and no mistake.
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

    /// The rule of what is not filled in yet.
    pub(crate) const fn of_gaps(self) -> Self {
        Self {
            is_gap: true,
            ..self
        }
    }

    /// The smallest example that breaks this rule: the lines of a spec that are wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(_, wrong)| *wrong)
    }

    /// The same lines as they would be right.
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
