//! Reports of the errors of a spec, for people and for editors.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::finding::{FindingDraft, Findings};
use super::rule::RuleInfo;
use super::source::{FilePlace, Note, Source};
use super::span::{File, Span};

/// All errors of one spec.
///
/// As a [`Diagnostic`] it shows each finding with its source lines; [`short`](Self::short) is one line per finding.
#[derive(Debug)]
pub struct Report {
    name: String,
    /// The names of the files from which the spec inherits.
    pub(super) bases: Vec<String>,
    pub(super) findings: Vec<Finding>,
    left_out: usize,
}

impl Report {
    /// Reports on the spec called `stem`; `bases` are the specs from which it inherits by name, the nearest first,
    /// and `like` is the place of its key `like`.
    pub(crate) fn new(
        stem: String,
        own: Source,
        bases: Vec<(String, Source)>,
        like: Option<Span>,
        mut findings: Findings,
    ) -> Self {
        let sources = Sources {
            own: Arc::new(own),
            bases: bases
                .into_iter()
                .map(|(stem, source)| (stem, Arc::new(source)))
                .collect(),
            like,
            stem,
        };
        let left_out = findings.left_out;
        let drafts = &mut findings.kept;
        drafts.sort_by_key(|draft| (draft.span(), draft.rule.code));
        drafts.dedup();
        let findings = drafts.drain(..).map(|draft| sources.finish(draft));
        Self {
            name: sources.own.name().to_owned(),
            bases: sources
                .bases
                .iter()
                .map(|(_, base)| base.name().to_owned())
                .collect(),
            findings: findings.collect(),
            left_out,
        }
    }

    /// The file's name, as given to [`compile`](crate::compile()).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has no finding, neither in the list nor left out of it.
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.left_out == 0
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
    /// The specs from which it inherits, with their names, the nearest first.
    bases: Vec<(String, Arc<Source>)>,
    like: Option<Span>,
    stem: String,
}

impl Sources {
    fn of(&self, file: File) -> &Arc<Source> {
        match file {
            File::Own => &self.own,
            File::Base(index) => self.bases.get(index).map_or(&self.own, |(_, base)| base),
        }
    }

    /// The specs between this one and the file of a base spec: ` through `heir``.
    fn through(&self, file: File) -> String {
        let File::Base(index) = file else {
            return String::new();
        };
        let between = self.bases.iter().take(index);
        let between: Vec<_> = between.map(|(stem, _)| format!("`{stem}`")).collect();
        match between.is_empty() {
            true => String::new(),
            false => format!(" through {}", between.join(" and ")),
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
        notes.append(&mut draft.notes);
        let like = self.like.filter(|_| file.is_inherited());
        let through = self.through(file);
        let heir = like.map(|like| {
            let part = draft.inherited.as_ref();
            let part = part.map_or("this".to_owned(), |part| format!("`{part}`"));
            let stem = &self.stem;
            Heir {
                name: stem.clone(),
                through: through.clone(),
                note: Note {
                    message: format!(
                        "`{stem}` inherits {part}{through}: override it there, or remove it with `null`"
                    ),
                    span: like,
                    source: Arc::clone(&self.own),
                },
            }
        });
        Finding {
            source: Arc::clone(source),
            draft,
            notes,
            only_heirs: heir.is_some(),
            heirs: heir.into_iter().collect(),
        }
    }
}

/// One error in a spec.
#[derive(Clone, Debug)]
pub struct Finding {
    draft: FindingDraft,
    source: Arc<Source>,
    notes: Vec<Note>,
    /// Specs that inherit the error.
    heirs: Vec<Heir>,
    only_heirs: bool,
}

/// A spec that inherits an error.
#[derive(Clone, Debug)]
struct Heir {
    name: String,
    /// The specs through which it does.
    through: String,
    /// The place of its `like`.
    note: Note,
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
        self.place().line
    }

    /// Column of the error, counted from 1 in characters.
    pub fn column(&self) -> usize {
        self.place().column
    }

    /// The place of the error.
    pub fn place(&self) -> FilePlace<'_> {
        self.source.place(self.draft.span())
    }

    /// Other places that have to do with it, each with what it is.
    pub fn related_places(&self) -> impl Iterator<Item = (FilePlace<'_>, &str)> {
        let here = self.draft.labels.iter().skip(1);
        let here = here.map(|(span, text)| (self.source.place(*span), text.as_str()));
        let elsewhere = self.notes.iter();
        here.chain(elsewhere.map(|note| (note.source.place(note.span), note.message.as_str())))
    }

    /// What is said at the place of the error; may be empty.
    pub fn label(&self) -> &str {
        &self.draft.labels[0].1
    }

    /// How to correct it.
    pub fn help(&self) -> Option<&str> {
        self.draft.help.as_deref()
    }

    /// Names of the specs that inherit the error.
    pub fn heirs(&self) -> impl Iterator<Item = &str> {
        self.heirs.iter().map(|heir| heir.name.as_str())
    }

    /// Whether only the heirs have the error, and not the spec in whose file it is shown.
    pub fn only_heirs(&self) -> bool {
        self.only_heirs
    }

    /// `file:line:column: NS0303: message`
    pub fn short(&self) -> String {
        let FilePlace {
            file, line, column, ..
        } = self.place();
        let heirs = self.heirs.iter();
        let heirs: Vec<_> = heirs
            .map(|heir| format!("`{}`{}", heir.name, heir.through))
            .collect();
        let heirs = match (heirs.as_slice(), self.only_heirs) {
            ([], _) => String::new(),
            (heirs, true) => format!(" (inherited by {})", heirs.join(", ")),
            (heirs, false) => format!(" (also in {}, by inheritance)", heirs.join(", ")),
        };
        format!(
            "{file}:{line}:{column}: {}: {self}{heirs}",
            self.draft.rule.code
        )
    }

    /// Whether it is the same error as one of another report, seen from a spec that inherits it or from the other spec that
    /// has it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        // An inherited section has the name of the base spec before it.
        let base = Path::new(self.source.name())
            .file_stem()
            .unwrap_or_default();
        let base = format!("{} ", base.to_string_lossy());
        let said = |finding: &Self| finding.draft.message.replace(&base, "");
        let places = |finding: &Self| {
            let related = finding.related_places().map(|(place, _)| place);
            let mut places: Vec<_> = related.chain([finding.place()]).map(owned).collect();
            places.sort();
            places
        };
        self.rule() == other.rule() && said(self) == said(other) && places(self) == places(other)
    }

    /// Adds the specs that inherit the same error.
    pub(super) fn inherited_by(&mut self, other: Self) {
        self.heirs.extend(other.heirs.into_iter().map(|mut heir| {
            heir.note.message = format!("`{}` inherits it", heir.name);
            heir
        }));
    }
}

fn owned(place: FilePlace<'_>) -> (String, usize, usize) {
    (place.file.to_owned(), place.line, place.column)
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
        let heirs = self.heirs.iter().map(|heir| &heir.note);
        let notes = self.notes.iter().chain(heirs);
        let mut notes = notes.map(|note| note as &dyn Diagnostic).peekable();
        notes.peek()?;
        Some(Box::new(notes))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.draft.labels.iter().enumerate().map(
            |(index, (span, text))| {
                let text = (!text.is_empty()).then(|| text.clone());
                let span = span.bytes();
                match index {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            },
        )))
    }
}
