//! `use` lines of code whose names depend on its sequences.

use std::collections::BTreeSet;

use super::facts::Facts;

/// What a driver's sequences use of the core and of the crate.
const CORE: (&str, &str) = (
    "netmap_core",
    "Bus Causes Completion DmaAddr Driver Duplex Fault Filter Link MacAddress Messages NicLimits PciIdentity RingSetup \
     Setup poll",
);
const STEPS: (&str, &str) = ("crate::steps", "ms us verify");
const PIECES: (&str, &str) = ("crate::pieces", "piece single");

/// For the code of a driver.
pub fn of_driver(facts: &Facts, code: &str) -> String {
    let (registers, constants) = named(facts);
    lines(
        code,
        &[CORE, ("netmap_derive", "Nic")],
        &[
            ("super::desc", "RxDescriptor TxDescriptor"),
            ("super::regs", &(registers + " Regs")),
            ("super", &(constants + " Options REGS STATISTICS Variant")),
            STEPS,
        ],
    )
}

/// For the MSI-X code of a driver.
pub fn of_messages(facts: &Facts, code: &str) -> String {
    let (registers, constants) = named(facts);
    let own = format!("{} {constants} REGS Variant", facts.driver());
    let own = [("super::regs", &*registers), ("super", &own), STEPS];
    lines(code, &[CORE], &own)
}

/// For the variants of a driver.
pub fn of_variants(facts: &Facts, code: &str) -> String {
    let (registers, _) = named(facts);
    let core = "Bus FrameLimits NicLimits PciIdentity RingLimits RssLimits";
    let own = [
        ("super", &*format!("{} REGS", facts.driver())),
        ("super::regs", &*registers),
    ];
    lines(code, &[("netmap_core", core)], &own)
}

/// For a table of counters.
pub fn of_counters(code: &str) -> String {
    lines(code, &[("netmap_core", "Statistic")], &[PIECES])
}

/// For the tables of a model.
pub fn of_model(facts: &Facts, code: &str) -> String {
    lines(
        code,
        &[
            (
                "netmap_core::model",
                "Access After BlockModel CompletionModel CountModel CounterPlace DescriptorModel DoorbellModel \
                 EepromModel Element Event FieldName Follow HashType InterruptModel LateModel LinkModel LockModel \
                 MessageCauses MessageModel Model Moment MulticastModel OrderModel Owner PhyAccess PhyCommand PhyModel \
                 RefusalModel RegisterModel Requirement RingModel \
                 RssModel RxModel SlotValue StationModel TxModel VariantModel",
            ),
            ("netmap_core", "MulticastHash NicLimits PciId PciIdentity"),
        ],
        &[
            ("super", &format!("{} Variant", facts.driver())),
            ("crate", "Modelled"),
            PIECES,
            ("crate::tables", "bits choice field of of_queue"),
        ],
    )
}

/// The types of registers and the constants that a driver may name.
fn named(facts: &Facts) -> (String, String) {
    let registers = facts.registers().into_iter();
    let registers: Vec<_> = registers.map(|register| &*register.type_name).collect();
    let constants = facts
        .constants()
        .map(|constant| constant.name.to_uppercase());
    (registers.join(" "), constants.collect::<Vec<_>>().join(" "))
}

/// The lines for the names that the code uses: of other crates, and of this one.
fn lines(code: &str, others: &[(&str, &str)], own: &[(&str, &str)]) -> String {
    let words = heads(code);
    let line = |(path, names): &(&str, &str)| {
        let names: Vec<_> = names
            .split_whitespace()
            .filter(|name| words.contains(name))
            .collect();
        match names.is_empty() {
            true => String::new(),
            false => format!("use {path}::{{{}}};\n", names.join(", ")),
        }
    };
    let group = |paths: &[(&str, &str)]| paths.iter().map(line).collect::<String>();
    format!("{}\n{}\n", group(others), group(own))
}

/// The names at the head of paths in code, without comments and string literals: of `Link::Up`, only `Link`.
fn heads(code: &str) -> BTreeSet<&str> {
    let lines = code.lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    let mut heads = BTreeSet::new();
    for line in code {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut rest = line;
        let mut before = "";
        while let Some(first) = rest.chars().next() {
            let end = match first {
                '"' => literal_end(rest),
                first => rest.find(|c| c == '"' || is_word(c) != is_word(first)),
            };
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            let is_range = before.ends_with("..");
            let continues = before.ends_with("::") || before.ends_with('.') && !is_range;
            if is_word(first) && !continues {
                heads.insert(part);
            }
            (before, rest) = (part, after);
        }
    }
    heads
}

/// Where a string literal ends that a text begins with.
fn literal_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = |(_, c): &(usize, char)| {
        let is_end = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        is_end
    };
    let end = text.char_indices().skip(1).find(end);
    end.map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::heads;

    #[test]
    fn only_heads_of_paths_are_imported() {
        let code =
            "// Gone\nlet mbps = self.of(Link::Up, \"a \\\" Down\\\\\", 0..END, Ctrl::NEW)\n";
        let found = heads(code);
        let expected = ["let", "mbps", "self", "Link", "0", "END", "Ctrl"];
        assert_eq!(found, BTreeSet::from(expected));
    }
}
