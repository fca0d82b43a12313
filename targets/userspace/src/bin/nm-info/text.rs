//! Text output.

use std::fmt;

use crate::collect::{Chosen, Counter, Field, Info, Register, Rings};

/// Longest line of fields.
const WIDTH: usize = 100;

/// An [`Info`] as text; counters that are zero are shown only with `all`.
pub struct Text<'a> {
    pub info: &'a Info,
    pub all: bool,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.info;
        let mut line = |name: &str, text: &dyn fmt::Display| writeln!(f, "{name:<12} {text}");
        line("port", &info.port)?;
        line(
            "nic",
            &format_args!(
                "{}: {}, variant {}, PCI id {}",
                info.nic, info.title, info.variant, info.pci
            ),
        )?;
        line("address", &info.address.as_deref().unwrap_or("not started"))?;
        line("link", &info.link.text)?;
        line(
            "frames",
            &format_args!(
                "{} to {} bytes without CRC, up to {} received, {}",
                info.frames.shortest,
                info.frames.longest_sent,
                info.frames.longest_received,
                match info.frames.most_slots {
                    1 => "in one slot".to_owned(),
                    most => format!("sent from up to {most} slots"),
                }
            ),
        )?;
        line("tx rings", &info.tx)?;
        line("rx rings", &info.rx)?;
        line("completion", &info.completions.join(", "))?;
        match &info.rss {
            Some(rss) => line(
                "spread over",
                &format_args!(
                    "{} queues, by a table of {} entries",
                    rss.queues, rss.entries
                ),
            )?,
            None => line("spread over", &"the first queue only")?,
        }
        options(f, &info.options)?;
        statistics(f, &info.statistics, self.all)?;
        let Some(registers) = &info.registers else {
            return Ok(());
        };
        writeln!(f, "registers")?;
        let width = registers.iter().map(|r| title(r).len()).max().unwrap_or(0);
        for register in registers {
            show(f, register, width)?;
        }
        Ok(())
    }
}

impl fmt::Display for Rings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reset = match self.reset_alone {
            true => "reset individually",
            false => "reset with the device",
        };
        write!(
            f,
            "{} of {} to {} slots, a multiple of {}; {reset}; {}-bit addresses, multiples of {}",
            match self.most {
                1 => "one".to_owned(),
                most => format!("up to {most}"),
            },
            self.fewest_slots,
            self.most_slots,
            self.slots_multiple_of,
            self.address_bits,
            self.alignment,
        )
    }
}

fn options(f: &mut fmt::Formatter<'_>, options: &[Chosen]) -> fmt::Result {
    if options.is_empty() {
        return writeln!(f, "{:<12} none", "options");
    }
    writeln!(f, "options")?;
    let names = options.iter().map(|option| option.name.len());
    let width = names.max().unwrap_or(0);
    for Chosen {
        name,
        title,
        value,
        most,
    } in options
    {
        writeln!(f, "  {name:<width$} {value:>12}  {title} (0 to {most})")?;
    }
    Ok(())
}

fn statistics(f: &mut fmt::Formatter<'_>, counters: &[Counter], all: bool) -> fmt::Result {
    let shown: Vec<_> = counters
        .iter()
        .filter(|counter| all || counter.value > 0)
        .collect();
    let zero = counters.len() - shown.len();
    write!(f, "{:<12} {} counters", "statistics", counters.len())?;
    match all {
        true => writeln!(f)?,
        false => writeln!(f, ", {zero} of them zero and not shown")?,
    }
    let width = shown
        .iter()
        .map(|counter| counter.name.len())
        .max()
        .unwrap_or(0);
    for Counter { name, title, value } in shown {
        writeln!(f, "  {name:<width$} {value:>12}  {title}")?;
    }
    Ok(())
}

/// Name, and elements if it is an array.
fn title(register: &Register) -> String {
    match (register.index, register.count) {
        (None, _) => register.name.to_owned(),
        (Some(index), 1) => format!("{}[{index}]", register.name),
        (Some(index), count) => format!("{}[{index}..={}]", register.name, index + count - 1),
    }
}

fn show(f: &mut fmt::Formatter<'_>, register: &Register, width: usize) -> fmt::Result {
    write!(f, "  {:#07x} {:<width$} ", register.offset, title(register))?;
    let digits = usize::from(register.width) / 4 + 2;
    match (register.value, register.not_read) {
        (Some(value), _) => write!(f, "{value:#0digits$x}")?,
        (None, why) => write!(f, "{:<digits$}", why.unwrap_or("not read"))?,
    }
    writeln!(
        f,
        "  {}  {} ({})",
        register.access, register.title, register.section
    )?;
    if register.value.is_none() {
        return Ok(());
    }
    let mut column = 0;
    for field in &register.fields {
        let text = decoded(field);
        if column > 0 && column + text.len() + 1 > WIDTH {
            writeln!(f)?;
            column = 0;
        }
        if column == 0 {
            write!(f, "         ")?;
            column = 9;
        }
        write!(f, " {text}")?;
        column += text.len() + 1;
    }
    if column > 0 {
        writeln!(f)?;
    }
    Ok(())
}

fn decoded(field: &Field) -> String {
    let value = field.value.unwrap_or(0);
    match (field.meaning, value) {
        (Some(meaning), _) => format!("{}={meaning}", field.name),
        (None, 0..10) => format!("{}={value}", field.name),
        (None, _) => format!("{}={value:#x}", field.name),
    }
}
