//! What is wrong with a spec, for people and for editors.

use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use crate::check::RuleInfo;
use crate::tree::{Lines, Span};

/// Everything that is wrong with one spec.
///
/// As a [`Diagnostic`] it shows each finding with its source lines; [`short`](Self::short) is one line a finding.
#[derive(Debug)]
pub struct Report {
    name: String,
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(name: &str, text: &str, mut findings: Findings) -> Self {
        let source = Arc::new(Source {
            name: name.to_owned(),
            text: text.to_owned(),
        });
        let lines = Lines::new(text);
        findings
            .0
            .sort_by_key(|draft| (draft.start(), draft.rule.code));
        findings.0.dedup();
        let finish = |draft: FindingDraft| Finding {
            position: lines.position(text, draft.start()),
            source: Arc::clone(&source),
            draft,
        };
        Self {
            name: name.to_owned(),
            findings: findings.0.into_iter().map(finish).collect(),
        }
    }

    /// The file's name, as given to [`compile`](crate::compile).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was found, by position in the file.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// One line a finding: `file:line:column: NS0303: message`.
    pub fn short(&self) -> String {
        self.findings
            .iter()
            .map(|finding| format!("{}\n", finding.short()))
            .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.findings.len() {
            1 => write!(f, "1 mistake in {}", self.name),
            many => write!(f, "{many} mistakes in {}", self.name),
        }
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(
            self.findings
                .iter()
                .map(|finding| finding as &dyn Diagnostic),
        ))
    }
}

/// One mistake in a spec.
#[derive(Clone, Debug)]
pub struct Finding {
    draft: FindingDraft,
    source: Arc<Source>,
    position: (usize, usize),
}

impl Finding {
    /// The rule that was broken.
    pub fn rule(&self) -> &'static RuleInfo {
        self.draft.rule
    }

    /// Line of the mistake, counted from 1.
    pub fn line(&self) -> usize {
        self.position.0
    }

    /// Column of the mistake, counted from 1 in characters.
    pub fn column(&self) -> usize {
        self.position.1
    }

    /// What would be right.
    pub fn help(&self) -> Option<&str> {
        self.draft.help.as_deref()
    }

    /// `file:line:column: NS0303: message`
    pub fn short(&self) -> String {
        let (line, column) = self.position;
        format!(
            "{}:{line}:{column}: {}: {self}",
            self.source.name, self.draft.rule.code
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.draft.message)
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.draft.rule.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.draft
            .help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.draft.labels.iter().enumerate().map(
            |(index, (span, text))| {
                let text = (!text.is_empty()).then(|| text.clone());
                let span = (span.start, span.end.saturating_sub(span.start));
                match index {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            },
        )))
    }
}

/// A file that reports quote.
///
/// miette's own sources count the lines of an excerpt from the start of the file, so that two labels far from each
/// other pull in everything between them.
#[derive(Debug)]
struct Source {
    name: String,
    text: String,
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let excerpt = self.text.read_span(span, before, after)?;
        let lines = excerpt.data().iter().filter(|&&byte| byte == b'\n').count();
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            excerpt.data(),
            *excerpt.span(),
            excerpt.line(),
            excerpt.column(),
            lines,
        );
        Ok(Box::new(contents.with_language("yaml")))
    }
}

/// A finding before the file is known: the first label is where the mistake is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FindingDraft {
    rule: &'static RuleInfo,
    message: String,
    labels: Vec<(Span, String)>,
    help: Option<String>,
}

impl FindingDraft {
    pub(crate) fn new(rule: &'static RuleInfo, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            labels: vec![(span, String::new())],
            help: None,
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

    fn start(&self) -> usize {
        self.labels[0].0.start
    }
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<FindingDraft>);

impl Findings {
    pub(crate) fn add(&mut self, finding: FindingDraft) {
        self.0.push(finding);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything: a syntax error stands alone.
    pub(crate) fn discard(&mut self) {
        self.0.clear();
    }
}
