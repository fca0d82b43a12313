//! The hardware's rules, which a driver must follow in every behaviour.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use netmap_sim::Device;

thread_local! {
    /// The violations of removed devices that this thread's trial has created.
    static BROKEN: RefCell<Arc<Mutex<String>>> = RefCell::default();
}

/// Records what `device` has against its driver when it is removed. A behaviour that expects violations takes them.
pub fn watch(device: &Device) {
    let broken = BROKEN.with_borrow(Arc::clone);
    device.at_removal(move |violations| {
        let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.push_str(&violations.to_string());
    });
}

/// Runs a behaviour, and asserts that no device recorded a violation.
pub fn check<T>(behaviour: impl FnOnce() -> T) -> T {
    let broken = Arc::default();
    BROKEN.set(Arc::clone(&broken));
    let result = behaviour();
    let broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(broken.is_empty(), "{broken}");
    result
}
