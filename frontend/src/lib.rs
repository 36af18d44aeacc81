//! Hydrates the page that the server rendered.

#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    // From here on the page answers by itself; those who drive it by program wait for this.
    if let Some(root) = leptos::prelude::document().document_element() {
        _ = root.set_attribute("data-alive", "");
    }
}
