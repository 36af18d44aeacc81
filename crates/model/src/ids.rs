//! Identifiers, one type each, so that none can be passed for another.

use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! number_id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(examples(7)))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.trim().parse().map(Self)
            }
        }
    };
}

macro_rules! uuid_id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(
            feature = "openapi",
            schema(examples("0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901"))
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// When it was made, with which a UUIDv7 begins; nothing of any other id.
            pub fn made_at(self) -> Option<Millis> {
                let ms = i64::try_from(self.0.as_u128() >> 80).ok()?;
                (self.0.get_version_num() == 7).then_some(Millis(ms))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.trim().parse().map(Self)
            }
        }
    };
}

number_id!(
    /// A queue of the contact centre.
    QueueId
);
number_id!(
    /// A hook: queue, event and flow.
    HookId
);
number_id!(
    /// A flow, whatever its version.
    FlowId
);
number_id!(
    /// A person who signs in to the panel.
    UserId
);
number_id!(
    /// An API token.
    TokenId
);
number_id!(
    /// A view that a person has saved.
    ViewId
);
number_id!(
    /// A mail profile.
    MailProfileId
);
number_id!(
    /// A job that replays deliveries.
    ReplayId
);
number_id!(
    /// A list of numbers.
    ListId
);
number_id!(
    /// A calendar.
    CalendarId
);
uuid_id!(
    /// An accepted event (UUIDv7, ours; the sender's own id stands beside it).
    EventId
);
uuid_id!(
    /// A note to a user (UUIDv7).
    NoteId
);
uuid_id!(
    /// A delivery: one event for one hook (UUIDv7).
    DeliveryId
);
