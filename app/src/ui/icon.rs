//! Icons: 16 by 16, drawn in the colour of the text.

use leptos::prelude::*;

/// A picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pic {
    Overview,
    Destinations,
    Nodes,
    Queues,
    Hooks,
    Flows,
    Deliveries,
    Events,
    Users,
    Tokens,
    Receiver,
    Search,
    Plus,
    Edit,
    Delete,
    Test,
    Copy,
    Close,
    More,
    Check,
    Warning,
    Down,
    Up,
    Next,
    Previous,
    Play,
    Retry,
    Download,
    Clock,
    Link,
    Call,
    Variables,
    Secrets,
    Mail,
}

impl Pic {
    fn path(self) -> &'static str {
        match self {
            Self::Overview => "M3.500 13V7.500M8 13V3M12.500 13V6",
            Self::Destinations => {
                "M8 14s4.500-4.200 4.500-7.500a4.500 4.500 0 0 0-9 0C3.500 9.800 8 14 8 14ZM9.500 6.500a1.500 1.500 0 1 1-3 0 1.500 1.500 0 0 1 3 0Z"
            }
            Self::Nodes => {
                "M2.500 3.500h11v3.500h-11ZM2.500 9h11v3.500h-11ZM5 5.250h.01M5 10.750h.01"
            }
            Self::Queues => "M2.5 4h11M2.5 8h11M2.5 12h7",
            Self::Hooks => {
                "M8 2.500v6.800a2.800 2.800 0 1 1-5.600 0V8M9.500 4.500h4M9.500 8h4M9.500 11.500h4"
            }
            Self::Flows => {
                "M6 4a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM14 12a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM6 4h3.500a2.500 2.500 0 0 1 2.500 2.500V10"
            }
            Self::Deliveries => "M2.500 8h8M7.500 4.500 11 8l-3.500 3.500M13.500 3v10",
            Self::Events => "M8.500 2 4 9h4l-.5 5L12 7H8Z",
            Self::Users => {
                "M8.500 5a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0ZM1.500 13.500a4.500 4.500 0 0 1 9 0M10.500 2.800a2.500 2.500 0 0 1 0 4.400M12.200 9.700a4.500 4.500 0 0 1 2.300 3.800"
            }
            Self::Tokens => {
                "M10.500 9.500a4 4 0 1 0-3.400-1.900L2 12.700V14h2v-1.500h1.500V11H7l1.400-1.600a4 4 0 0 0 2.100.1ZM11 5h.01"
            }
            Self::Receiver => {
                "M2.500 9.500V12a1.500 1.500 0 0 0 1.500 1.500h8a1.500 1.500 0 0 0 1.500-1.500V9.500h-3l-1 1.500h-3l-1-1.500ZM8 2v5M5.800 5 8 7.200 10.200 5"
            }
            Self::Search => "M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM10 10l3.500 3.500",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Edit => {
                "M3 13l.6-2.600L10.900 3.100a1.200 1.200 0 0 1 1.700 0l.3.3a1.200 1.200 0 0 1 0 1.700L5.600 12.400Z"
            }
            Self::Delete => {
                "M3 4.500h10M6.500 4.500V3h3v1.500M4.500 4.500l.6 8.500h5.800l.6-8.500M6.700 7v3.500M9.300 7v3.500"
            }
            Self::Test => {
                "M6 2h4M7 2v4.500l-3.700 6A1 1 0 0 0 4.200 14h7.600a1 1 0 0 0 .9-1.500L9 6.500V2M5 10.500h6"
            }
            Self::Copy => "M5.500 5.500h7v8h-7ZM3.500 10.500v-8h7",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::More => "M3.500 8h.01M8 8h.01M12.500 8h.01",
            Self::Check => "M3 8.500l3.300 3.300L13 5",
            Self::Warning => "M8 2.500 14 13H2ZM8 6.500v3M8 11.200h.01",
            Self::Down => "M4 6l4 4 4-4",
            Self::Up => "M4 10l4-4 4 4",
            Self::Next => "M6 4l4 4-4 4",
            Self::Previous => "M10 4 6 8l4 4",
            Self::Play => "M5 3.500v9l7-4.500Z",
            Self::Retry => "M13 8a5 5 0 1 1-1.500-3.600M13 2.500V5h-2.500",
            Self::Download => "M8 2.500v7M5 7l3 3 3-3M3 13h10",
            Self::Link => {
                "M6.500 9.500 9.500 6.500M7 4.500l1.300-1.300a2.900 2.900 0 0 1 4.100 4.100L11 8.700M9 11.500l-1.300 1.300a2.900 2.900 0 0 1-4.100-4.100L5 7.300"
            }
            Self::Call => "M2 13.500V2.500M2 4.500h6.500M5 8h8.500M3.500 11.500h5",
            Self::Variables => {
                "M5.500 2.500H4A1.500 1.500 0 0 0 2.500 4v8A1.500 1.500 0 0 0 4 13.500h1.500M10.500 2.500H12A1.500 1.500 0 0 1 13.500 4v8a1.500 1.500 0 0 1-1.500 1.500h-1.500M6 6l4 4M10 6l-4 4"
            }
            Self::Secrets => "M3.500 7.500h9V13.500h-9ZM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500",
            Self::Mail => "M2.500 4h11v8.500h-11ZM2.500 4.500 8 9l5.500-4.500",
            Self::Clock => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 4.500V8l2.300 1.500",
        }
    }
}

/// An icon beside words; for assistive technology it is not there.
#[component]
pub fn Icon(of: Pic) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=of.path()></path>
        </svg>
    }
}
