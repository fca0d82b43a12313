//! Fields that the device computes on each read.

use std::cell::RefCell;

use netmap_core::model::{Computed, Fields, Model};

use crate::error::ModelError;
use crate::registers::{Field, Place, RegisterFile, RegisterId};

/// The longest chain of computed fields; in a model with a cycle they read as zero.
const DEPTH: u32 = 8;

/// Rules of computed fields.
pub(crate) struct Follows {
    computed: Vec<Rule>,
    /// Fields that identify the variant.
    fixed: Vec<(Field, u64)>,
    /// Position of the variant in the model.
    variant: usize,
    link_up: Vec<Field>,
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
    /// The rules of the variant at position `variant`.
    pub(crate) fn new(
        model: &Model,
        variant: usize,
        file: &RegisterFile,
    ) -> Result<Follows, ModelError> {
        let here = model
            .follows
            .iter()
            .filter(|follow| !file.is_elsewhere(follow.field.register));
        let mut inputs = Vec::new();
        let mut computed = Vec::new();
        for follow in here {
            inputs.extend(registers_of(follow.is, variant, file, "follows")?);
            computed.push(Rule {
                field: file.field(&follow.field, 1, "follows")?,
                is: follow.is,
            });
        }
        let fixed = model.variants.get(variant).into_iter();
        let fixed = fixed.flat_map(|variant| variant.fixed);
        let fixed = fixed.map(|(name, value)| Ok((file.field(name, 1, "variants")?, *value)));
        Ok(Follows {
            computed,
            fixed: fixed.collect::<Result<_, _>>()?,
            variant,
            link_up: file.fields(model.link_up, 1, "link_up")?,
            inputs,
        })
    }

    /// The registers that hold a computed field, and those that it is computed from.
    pub(crate) fn registers(&self) -> impl Iterator<Item = RegisterId> {
        let computed = self.computed.iter().map(|rule| rule.field.register);
        computed
            .chain(self.link_up.iter().map(|field| field.register))
            .chain(self.inputs.iter().copied())
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
            for field in &self.follows.link_up {
                if field.place(0) == place {
                    value = field.bits.put(value, 0);
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
        self.partner
            && self
                .follows
                .link_up
                .iter()
                .all(|field| self.field(field, 0) != 0)
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
    variant: usize,
    file: &RegisterFile,
    wanted_by: &'static str,
) -> Result<Vec<RegisterId>, ModelError> {
    let mut registers = Vec::new();
    // Each branch of a condition reads fields, so compute once with zeros and once with ones.
    for answer in [0, u64::MAX] {
        let names = Names {
            file,
            variant,
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
