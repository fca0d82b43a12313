//! What a new name means.

use crate::difference::change::{Change, Kind, Subject};
use crate::ir::Nic;

/// The sentence about something that has another name and is otherwise the same.
pub(super) fn of(change: &Change, new: &Nic) -> Vec<String> {
    const NOTHING: &str = "new name: nothing changes for the hardware";
    let Subject {
        chapter,
        name,
        field,
    } = &change.subject;
    let named = |name: &str| format!("Same {name}, {NOTHING}.");
    let visible = |what: &str, who: &str| format!("Same {what}, {NOTHING}, but {who}.");
    let sentence = match (*chapter, field) {
        _ if matches!(change.kind, Kind::RenamedValue { .. }) => named("value"),
        (chapter, Some(field)) => {
            let name = name.as_deref().unwrap_or_default();
            let register = new
                .register(name)
                .and_then(|register| register.field(field));
            let mut formats = new.descriptors.iter();
            let format = formats.find(|format| format.name == name);
            let width = match chapter {
                "registers" => register.map(|field| field.width),
                _ => format.and_then(|format| Some(format.field(field)?.width)),
            };
            named(if width == Some(1) { "bit" } else { "bits" })
        }
        ("variants", _) => visible("part", "programs and logs show the new name"),
        ("options", _) => visible("option", "users have to set it by its new name"),
        ("statistics", _) => visible("counter", "programs show it under the new name"),
        ("registers", _) => named("register"),
        ("descriptors", _) => named("descriptor format"),
        ("constants", _) => named("number"),
        ("sequences", _) => named("steps"),
        ("spaces", _) => named("window of registers"),
        _ => named("facts"),
    };
    vec![sentence]
}
