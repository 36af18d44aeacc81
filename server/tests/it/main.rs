//! The whole program, through its public doors: the binary, its commands, its HTTP side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api;
mod backpressure;
mod cancelled;
mod chaos;
mod children;
mod copying;
mod crash;
mod destinations_apart;
mod dispatch;
mod durable;
mod explained;
mod flow_doors;
mod gate;
mod hooks;
mod hostile;
mod imports;
mod intake;
mod intake_cloud_events;
mod intake_lines;
mod intake_packed;
mod intake_types;
mod kept;
mod lifecycle;
mod messages;
mod nodes;
mod ordered;
mod overview;
mod panel;
mod panel_stream;
mod permissions;
mod policies;
mod postgres;
mod replay_from;
mod replays;
mod rest;
mod rest_errors;
mod roles;
mod sample;
mod stream;
mod support;
mod takeover;
mod tls;
mod tls_server;
mod vault;
