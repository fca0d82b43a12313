//! Text output.

use std::fmt;

use netmap_core::{Choice, Restart, RingLimits, Statistic};
use netmap_userspace::Loss;

use crate::collect::{Field, Info, Register};

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
        let (identity, limits) = (&info.identity, &info.limits);
        let mut line = |name: &str, text: &dyn fmt::Display| writeln!(f, "{name:<12} {text}");
        line("port", &info.port)?;
        line(
            "nic",
            &format_args!(
                "{}: {}, variant {}, PCI id {}",
                identity.nic, identity.title, identity.variant, identity.pci
            ),
        )?;
        match &identity.mac {
            Some(mac) => line("address", mac)?,
            None => line("address", &"not started")?,
        }
        line("link", &info.link)?;
        line(
            "frames",
            &format_args!(
                "{} to {} bytes without CRC, up to {} received, {}",
                limits.frame_min,
                limits.tx_frame_max,
                limits.rx_frame_max,
                match limits.tx_frame_slots {
                    1 => "in one slot".to_owned(),
                    most => format!("sent from up to {most} slots"),
                }
            ),
        )?;
        line("tx rings", &rings(limits.tx))?;
        line("rx rings", &rings(limits.rx))?;
        let completions: Vec<_> = limits.completions.iter().map(|way| way.name()).collect();
        line("completion", &completions.join(", "))?;
        match limits.rss {
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
        losses(f, &info.losses)?;
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

fn rings(limits: RingLimits) -> String {
    let reset = match limits.restart == Restart::Queue {
        true => "reset individually",
        false => "reset with the device",
    };
    format!(
        "{} of {} to {} slots, a multiple of {}; {reset}; {}-bit addresses, multiples of {}",
        match limits.queues {
            1 => "one".to_owned(),
            most => format!("up to {most}"),
        },
        limits.min,
        limits.max,
        limits.multiple,
        limits.address_bits,
        limits.align,
    )
}

fn options(f: &mut fmt::Formatter<'_>, options: &[(&Choice, u32)]) -> fmt::Result {
    if options.is_empty() {
        return writeln!(f, "{:<12} none", "options");
    }
    writeln!(f, "options")?;
    let names = options.iter().map(|(option, _)| option.name.len());
    let width = names.max().unwrap_or(0);
    for (option, value) in options {
        let Choice {
            name, title, max, ..
        } = option;
        writeln!(f, "  {name:<width$} {value:>12}  {title} (0 to {max})")?;
    }
    Ok(())
}

fn statistics(
    f: &mut fmt::Formatter<'_>,
    counters: &[(&Statistic, u64)],
    all: bool,
) -> fmt::Result {
    let counted = counters.iter().filter(|(_, value)| all || *value > 0);
    let shown: Vec<_> = counted.collect();
    let zero = counters.len() - shown.len();
    write!(f, "{:<12} {} counters", "statistics", counters.len())?;
    match all {
        true => writeln!(f)?,
        false => writeln!(f, ", {zero} of them zero and not shown")?,
    }
    let names = shown.iter().map(|(counter, _)| counter.name.len());
    let width = names.max().unwrap_or(0);
    for (Statistic { name, title, .. }, value) in shown {
        writeln!(f, "  {name:<width$} {value:>12}  {title}")?;
    }
    Ok(())
}

fn losses(f: &mut fmt::Formatter<'_>, losses: &[Loss]) -> fmt::Result {
    if losses.is_empty() {
        return writeln!(f, "{:<12} none", "lost frames");
    }
    writeln!(f, "lost frames")?;
    for Loss { why, frames } in losses {
        writeln!(f, "  {frames:>12}  {why}")?;
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
