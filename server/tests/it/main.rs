//! The whole program, through its public doors: the binary, its commands, its HTTP side.

mod crash;
mod dispatch;
mod intake;
mod lifecycle;
mod panel;
mod support;
