//! Fields that the device computes on each read.

use std::cell::RefCell;

use netmap_core::model::{Computed, Fields};

use crate::error::ModelError;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::simulated::Simulated;

/// The longest chain of computed fields; in a model with a cycle they read as zero.
const DEPTH: u32 = 8;

/// Rules of computed fields.
pub(crate) struct Follows {
    computed: Vec<Rule>,
    /// Fields that identify the variant.
    fixed: Vec<(Field, u64)>,
    /// Position of the variant in the model.
    variant: usize,
    link_up: Computed,
    /// What fields show without a partner.
    link_down: Vec<(Field, u64)>,
    /// Registers that rules read.
    inputs: Vec<RegisterId>,
}

struct Rule {
    field: Field,
    is: Computed,
}

/// The registers as a reader sees them.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) file: &'a RegisterFile,
    pub(crate) follows: &'a Follows,
    /// Whether there is a link partner.
    pub(crate) partner: bool,
    depth: u32,
}

impl Follows {
    pub(crate) fn new(simulated: Simulated, file: &RegisterFile) -> Result<Follows, ModelError> {
        let Simulated { model, variant, .. } = simulated;
        let here = model
            .follows
            .iter()
            .filter(|follow| !file.is_elsewhere(follow.field.register));
        let mut inputs = Vec::new();
        let mut computed = Vec::new();
        for follow in here {
            inputs.extend(registers_of(follow.is, simulated, file, "follows")?);
            computed.push(Rule {
                field: file.field(&follow.field, 1, "follows")?,
                is: follow.is,
            });
        }
        let fixed = variant.fixed.iter();
        let fixed = fixed.map(|(name, value)| Ok((file.field(name, 1, "variants")?, *value)));
        inputs.extend(registers_of(model.link_up, simulated, file, "link_up")?);
        let link_down = model.link_down.iter();
        let link_down = link_down.filter(|(name, _)| !file.is_elsewhere(name.register));
        let link_down =
            link_down.map(|(name, value)| Ok((file.field(name, 1, "link_down")?, *value)));
        Ok(Follows {
            computed,
            fixed: fixed.collect::<Result<_, _>>()?,
            variant: simulated.index,
            link_up: model.link_up,
            link_down: link_down.collect::<Result<_, _>>()?,
            inputs,
        })
    }

    /// The registers that hold a computed field, and those that it is computed from.
    pub(crate) fn registers(&self) -> impl Iterator<Item = RegisterId> {
        let computed = self.computed.iter().map(|rule| rule.field.register);
        computed.chain(self.inputs.iter().copied())
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(file: &'a RegisterFile, follows: &'a Follows, partner: bool) -> View<'a> {
        View {
            file,
            follows,
            partner,
            depth: 0,
        }
    }

    /// The value that a read of an element would return.
    pub(crate) fn value(&self, place: Place) -> u64 {
        let mut value = self.file.get(place);
        let deeper = View {
            depth: self.depth + 1,
            ..*self
        };
        for rule in &self.follows.computed {
            if rule.field.place(place.element) == place {
                let is = match (self.depth < DEPTH, rule.field.is_by_queue()) {
                    (true, true) => (rule.is)(&deeper, place.element),
                    (true, false) => (rule.is)(&deeper, 0),
                    (false, _) => 0,
                };
                value = rule.field.bits.put(value, is);
            }
        }
        for (field, is) in &self.follows.fixed {
            if field.place(0) == place {
                value = field.bits.put(value, *is);
            }
        }
        if !self.partner {
            for (field, is) in &self.follows.link_down {
                if field.place(0) == place {
                    value = field.bits.put(value, *is);
                }
            }
        }
        value
    }

    pub(crate) fn field(&self, field: &Field, queue: u32) -> u64 {
        field.bits.get(self.value(field.place(queue)))
    }

    /// Whether the link is up for the driver.
    pub(crate) fn link(&self) -> bool {
        self.partner && (self.follows.link_up)(self, 0) != 0
    }
}

impl Fields for View<'_> {
    fn get(&self, register: &str, index: u32, field: &str) -> u64 {
        // `Follows::new` has checked all names.
        let register = self.file.lookup(register);
        let field = register.and_then(|id| Some((id, self.file.lookup_bits(id, field)?)));
        field.map_or(0, |(id, bits)| bits.get(self.value(id.at(index))))
    }

    fn variant(&self) -> usize {
        self.follows.variant
    }
}

/// The registers that a computation reads, after checking that each exists.
pub(crate) fn registers_of(
    is: Computed,
    simulated: Simulated,
    file: &RegisterFile,
    wanted_by: &'static str,
) -> Result<Vec<RegisterId>, ModelError> {
    let mut registers = Vec::new();
    // Each branch of a condition reads fields, so compute once with zeros and once with ones.
    for answer in [0, u64::MAX] {
        let names = Names {
            file,
            variant: simulated.index,
            wanted_by,
            answer,
            asked: RefCell::new(Vec::new()),
        };
        is(&names, 0);
        for asked in names.asked.into_inner() {
            registers.push(asked?);
        }
    }
    Ok(registers)
}

/// Returns the same bits for every read and records the names.
struct Names<'a> {
    file: &'a RegisterFile,
    variant: usize,
    wanted_by: &'static str,
    answer: u64,
    asked: RefCell<Vec<Result<RegisterId, ModelError>>>,
}

impl Fields for Names<'_> {
    fn get(&self, register: &str, _index: u32, field: &str) -> u64 {
        if self.file.is_elsewhere(register) {
            return 0;
        }
        let found = self.file.register(register, self.wanted_by);
        let found = found.and_then(|id| Ok((id, self.file.bits(id, field, self.wanted_by)?)));
        let answer = found.as_ref().map_or(0, |(_, bits)| bits.get(self.answer));
        self.asked.borrow_mut().push(found.map(|(id, _)| id));
        answer
    }

    fn variant(&self) -> usize {
        self.variant
    }
}
