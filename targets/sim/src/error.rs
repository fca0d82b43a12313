//! Errors of models, devices and wires.

use std::io;

use thiserror::Error;

use crate::wire::CaptureFailure;

/// A model from which no device can be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum ModelError {
    /// The model has no variant of that name.
    #[error("there is no variant {variant}")]
    NoVariant { variant: String },
    /// A table names a register that the model does not have.
    #[error("{wanted_by} names register {register}, which the model does not have")]
    NoRegister {
        register: String,
        wanted_by: &'static str,
    },
    /// A table names a field that the register does not have.
    #[error("{wanted_by} names field {register}.{field}, which the model does not have")]
    NoField {
        register: String,
        field: String,
        wanted_by: &'static str,
    },
    /// A table names an element that the array does not have.
    #[error("{wanted_by} names {register}[{element}], which the model does not have")]
    NoElement {
        register: String,
        element: u32,
        wanted_by: &'static str,
    },
    /// Two registers have the same name.
    #[error("there are two registers {register}")]
    Twice { register: String },
    /// Two registers share a byte.
    #[error("{register} and {other} overlap at {offset:#07x}")]
    Overlap {
        register: String,
        other: String,
        /// Where the higher one begins.
        offset: u32,
    },
    /// A register is invalid.
    #[error("{register} {problem}")]
    Register {
        register: String,
        problem: &'static str,
    },
    /// A descriptor format is invalid.
    #[error("descriptor {format} {problem}")]
    Descriptor {
        format: String,
        problem: &'static str,
    },
}

/// A device that could not be created.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Its model is inconsistent.
    #[error("the device model is inconsistent")]
    Model(#[from] ModelError),
    /// Its thread could not be created.
    #[error("cannot create the device's thread")]
    Thread(#[from] io::Error),
}

/// A wire failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WireError {
    /// A capture could not be read or written.
    #[error(transparent)]
    Capture(#[from] CaptureFailure),
    /// A thread could not be created.
    #[error("cannot create a thread for the wire")]
    Thread(#[source] io::Error),
    /// The device does not take frames.
    #[error("cannot send frames to the device")]
    Device(#[source] io::Error),
}
