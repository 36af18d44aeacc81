//! What goes wrong, each kind in a file of its own.

pub mod clock;
pub mod crash;
pub mod descriptors;
pub mod disk;
pub mod names;
pub mod postgres;
pub mod receivers;
pub mod steps;
pub mod torn;
