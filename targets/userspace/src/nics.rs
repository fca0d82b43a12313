//! Stands in for the generated crate until it has drivers.

/// x
pub trait Modelled: netmap_core::Driver {
    /// x
    const MODEL: &'static netmap_core::model::Model;
}
/// x
pub trait Visitor {
    /// x
    type Output;
    /// x
    fn visit<D: Modelled>(self) -> Self::Output;
}
/// x
pub const NAMES: &[&str] = &[];
/// x
pub fn by_name<V: Visitor>(_: &str, _: V) -> Option<V::Output> {
    None
}
/// x
pub fn by_pci<V: Visitor>(_: netmap_core::PciId, _: V) -> Option<V::Output> {
    None
}
