//! The primitives that pages are made of, on native elements.

mod button;
mod chart;
mod chip_menu;
mod code;
mod code_editor;
mod columns;
mod combobox;
mod confirm;
mod dialog;
mod empty;
mod failure;
mod field;
mod filter;
mod form;
mod get_form;
mod highlight;
mod hit;
mod icon;
mod keys;
mod load;
mod notes;
mod pager;
mod pill;
mod release;
mod selection;
mod switch;
mod table;
mod tabs;
mod time;
mod title;
mod toast;
mod views;

pub use button::{Button, Kind, LinkButton};
pub use chart::{Histogram, Sparkline};
pub use chip_menu::ChipMenu;
pub use code::{Code, CopyButton, CopyLink};
pub use code_editor::{CodeEditor, go_to, place_of_caret, replace_all, type_in};
pub use columns::{ColumnChooser, shown_columns};
pub use combobox::{Choice, Combobox, Offers, offers, put_first};
pub use confirm::Confirm;
pub use dialog::Dialog;
pub use empty::{Empty, NothingMatches};
pub use failure::{EditorsOnly, ErrorView};
pub use field::{Area, Check, Field, FieldShell, Radios, Select, area_html};
pub use filter::{
    FilterBar, FilterSearch, FilterSelect, ListPath, list_path, list_query, query_with,
    use_query_value,
};
pub use form::{Form, FormErrors, FormState, Hidden};
pub use get_form::GetForm;
pub use hit::HitFace;
pub use icon::{Icon, Pic};
pub use keys::{focus_page, focused, goes_into_field};
pub use load::{Load, Skeleton, drawn_once};
pub use notes::Notes;
pub use pager::{CursorPager, Pager, paging_of};
pub use pill::{Pill, StatePill, Tag, Tone};
pub use release::{ReleaseRate, RestChoice};
pub use selection::{ChooseRow, Selectable};
pub use switch::Switch;
pub use table::{Column, Table};
pub use tabs::{Tab, Tabs};
pub use time::Time;
pub use title::{Crumb, PageHead, PageTitle};
pub use toast::{Toasts, provide_toasts, use_toasts};
pub use views::{ViewsMenu, view_path};
