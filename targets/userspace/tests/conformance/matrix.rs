//! The matrix as a table: behaviours down, cells across.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::behaviours::{Behaviour, CHAPTERS};
use crate::cell::{Bus, Cell};
use crate::run::{Record, Verdict};

/// The planned runs and skips, with reasons.
pub fn planned(cells: &[&Cell]) -> String {
    table(cells, |cell, behaviour| {
        let needs = cell.is_here().and_then(|()| (behaviour.needs)(cell));
        Some(match needs {
            Err(why) => Mark::Skipped(why),
            Ok(()) if behaviour.is_long => Mark::Long,
            Ok(()) => Mark::Runs,
        })
    })
}

/// The results.
pub fn shown(cells: &[&Cell], records: &[Record]) -> String {
    let find = |cell: &Cell, behaviour: &Behaviour| {
        records.iter().find(|record| {
            std::ptr::eq(record.cell, cell) && std::ptr::eq(record.behaviour, behaviour)
        })
    };
    let mut text = table(cells, |cell, behaviour| {
        let record = find(cell, behaviour)?;
        Some(match &record.verdict {
            Verdict::Passed => Mark::Passed,
            Verdict::Failed(_) => Mark::Failed,
            Verdict::Skipped(why) => Mark::Skipped(why.clone()),
        })
    });
    let count = |is: fn(&Verdict) -> bool| records.iter().filter(|r| is(&r.verdict)).count();
    let _ = writeln!(
        text,
        "{} passed, {} failed, {} skipped with a reason",
        count(|verdict| matches!(verdict, Verdict::Passed)),
        count(|verdict| matches!(verdict, Verdict::Failed(_))),
        count(|verdict| matches!(verdict, Verdict::Skipped(_))),
    );
    text
}

enum Mark {
    Runs,
    Long,
    Passed,
    Failed,
    Skipped(String),
}

fn table(cells: &[&Cell], mark: impl Fn(&Cell, &Behaviour) -> Option<Mark>) -> String {
    let mut text = String::from("\n");
    let wide = CHAPTERS.iter().flat_map(|chapter| chapter.behaviours);
    let wide = wide
        .map(|behaviour| behaviour.name.len())
        .max()
        .unwrap_or(0);
    for (cell, letter) in cells.iter().zip(letters()) {
        let device = match &cell.bus {
            Bus::Sim => String::new(),
            Bus::Qemu(device) => format!(" (QEMU's {device})"),
        };
        let _ = writeln!(text, "{letter:>4} = {cell}{device}");
    }
    let mut skipped: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for chapter in CHAPTERS {
        let mut lines = String::new();
        for behaviour in chapter.behaviours {
            let marks: Vec<_> = cells.iter().map(|cell| mark(cell, behaviour)).collect();
            if marks.iter().all(Option::is_none) {
                continue;
            }
            let _ = write!(lines, "  {:<wide$}", behaviour.name);
            for (mark, letter) in marks.into_iter().zip(letters()) {
                let sign = match mark {
                    None => "",
                    Some(Mark::Runs) => "x",
                    Some(Mark::Long) => "l",
                    Some(Mark::Passed) => "ok",
                    Some(Mark::Failed) => "FAIL",
                    Some(Mark::Skipped(why)) => {
                        *skipped.entry(why).or_default().entry(letter).or_default() += 1;
                        "-"
                    }
                };
                let _ = write!(lines, " {sign:>4}");
            }
            lines.push('\n');
        }
        if !lines.is_empty() {
            let letters: String =
                cells
                    .iter()
                    .zip(letters())
                    .fold(String::new(), |mut all, (_, l)| {
                        let _ = write!(all, " {l:>4}");
                        all
                    });
            let _ = write!(text, "\n{:<wide$}  {letters}\n{lines}", chapter.name);
        }
    }
    if !skipped.is_empty() {
        text.push_str("\n- is skipped because\n");
    }
    for (why, cells) in skipped {
        let cells: Vec<_> = cells
            .iter()
            .map(|(cell, count)| format!("{cell}: {count}"))
            .collect();
        let _ = writeln!(text, "  {why} ({})", cells.join(", "));
    }
    text.push('\n');
    text
}

/// a, b, ... z, aa, ab, ...
fn letters() -> impl Iterator<Item = String> {
    (0u32..).map(|number| {
        let letter = |number: u32| char::from(b'a' + (number % 26) as u8);
        match number / 26 {
            0 => letter(number).to_string(),
            more => [letter(more - 1), letter(number)].iter().collect(),
        }
    })
}
