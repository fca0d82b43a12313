//! Steps that wait.

use super::Lowering;
use crate::diagnostic::NodeId;
use crate::errors::{bad_duration, delay_too_long, poll_without_limit, sleep_forbidden};
use crate::ir::{Action, Duration, Num, NumKind, OnTimeout, Range, Unit};
use crate::lower::expr::Typer;
use crate::schema;

/// Longest busy wait in microseconds.
const LONGEST_DELAY: u64 = 50;

impl Lowering<'_, '_, '_> {
    /// `poll: { until: expr, every: 10us, within: 10ms, on_timeout: fail }`
    pub(super) fn poll(&mut self, node: NodeId) -> Option<Action> {
        let raw: schema::Poll = self.cx.read(node, "`poll`")?;
        let until = Typer::new(self.cx, self.cx.tree.at(node, "until"), &self.scope).condition();
        let every = self.duration(self.cx.tree.at(node, "every"));
        let Some(within) = self.cx.tree.get(node, "within") else {
            self.cx
                .add(poll_without_limit::finding(self.cx.tree.key_span(node)));
            return None;
        };
        let within = self.duration(within);
        Some(Action::Poll {
            until: until?,
            every: every?,
            within: within?,
            on_timeout: raw.on_timeout.unwrap_or(OnTimeout::Fail),
        })
    }

    /// `delay: 10us`
    pub(super) fn delay(&mut self, node: NodeId) -> Option<Action> {
        let duration = self.duration(node)?;
        if duration.max_us() > LONGEST_DELAY {
            let may_sleep = self.signature.may_sleep;
            self.cx.add(delay_too_long::finding(
                self.cx.tree.span(node),
                duration.max_us(),
                may_sleep,
            ));
            return None;
        }
        Some(Action::Delay(duration))
    }

    /// `sleep: 5ms`
    pub(super) fn sleep(&mut self, node: NodeId) -> Option<Action> {
        let duration = self.duration(node)?;
        if !self.signature.may_sleep {
            self.cx.add(sleep_forbidden::finding(
                self.cx.tree.key_span(node),
                &self.signature.name,
            ));
            return None;
        }
        Some(Action::Sleep(duration))
    }

    /// A number or a constant, and a unit: `10us`, `5ms`, `eeprom_load ms`.
    fn duration(&mut self, node: NodeId) -> Option<Duration> {
        let text = self.cx.text(node, "a duration")?;
        let split = [("us", Unit::Us), ("ms", Unit::Ms), ("s", Unit::S)]
            .into_iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)));
        let Some((count, unit)) = split else {
            return self.not_a_duration(node, text);
        };
        if let Ok(value) = count.trim_end().parse::<u32>() {
            let kind = NumKind::Literal { value, hex: false };
            return Some(Duration {
                count: Num {
                    kind,
                    range: Range::exactly(value),
                },
                unit,
            });
        }
        // A space separates a name from its unit, or `eeprom_loadms` would be a name.
        if !count.ends_with(' ') {
            return self.not_a_duration(node, text);
        }
        let count = Typer::new(self.cx, node, &self.scope).number_in(count.trim_end())?;
        match count.kind {
            NumKind::Constant(_) => Some(Duration { count, unit }),
            _ => self.not_a_duration(node, text),
        }
    }

    fn not_a_duration(&mut self, node: NodeId, text: &str) -> Option<Duration> {
        self.cx
            .add(bad_duration::finding(self.cx.tree.span(node), text));
        None
    }
}
