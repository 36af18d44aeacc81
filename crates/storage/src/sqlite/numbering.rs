//! What goes with rows that are copied here: nothing, since SQLite numbers behind what is there.

use super::Tx;
use crate::{
    Result,
    copy::{Cell, Table},
};

/// Writes what goes with these rows.
pub(super) async fn written(_: &mut Tx, _: &Table, _: &[Vec<Cell>]) -> Result<()> {
    Ok(())
}

/// Lets numbers go on behind what has been copied.
pub(super) async fn go_on(_: &mut Tx) -> Result<()> {
    Ok(())
}
