//! A comparison for the description of a pull request.

use std::fmt::Write;

use miette::GraphicalTheme;
use nicspecs::difference::Kind;

use crate::compare::{Comparison, Shown};
use crate::errors;
use crate::wording;

const ARROW: &str = "→";

/// The whole report.
pub fn text(comparison: &Comparison) -> String {
    let mut page = String::from("## What changes for the hardware\n\n");
    paragraph(&mut page, &escaped(&wording::first_line(comparison)));
    if let Some(generator) = wording::generator(comparison) {
        paragraph(&mut page, &generator);
    }
    for error in &comparison.errors {
        paragraph(&mut page, &format!("### Errors in `{}`", error.name()));
        let text = errors::text(error, GraphicalTheme::unicode_nocolor());
        paragraph(&mut page, &format!("```text\n{}\n```", text.trim_end()));
    }
    for spec in wording::specs(comparison) {
        paragraph(&mut page, &format!("### `{}`", spec.file));
        if let Some((_, lines)) = spec.whole {
            let mut lines = lines.iter();
            if let Some(first) = lines.next() {
                paragraph(&mut page, &format!("{}.", escaped(&capital(first))));
            }
            if lines.len() > 0 {
                for line in lines {
                    let text = line.trim_start();
                    item(
                        &mut page,
                        usize::from(text.len() < line.len()),
                        &escaped(text),
                    );
                }
                page.push('\n');
            }
        }
        if let Some(like) = spec.like {
            paragraph(&mut page, &like);
        }
        changes(&mut page, spec.changes);
        if let Some(words) = wording::without_effect(spec.changes) {
            paragraph(&mut page, &escaped(&words));
        }
    }
    if let Some(form) = wording::form(comparison, |file| format!("`{file}`")) {
        paragraph(&mut page, &form);
    }
    generated(&mut page, comparison);
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn changes(page: &mut String, changes: &[Shown]) {
    let mut chapter = "";
    let changes = changes.iter().filter(|shown| !shown.change.is_words());
    for shown in changes {
        let change = &shown.change;
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
        if let Some(heirs) = wording::heirs(shown) {
            item(page, 1, &heirs);
        }
        if let Kind::Steps(steps) = &change.kind {
            for step in steps {
                let (_, what, parts) = wording::step(step, ARROW);
                item(page, 1, &format!("{what}: {}", code(&step.text)));
                for part in &parts {
                    item(page, 2, &escaped(part));
                }
                for place in &step.touches {
                    item(page, 2, &format!("accesses {}", escaped(place)));
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
    if !chapter.is_empty() {
        page.push('\n');
    }
}

/// A text as the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn generated(page: &mut String, comparison: &Comparison) {
    let Some(files) = &comparison.files else {
        paragraph(page, wording::NOTHING_GENERATED);
        return;
    };
    for (sentence, files) in wording::committed(&comparison.committed) {
        paragraph(page, &sentence);
        let files = files.iter();
        files.for_each(|file| item(page, 0, &format!("`{file}`")));
        page.push('\n');
    }
    if !files.is_empty() {
        paragraph(page, "### Generated files that follow");
        page.push_str("| file | lines |\n| --- | --- |\n");
        for file in files {
            let _ = writeln!(page, "| `{}` | {} |", file.path, wording::file(file));
        }
        page.push('\n');
    }
    if !comparison.tables.is_empty() {
        paragraph(page, "### Tables of the kernel module for FreeBSD");
        let tables = comparison.tables.iter();
        tables.for_each(|sentence| item(page, 0, &escaped(sentence)));
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
