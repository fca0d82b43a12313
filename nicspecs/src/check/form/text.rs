use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::errors::forbidden_character::is_forbidden;
use crate::schema::{self, Type};
use crate::tree::Kind;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0116",
    "text that cannot stand in code",
    "A text is one line that is not empty, without control characters, and without the marks that begin or end a comment or a block of code.",
    &[(
        "    title: Device Control\n",
        "    title: \"Device\\nControl\"\n",
    )],
);

/// What would end a comment of the generated code, or begin a block of code in its documentation.
const MARKS: [&str; 4] = ["*/", "/*", "```", "~~~"];

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    schema::walk(tree, &mut |site| {
        if !matches!(site.ty, Some(Type::Text | Type::Section)) {
            return;
        }
        let Kind::Scalar { text, verbatim, .. } = tree.kind(site.node) else {
            return;
        };
        let Some(problem) = problem(text, verbatim.is_some()) else {
            return;
        };
        let name = site.nearest_key().map_or("a text", |key| key.name);
        let message = format!("`{name}` {problem}");
        let finding = RULE.at(tree.span(site.node), message);
        findings.add(finding.help("write it in one line of plain text"));
    });
}

/// What is wrong with a text. Characters that stand in the file itself are those of NS0004, except for tabs.
fn problem(text: &str, is_verbatim: bool) -> Option<String> {
    if text.trim().is_empty() {
        return Some("is empty".to_owned());
    }
    if text.contains(['\n', '\r']) {
        return Some("has more than one line".to_owned());
    }
    let mut characters = text.chars();
    let wrong = characters.find(|&c| c == '\t' || !is_verbatim && is_forbidden(c));
    if let Some(character) = wrong {
        return Some(format!("has the character U+{:04X}", u32::from(character)));
    }
    let mark = MARKS.into_iter().find(|mark| text.contains(mark));
    mark.map(|mark| format!("contains `{mark}`"))
}
