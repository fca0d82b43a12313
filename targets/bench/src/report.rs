//! Medians, ratios and their quartiles.

use std::io::{self, Write};

use crate::timer::{median, quantile};

/// What is varied from one measurement to the next.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Slots of the ring.
    pub slots: u32,
    /// Frames per sync.
    pub batch: u32,
}

/// The measurements of one direction of one NIC in one case.
pub struct Row {
    nic: &'static str,
    direction: &'static str,
    pool: &'static str,
    case: Case,
    ours: Vec<f64>,
    roofline: Vec<f64>,
    ratios: Vec<f64>,
}

impl Row {
    /// A row without figures.
    pub fn new(nic: &'static str, direction: &'static str, pool: &'static str, case: Case) -> Row {
        Row {
            nic,
            direction,
            pool,
            case,
            ours: Vec::new(),
            roofline: Vec::new(),
            ratios: Vec::new(),
        }
    }

    /// Adds a round: cycles per frame of the sync and of the roofline.
    pub fn push(&mut self, ours: f64, roofline: f64) {
        self.ours.push(ours);
        self.roofline.push(roofline);
        self.ratios.push(ours / roofline.max(f64::MIN_POSITIVE));
    }

    /// Whether it has no figures: every round was disturbed.
    pub fn is_empty(&self) -> bool {
        self.ratios.is_empty()
    }
}

/// Prints a table to `out`.
///
/// # Errors
/// It cannot be written.
pub fn print(rows: &mut [Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<8} {:>4} {:<7} {:>5} {:>5}  {:>8} {:>8}  {:>6} {:>13} {:>6}",
        "nic", "dir", "pool", "ring", "batch", "cycles", "roofline", "ratio", "quartiles", "rounds"
    )?;
    for row in rows {
        writeln!(
            out,
            "{:<8} {:>4} {:<7} {:>5} {:>5}  {:>8.2} {:>8.2}  {:>6.2} {:>6.2}-{:<6.2} {:>6}",
            row.nic,
            row.direction,
            row.pool,
            row.case.slots,
            row.case.batch,
            median(&mut row.ours),
            median(&mut row.roofline),
            median(&mut row.ratios),
            quantile(&mut row.ratios, 0.25),
            quantile(&mut row.ratios, 0.75),
            row.ratios.len()
        )?;
    }
    writeln!(
        out,
        "cycles: time-stamp-counter cycles per frame, medians; ratio: median of the rounds' ratios"
    )
}
