//! Formats specs: numbers, quotes, key order, indentation and spaces.
//!
//! The text is edited, never written anew: comments, line breaks, the order of registers and steps, and everything else
//! that the rules do not mention stay as they are. The book's chapter about the spec language has the rules.

mod layout;
mod order;
mod same;
mod scalars;
mod tokens;

use std::ops::Range;

use crate::bounds;
use crate::diagnostic::{File, Findings, Report};
use crate::errors::plain_yaml;
use crate::like::Lineage;
use crate::load::SpecFile;
use crate::schema;
use crate::tree::{self, Tree};
use tokens::Token;

/// Why a spec is not formatted.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum NotFormatted {
    /// It is not YAML, or uses more of YAML than specs have.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] Report),
    /// The formatter would break it.
    #[error("to format `{name}` would change {what}")]
    #[diagnostic(help(
        "this is an error of the formatter, not of the spec: please report it, with the spec"
    ))]
    Changes {
        /// Name of the file.
        name: String,
        /// What would change.
        what: &'static str,
    },
}

impl SpecFile {
    /// Its text as the rules of layout have it. Gaps and errors in facts are no obstacle.
    ///
    /// The result has the same keys, values and comments, and the same meaning if the spec has no errors.
    pub fn formatted(&self) -> Result<String, NotFormatted> {
        let read = self.read(self.text.clone())?;
        let changed = match self.steps(read) {
            Ok(formatted) => match same::first_change(self, &formatted) {
                None => return Ok(formatted),
                Some(what) => what,
            },
            Err(_) => "its structure",
        };
        Err(NotFormatted::Changes {
            name: self.path.to_string_lossy().into_owned(),
            what: changed,
        })
    }

    /// Applies the rules one after the other.
    fn steps(&self, mut step: Step) -> Result<String, Report> {
        let mut unreported = Findings::default();
        let parent = Lineage::read(self, &mut unreported).base(&mut unreported);
        let edits = scalars::edits(&step.text, &step.tree, parent.as_ref(), &step.tokens);
        step = self.read(edited(&step.text, edits))?;
        step = self.read(layout::laid_out(&step.text, &step.tokens))?;
        // A sorted map moves as a whole, so the maps inside it are sorted afterwards.
        for _ in 0..=bounds::NESTING {
            let edits = order::edits(&step.text, &step.tree, &step.tokens);
            if edits.is_empty() {
                break;
            }
            step = self.read(edited(&step.text, edits))?;
            step = self.read(layout::laid_out(&step.text, &step.tokens))?;
        }
        Ok(step.text)
    }

    /// Reads a text of this spec.
    fn read(&self, text: String) -> Result<Step, Report> {
        let mut findings = Findings::default();
        let tree = tree::scan(&text, File::Own, &mut findings);
        // The formatter counts on quantities in range, too.
        let read =
            tree.filter(|tree| schema::in_bounds(tree, &mut findings) && findings.is_empty());
        match read.map(|tree| (tokens::tokens(&text, &tree), tree)) {
            Some((Ok(tokens), tree)) => Ok(Step { text, tree, tokens }),
            read => {
                if let Some((Err(at), _)) = read {
                    findings.add(plain_yaml::finding("a directive or an explicit key", at));
                }
                Err(self.report(None, findings))
            }
        }
    }
}

/// A state of the text.
struct Step {
    text: String,
    tree: Tree,
    tokens: Vec<Token>,
}

/// A text with some ranges replaced, which do not overlap.
fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(bytes, _)| bytes.start);
    let mut edited = String::new();
    let mut at = 0;
    for (bytes, new) in edits {
        edited.push_str(&text[at..bytes.start]);
        edited.push_str(&new);
        at = bytes.end;
    }
    edited.push_str(&text[at..]);
    edited
}
