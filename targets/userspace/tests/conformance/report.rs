//! The results as JSON: an array with one object for each behaviour and cell.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use serde::Serialize;

use crate::cell::Cell;
use crate::run::{Record, Verdict};

#[derive(Serialize)]
struct Line<'a> {
    nic: &'a str,
    variant: &'a str,
    bus: &'a str,
    chapter: &'a str,
    behaviour: &'a str,
    verdict: &'a str,
    /// Why it failed or was skipped.
    reason: Option<&'a str>,
    seconds: f64,
}

/// Writes the records in the order of the matrix, cell by cell.
pub fn write(path: &Path, cells: &[&Cell], records: &[Record]) -> io::Result<()> {
    let mut lines = Vec::new();
    for cell in cells {
        for chapter in crate::behaviours::CHAPTERS {
            for behaviour in chapter.behaviours {
                let found = records.iter().find(|record| {
                    std::ptr::eq(record.cell, *cell) && std::ptr::eq(record.behaviour, behaviour)
                });
                let Some(record) = found else { continue };
                let (verdict, reason) = match &record.verdict {
                    Verdict::Passed => ("passed", None),
                    Verdict::Failed(why) => ("failed", Some(why.as_str())),
                    Verdict::Skipped(why) => ("skipped", Some(why.as_str())),
                };
                lines.push(Line {
                    nic: &cell.nic,
                    variant: &cell.variant,
                    bus: cell.bus.name(),
                    chapter: chapter.name,
                    behaviour: behaviour.name,
                    verdict,
                    reason,
                    seconds: (record.took.as_secs_f64() * 1e3).round() / 1e3,
                });
            }
        }
    }
    let mut file = BufWriter::new(File::create(path)?);
    serde_json::to_writer_pretty(&mut file, &lines)?;
    writeln!(file)?;
    file.flush()
}
