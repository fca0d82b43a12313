//! Reports of the errors of a spec, for people and for editors.

use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};

use super::finding::{FindingDraft, Findings};
use super::rule::RuleInfo;
use super::span::{File, Lines, Span};

/// All errors of one spec.
///
/// As a [`Diagnostic`] it shows each finding with its source lines; [`short`](Self::short) is one line per finding.
#[derive(Debug)]
pub struct Report {
    name: String,
    findings: Vec<Finding>,
    left_out: usize,
}

impl Report {
    /// Reports on the spec called `stem`; `like` is the place of its key `like`.
    pub(crate) fn new(
        stem: String,
        own: Source,
        parent: Option<Source>,
        like: Option<Span>,
        mut findings: Findings,
    ) -> Self {
        let sources = Sources {
            own: Arc::new(own),
            parent: parent.map(Arc::new),
            like,
            stem,
        };
        let left_out = findings.left_out;
        let drafts = &mut findings.kept;
        drafts.sort_by_key(|draft| (draft.span(), draft.rule.code));
        drafts.dedup();
        let findings = drafts.drain(..).map(|draft| sources.finish(draft));
        Self {
            name: sources.own.name.clone(),
            findings: findings.collect(),
            left_out,
        }
    }

    /// The file's name, as given to [`compile`](crate::compile()).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The findings, by position in the file; those in inherited parts come last.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Findings that are not in the list, because the spec has more than a report shows.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// One line per finding: `file:line:column: NS0303: message`.
    pub fn short(&self) -> String {
        let lines = self.findings.iter();
        let mut lines: String = lines
            .map(|finding| format!("{}\n", finding.short()))
            .collect();
        lines.extend(self.others());
        lines
    }

    /// The line that says how many findings are not in the list, if any.
    pub fn others(&self) -> Option<String> {
        let (name, left_out) = (&self.name, self.left_out);
        (left_out > 0).then(|| format!("{name}: and {left_out} more\n"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |number: usize, noun: &str| match number {
            1 => format!("1 {noun}"),
            many => format!("{many} {noun}s"),
        };
        let gaps = self
            .findings
            .iter()
            .filter(|finding| finding.is_gap())
            .count();
        let errors = of(self.findings.len() + self.left_out - gaps, "error");
        match gaps {
            0 => write!(f, "{errors} in {}", self.name),
            _ if gaps == self.findings.len() + self.left_out => {
                write!(f, "{} in {}", of(gaps, "gap"), self.name)
            }
            _ => write!(f, "{errors} and {} in {}", of(gaps, "gap"), self.name),
        }
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let findings = self.findings.iter();
        Some(Box::new(findings.map(|finding| finding as &dyn Diagnostic)))
    }
}

/// The files that one report may quote.
struct Sources {
    own: Arc<Source>,
    parent: Option<Arc<Source>>,
    like: Option<Span>,
    stem: String,
}

impl Sources {
    fn of(&self, file: File) -> &Arc<Source> {
        match (file, &self.parent) {
            (File::Parent, Some(parent)) => parent,
            _ => &self.own,
        }
    }

    /// A finding quotes one file: its labels in the other file become notes.
    fn finish(&self, mut draft: FindingDraft) -> Finding {
        let file = draft.span().file;
        let source = self.of(file);
        let (labels, elsewhere): (Vec<_>, Vec<_>) = draft
            .labels
            .into_iter()
            .partition(|(span, _)| span.file == file);
        draft.labels = labels;
        let mut notes: Vec<Note> = elsewhere
            .into_iter()
            .map(|(span, text)| Note {
                message: match text.is_empty() {
                    true => "the other place".to_owned(),
                    false => text,
                },
                span,
                source: Arc::clone(self.of(span.file)),
            })
            .collect();
        if let (File::Parent, Some(like)) = (file, self.like) {
            let part = match &draft.inherited {
                Some(part) => format!("`{part}`"),
                None => "this".to_owned(),
            };
            notes.push(Note {
                message: format!(
                    "`{}` inherits {part}: override it there, or remove it with `null`",
                    self.stem
                ),
                span: like,
                source: Arc::clone(&self.own),
            });
        }
        Finding {
            position: source.lines.position(&source.text, draft.span().start),
            source: Arc::clone(source),
            heir: (file == File::Parent).then(|| self.stem.clone()),
            draft,
            notes,
        }
    }
}

/// One error in a spec.
#[derive(Clone, Debug)]
pub struct Finding {
    draft: FindingDraft,
    source: Arc<Source>,
    position: (usize, usize),
    notes: Vec<Note>,
    /// The spec that inherited the error.
    heir: Option<String>,
}

impl Finding {
    /// The rule that was broken.
    pub fn rule(&self) -> &'static RuleInfo {
        self.draft.rule
    }

    /// Whether it is a fact that is not filled in yet, not an error.
    pub fn is_gap(&self) -> bool {
        self.draft.rule.is_gap
    }

    /// Line of the error, counted from 1.
    pub fn line(&self) -> usize {
        self.position.0
    }

    /// Column of the error, counted from 1 in characters.
    pub fn column(&self) -> usize {
        self.position.1
    }

    /// How to correct it.
    pub fn help(&self) -> Option<&str> {
        self.draft.help.as_deref()
    }

    /// `file:line:column: NS0303: message`
    pub fn short(&self) -> String {
        let (line, column) = self.position;
        let heir = self.heir.as_ref();
        let heir = heir.map_or(String::new(), |heir| format!(" (inherited by `{heir}`)"));
        format!(
            "{}:{line}:{column}: {}: {self}{heir}",
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

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let notes = self.notes.iter().map(|note| note as &dyn Diagnostic);
        (!self.notes.is_empty()).then(|| Box::new(notes) as Box<dyn Iterator<Item = _>>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.draft.labels.iter().enumerate().map(
            |(index, (span, text))| {
                let text = (!text.is_empty()).then(|| text.clone());
                let span = bytes(*span);
                match index {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            },
        )))
    }
}

/// A label of an error in another file.
#[derive(Clone, Debug)]
struct Note {
    message: String,
    span: Span,
    source: Arc<Source>,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Note {}

impl Diagnostic for Note {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(None, bytes(self.span));
        Some(Box::new(std::iter::once(label)))
    }
}

/// Where a span begins and how long it is, as miette counts.
fn bytes(span: Span) -> (usize, usize) {
    (span.start, span.end.saturating_sub(span.start))
}

/// A file that reports quote from.
///
/// miette's own sources count the lines of an excerpt from the start of the file, so that two labels far from each
/// other pull in everything between them.
#[derive(Debug)]
pub(crate) struct Source {
    name: String,
    text: String,
    lines: Lines,
}

impl Source {
    /// A file with the name that reports show.
    pub(crate) fn new(name: String, text: String) -> Self {
        let lines = Lines::new(&text);
        Self { name, text, lines }
    }
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
