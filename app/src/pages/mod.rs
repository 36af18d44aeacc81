//! The pages, by noun. Each module declares its own routes.

pub mod account;
pub mod deliveries;
pub mod drawn;
pub mod events;
pub mod flows;
pub mod home;
pub mod hooks;
pub mod jump;
pub mod many;
pub mod not_found;
pub mod queues;
pub mod receiver;
pub mod setup;
pub mod sign_in;
pub mod tokens;
pub mod users;
pub mod views;
