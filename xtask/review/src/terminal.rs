//! A comparison as text for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use miette::GraphicalTheme;
use nicspecs::difference::Kind;

use crate::compare::{Comparison, Shown};
use crate::errors;
use crate::items::Effect;
use crate::wording;

const ARROW: &str = "->";
const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const PLAIN: Style = Style::new();

/// The whole report, with colours.
pub fn text(comparison: &Comparison) -> String {
    let mut page = Page::default();
    for error in &comparison.errors {
        page.0
            .push_str(&errors::text(error, GraphicalTheme::unicode()));
    }
    page.line(0, HEADING, &wording::first_line(comparison));
    if let Some(generator) = wording::generator(comparison) {
        page.line(0, PLAIN, &generator);
    }
    for spec in wording::specs(comparison) {
        page.blank();
        page.line(0, HEADING, spec.file);
        if let Some((sign, lines)) = spec.whole {
            let mut lines = lines.iter();
            lines
                .next()
                .into_iter()
                .for_each(|first| page.signed(1, sign, first));
            lines.for_each(|line| page.line(3, PLAIN, line));
        }
        if let Some(like) = spec.like {
            page.line(1, PLAIN, &like);
        }
        changes(&mut page, spec.changes);
        if let Some(words) = wording::without_effect(spec.changes) {
            page.line(1, PLAIN, &words);
        }
    }
    if let Some(form) = wording::form(comparison, str::to_owned) {
        page.blank();
        page.line(0, PLAIN, &form);
    }
    generated(&mut page, comparison);
    page.0
}

fn changes(page: &mut Page, changes: &[Shown]) {
    let mut chapter = "";
    let changes = changes.iter().filter(|shown| !shown.change.is_words());
    for shown in changes {
        let change = &shown.change;
        if chapter != change.subject.chapter {
            chapter = change.subject.chapter;
            page.line(1, HEADING, chapter);
        }
        let (sign, subject) = (wording::sign(change), &change.subject);
        page.signed(
            2,
            sign,
            &format!("{subject}: {}", wording::headline(change, ARROW)),
        );
        for sentence in &change.meaning {
            page.line(4, PLAIN, sentence);
        }
        if let Some(heirs) = wording::heirs(shown) {
            page.line(4, PLAIN, &heirs);
        }
        if let Kind::Steps(steps) = &change.kind {
            for step in steps {
                let (sign, what, parts) = wording::step(step, ARROW);
                page.signed(3, sign, &format!("{what}: {}", step.text));
                for part in &parts {
                    page.line(5, PLAIN, part);
                }
                for place in &step.touches {
                    page.line(5, DIM, &format!("accesses {place}"));
                }
            }
        }
        for mention in &change.mentions {
            let place = wording::place(mention, wording::is_gone(change));
            let text = match mention.text.as_str() {
                "" => place,
                text => format!("{place}: {text}"),
            };
            page.line(4, DIM, &text);
        }
    }
}

fn generated(page: &mut Page, comparison: &Comparison) {
    let Some(files) = &comparison.files else {
        page.blank();
        page.line(0, PLAIN, wording::NOTHING_GENERATED);
        return;
    };
    for (sentence, files) in wording::committed(&comparison.committed) {
        page.blank();
        page.line(0, HEADING, &sentence);
        files.iter().for_each(|file| page.line(1, PLAIN, file));
    }
    if !files.is_empty() {
        page.blank();
        page.line(0, HEADING, "generated files that follow");
        let width = files.iter().map(|file| file.path.len()).max().unwrap_or(0);
        for file in files {
            page.line(
                1,
                PLAIN,
                &format!("{:width$}  {}", file.path, wording::file(file)),
            );
        }
    }
    if !comparison.tables.is_empty() {
        page.blank();
        page.line(0, HEADING, "tables of the kernel module for FreeBSD");
        let tables = comparison.tables.iter();
        tables.for_each(|sentence| page.line(1, PLAIN, sentence));
    }
    if !comparison.items.is_empty() {
        page.blank();
        page.line(0, HEADING, "public items of the generated crate");
        for item in &comparison.items {
            let sign = match item.effect {
                Effect::Breaking => '!',
                Effect::Other => '~',
                Effect::Added => '+',
            };
            let (effect, text) = (wording::effect(item.effect), wording::item(item, ARROW));
            page.signed(1, sign, &format!("{effect}: {}: {text}", item.path));
        }
    }
}

/// Lines with colours.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, depth: usize, style: Style, text: &str) {
        let indent = "  ".repeat(depth);
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{indent}{style}{text}{style:#}");
    }

    fn signed(&mut self, depth: usize, sign: char, text: &str) {
        let colour = match sign {
            '+' => AnsiColor::Green,
            '-' | '!' => AnsiColor::Red,
            _ => AnsiColor::Yellow,
        };
        let style = colour.on_default();
        let indent = "  ".repeat(depth);
        let _ = writeln!(self.0, "{indent}{style}{sign}{style:#} {text}");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}
