//! `statistics.rs`: the counters.

use askama::Template;
use nicspecs::ir::{Counter, Nic, Register, Source};

use super::facts::Facts;
use super::imports::Imports;
use super::register::about;
use super::steps::literal;
use super::tables::{only_on, pieces};
use super::text::header;

/// The file.
#[derive(Template)]
#[template(path = "statistics.rs.jinja", escape = "none")]
pub struct Statistics {
    header: String,
    imports: Imports,
    counters: Vec<Entry>,
}

/// One counter.
struct Entry {
    comment: String,
    statistic: String,
}

impl Statistics {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let counters = facts.nic.statistics().iter();
        let counters: Vec<_> = counters.map(|counter| entry(counter, facts.nic)).collect();
        let code: Vec<_> = counters.iter().map(|counter| &*counter.statistic).collect();
        Self {
            header: header(
                facts.nic,
                &format!("Counters of the {}.", facts.nic.title()),
            ),
            imports: Imports::of_counters(&code.join("\n")),
            counters,
        }
    }
}

fn entry(counter: &Counter, nic: &Nic) -> Entry {
    let of_register = |register: &Register| {
        let doc = register.doc.as_ref().unwrap_or(&register.title);
        (about(register, false), doc.clone())
    };
    let ((comment, title), call, place) = match &counter.source {
        Source::One(register) => (of_register(register), "register", pieces(register)),
        Source::Pair { low, high } => {
            let place = format!("{}, {}", pieces(low), pieces(high));
            (of_register(low), "pair", place)
        }
        Source::Block { offset, bytes } => {
            let comment = format!("Byte {offset} of the block.");
            let title = counter.doc.clone().unwrap_or_default();
            ((comment, title), "in_block", format!("{offset}, {bytes}"))
        }
    };
    let title = counter.doc.as_ref().unwrap_or(&title);
    let (name, title) = (literal(&counter.name), literal(title.trim_end_matches('.')));
    let mut statistic = format!("Statistic::{call}({name}, {title}, {place})");
    if counter.clears() {
        statistic.push_str(".cleared_by_reading()");
    }
    if !counter.variants.is_all() {
        let variants = only_on(&counter.variants, nic.variants());
        statistic.push_str(&format!(".only_on({variants})"));
    }
    Entry { comment, statistic }
}
