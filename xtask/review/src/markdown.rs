//! A comparison for the description of a pull request.

use std::fmt::Write;

use nicspecs::difference::{Change, Kind};

use crate::compare::{Comparison, SpecKind};
use crate::wording;

const ARROW: &str = "→";

/// The whole report.
pub fn text(comparison: &Comparison) -> String {
    let mut page = String::from("## What changes for the hardware\n\n");
    paragraph(&mut page, &wording::first_line(comparison));
    if let Some(generator) = wording::generator(comparison) {
        paragraph(&mut page, &generator);
    }
    for spec in &comparison.specs {
        if let Some((_, text)) = wording::whole(&spec.kind) {
            paragraph(&mut page, &format!("### `{}`", spec.file));
            paragraph(&mut page, &escaped(&text));
        }
        if let SpecKind::Changed(changes) = &spec.kind {
            paragraph(&mut page, &format!("### `{}`", spec.file));
            self::changes(&mut page, changes);
        }
    }
    let form = comparison.form_only();
    if comparison.has_changes() && !form.is_empty() {
        let files: Vec<_> = form.iter().map(|file| format!("`{file}`")).collect();
        paragraph(&mut page, &format!("In form only: {}", files.join(", ")));
    }
    generated(&mut page, comparison);
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn changes(page: &mut String, changes: &[Change]) {
    let mut chapter = "";
    for change in changes {
        if chapter != change.subject.chapter {
            if !chapter.is_empty() {
                page.push('\n');
            }
            chapter = change.subject.chapter;
            paragraph(page, &format!("**{chapter}**"));
        }
        let what = match wording::sign(change) {
            '+' => " (new)",
            '-' => " (gone)",
            _ => "",
        };
        let headline = escaped(&wording::headline(change, ARROW));
        item(page, 0, &format!("`{}`{what}: {headline}", change.subject));
        for sentence in &change.meaning {
            item(page, 1, &escaped(sentence));
        }
        if let Kind::Steps(steps) = &change.kind {
            for step in steps {
                let (_, what, parts) = wording::step(step, ARROW);
                item(page, 1, &format!("{what}: {}", code(&step.text)));
                for part in &parts {
                    item(page, 2, &escaped(part));
                }
                for place in &step.touches {
                    item(page, 2, &format!("touches {}", escaped(place)));
                }
            }
        }
        for mention in &change.mentions {
            let place = escaped(&wording::place(mention, wording::is_gone(change)));
            match mention.text.as_str() {
                "" => item(page, 1, &place),
                text => item(page, 1, &format!("{place}: {}", code(text))),
            }
        }
    }
    page.push('\n');
}

fn generated(page: &mut String, comparison: &Comparison) {
    let Some(files) = &comparison.files else {
        paragraph(page, wording::NOTHING_GENERATED);
        return;
    };
    if !files.is_empty() {
        paragraph(page, "### Generated files that follow");
        page.push_str("| file | lines |\n| --- | --- |\n");
        for file in files {
            let _ = writeln!(page, "| `{}` | {} |", file.path, wording::file(file));
        }
        page.push('\n');
    }
    if !comparison.items.is_empty() {
        paragraph(page, "### Public items of the generated crate");
        page.push_str("| item | effect | what |\n| --- | --- | --- |\n");
        for item in &comparison.items {
            let text = escaped(&wording::item(item, ARROW));
            let _ = writeln!(
                page,
                "| `{}` | {} | {text} |",
                item.path,
                wording::effect(item.effect)
            );
        }
        page.push('\n');
    }
}

fn paragraph(page: &mut String, text: &str) {
    let _ = write!(page, "{text}\n\n");
}

fn item(page: &mut String, depth: usize, text: &str) {
    let _ = writeln!(page, "{}- {text}", "  ".repeat(depth));
}

/// Escapes markup in text, except between backticks.
fn escaped(text: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for letter in text.chars() {
        if letter == '`' {
            inside = !inside;
        }
        let markup = matches!(letter, '*' | '_' | '[' | ']' | '<' | '>' | '|' | '\\' | '#');
        if markup && (!inside || letter == '|') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Code in a line.
fn code(text: &str) -> String {
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}
