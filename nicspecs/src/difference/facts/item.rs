//! What a spec says of one thing that has a name.

use crate::difference::change::{Fact, Sort, Subject};
use crate::schema::Key;

/// Something that has a name, with its facts in the spec.
#[derive(Debug)]
pub(in crate::difference) struct Item {
    pub(in crate::difference) subject: Subject,
    pub(in crate::difference) facts: Vec<Fact>,
}

impl Item {
    pub(in crate::difference) fn new(subject: Subject) -> Self {
        Self {
            subject,
            facts: Vec::new(),
        }
    }

    /// Adds a fact. Facts with the same name get a number. One that is called after a key whose value is prose
    /// is for people, and no other is.
    pub(in crate::difference) fn fact(&mut self, aspect: impl Into<String>, value: impl ToString) {
        let aspect = aspect.into();
        let key = self.subject.map().key_at(aspect.split('.'));
        let sort = match key.is_some_and(Key::is_prose) {
            true => Sort::Words,
            false => Sort::Hardware,
        };
        self.push(aspect, value.to_string(), sort);
    }

    /// Adds a fact that may be missing.
    pub(in crate::difference) fn fact_if(
        &mut self,
        aspect: impl Into<String>,
        value: Option<impl ToString>,
    ) {
        if let Some(value) = value {
            self.fact(aspect, value);
        }
    }

    /// Adds each element of a list whose order does not matter.
    pub(in crate::difference) fn each(
        &mut self,
        aspect: &str,
        values: impl IntoIterator<Item = String>,
    ) {
        for value in values {
            self.fact(format!("{aspect} {value}"), "");
        }
    }

    fn push(&mut self, aspect: String, value: String, sort: Sort) {
        let taken = |name: &str| self.facts.iter().any(|fact| fact.aspect == name);
        let numbered = (2..).map(|number| format!("{aspect} ({number})"));
        let free = std::iter::once(aspect.clone())
            .chain(numbered)
            .find(|name| !taken(name));
        self.facts.push(Fact {
            aspect: free.unwrap_or(aspect),
            value,
            sort,
        });
    }
}
