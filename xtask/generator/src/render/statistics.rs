//! `statistics.rs`: the counters.

use nicspecs::ir::{Counter, Counts, Nic, Register, Source};

use super::facts::Facts;
use super::imports;
use super::register::about;
use super::steps::literal;
use super::tables::{only_on, pieces, pieces_of};
use super::text::header;

pub fn file(facts: &Facts) -> String {
    let nic = facts.nic;
    let counters = nic.statistics().iter();
    let counters: String = counters.map(|counter| entry(counter, nic)).collect();
    let header = header(nic, &format!("Counters of the {}.", nic.title()));
    let table = format!("pub const STATISTICS: &[Statistic] = &[\n{counters}];\n");
    let imports = imports::of_counters(&table);
    format!("{header}\n\n{imports}/// The counters, in the order of the datasheet.\n{table}")
}

/// A counter, below a comment that says where it is.
fn entry(counter: &Counter, nic: &Nic) -> String {
    let of_register = |register: &Register| {
        let doc = register.doc.as_ref().unwrap_or(&register.title);
        (about(register, false), doc.clone())
    };
    let ((comment, title), call, place) = match &counter.source {
        Source::One(register) => {
            let also = counter.also.iter().map(|also| &*also.register);
            let all = [&**register].into_iter().chain(also);
            (of_register(register), "register", pieces_of(all))
        }
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
    match counter.access() {
        Some(access) if access.read_clears() => statistic.push_str(".cleared_by_reading()"),
        Some(access) if access.any_write_clears() => statistic.push_str(".cleared_by_writing()"),
        _ => {}
    }
    if counter.counts.is_some_and(Counts::loses) {
        statistic.push_str(".of_lost_frames()");
    }
    if !counter.variants.is_all() {
        let variants = only_on(&counter.variants, nic.variants());
        statistic.push_str(&format!(".only_on({variants})"));
    }
    format!("// {comment}\n{statistic},\n")
}
