//! Changes of the tables that the kernel module for FreeBSD reads, in words.

use std::collections::BTreeMap;
use std::path::Path;

use xtask_generator::CRATE;
use xtask_generator::outputs::Outputs;

/// A sentence for each changed entry of a table. Both sides are all generated files.
pub fn compare(old: &Outputs, new: &Outputs) -> Vec<String> {
    let folder = Path::new(CRATE).join("freebsd");
    let mut sentences = Vec::new();
    for (path, after) in new {
        let Some(before) = old.get(path).filter(|_| path.starts_with(&folder)) else {
            continue;
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let nic = name.strip_prefix("nmd_nic_").unwrap_or_default();
        let (before, after) = (entries(before), entries(after));
        let keys = before
            .keys()
            .chain(after.keys().filter(|key| !before.contains_key(*key)));
        for key in keys {
            if before.get(key) != after.get(key) {
                sentences.push(sentence(nic, key, before.get(key), after.get(key)));
            }
        }
    }
    sentences
}

/// The entries of a table in C: `.bar = 0,` of a structure, `{ 0x1234, 0x0001, "Toy" },` of the PCI ids, and
/// `&nmd_nic_toy,` of the list of NICs.
fn entries(text: &str) -> BTreeMap<String, String> {
    let entry = |line: &str| {
        let line = line.trim().strip_suffix(',')?;
        if let Some((key, value)) = line
            .strip_prefix('.')
            .and_then(|line| line.split_once(" = "))
        {
            // The ids themselves are compared.
            let counts = ["ids", "id_count"].contains(&key);
            return (!counts).then(|| (key.to_owned(), value.to_owned()));
        }
        if let Some(nic) = line.strip_prefix("&nmd_nic_") {
            return Some((format!("nic {nic}"), String::new()));
        }
        let row = line.strip_prefix("{ ")?.strip_suffix(" }")?;
        let mut cells = row.splitn(3, ", ");
        let mut half = || Some(cells.next()?.trim_start_matches("0x").to_owned());
        let (vendor, device) = (half()?, half()?);
        Some((format!("id {vendor}:{device}"), cells.next()?.to_owned()))
    };
    text.lines().filter_map(entry).collect()
}

fn sentence(nic: &str, key: &str, old: Option<&String>, new: Option<&String>) -> String {
    let [was, is] = [old, new].map(|value| value.map_or("nothing", String::as_str));
    let now = if new.is_some() { "now" } else { "no longer" };
    match key.split_once(' ') {
        Some(("nic", nic)) => format!("The kernel module {now} has the driver of `{nic}`."),
        Some(("id", id)) => match (old, new) {
            (Some(_), Some(_)) => {
                format!("`{nic}`: the kernel module calls the device {id} {is} instead of {was}.")
            }
            _ => format!(
                "`{nic}`: the kernel module {now} attaches to devices with the PCI id {id}."
            ),
        },
        _ => match key {
            "bar" => format!(
                "`{nic}`: the kernel module maps the registers through {} instead of {}.",
                bar(is),
                bar(was)
            ),
            "bar_bytes" => {
                format!(
                    "`{nic}`: the kernel module needs {is} bytes of registers instead of {was}."
                )
            }
            "vectors" => {
                format!(
                    "`{nic}`: the kernel module uses up to {is} MSI-X vectors instead of {was}."
                )
            }
            "title" => format!("`{nic}`: the kernel module calls the NIC {is} instead of {was}."),
            other => format!("`{nic}`: `{other}` is {is} instead of {was}."),
        },
    }
}

fn bar(number: &str) -> String {
    match number {
        "-1" => "the first BAR for memory".to_owned(),
        number => format!("BAR {number}"),
    }
}
