//! The event catalog: nothing here, it is data of both halves.
