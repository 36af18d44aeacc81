//! `CalendarStore`.

use crate::support::*;
use model::calendar::{Calendar, CalendarDraft, Exception, Week, spans};
use storage::StorageError;

fn draft(name: &str) -> CalendarDraft {
    let day = spans("09:00-13:00, 14:00-24:00").unwrap();
    CalendarDraft {
        name: name.into(),
        description: "the first floor".into(),
        time_zone: "Europe/Kyiv".into(),
        valid_from: Some("2026-01-01".parse().unwrap()),
        valid_to: None,
        hours: Week { monday: day.clone(), ..Week::default() },
        exceptions: vec![Exception {
            name: "Різдво".into(),
            date: "2026-12-25".parse().unwrap(),
            yearly: true,
            hours: day,
        }],
    }
}

#[tokio::test]
async fn a_calendar_reads_back_as_it_was_made_and_changed() {
    on_every_backend(async |store| {
        let before = store.revision().await.unwrap();
        let made = store.create_calendar(&draft("Office"), NOW).await.unwrap();
        assert_eq!((made.draft(), made.created_at), (draft("Office"), NOW));
        assert_eq!(store.calendar(made.id).await.unwrap(), Some(made.clone()));
        let taken = store.create_calendar(&draft("Office"), NOW).await;
        assert!(matches!(taken, Err(StorageError::Taken { field: "name" })), "{taken:?}");
        let other = CalendarDraft { name: "Night".into(), ..CalendarDraft::default() };
        let other = store.create_calendar(&other, NOW).await.unwrap();
        let taken = store.change_calendar(&other, &draft("Office"), NOW).await;
        assert!(matches!(taken, Err(StorageError::Taken { field: "name" })), "{taken:?}");
        let change =
            CalendarDraft { valid_to: Some("2027-12-31".parse().unwrap()), ..draft("Desk") };
        let changed = store.change_calendar(&made, &change, NOW.plus(1)).await.unwrap().unwrap();
        assert_eq!((changed.draft(), changed.updated_at), (change.clone(), NOW.plus(1)));
        let late = store.change_calendar(&made, &change, NOW.plus(2)).await;
        assert!(matches!(late, Err(StorageError::Meanwhile)), "{late:?}");
        let mut set_up = store.configuration().await.unwrap().calendars;
        set_up.sort_by_key(|calendar| calendar.id);
        assert_eq!(set_up, [changed.clone(), other]);
        assert_eq!(store.delete_calendar(made.id).await.unwrap(), Some(changed));
        assert_eq!(store.delete_calendar(made.id).await.unwrap(), None);
        assert_eq!(store.change_calendar(&made, &change, NOW).await.unwrap(), None);
        assert_eq!(store.revision().await.unwrap(), before + 4);
    })
    .await;
}

#[tokio::test]
async fn calendars_are_listed_by_name_and_found_by_a_part_of_it() {
    on_every_backend(async |store| {
        for name in ["офіс", "Night", "Офіс 2", "day"] {
            store.create_calendar(&draft(name), NOW).await.unwrap();
        }
        let names = async |search: &str, number, size| {
            let found = store.calendars(search, page(number, size)).await.unwrap();
            let name = |one: Calendar| one.name;
            (found.items.into_iter().map(name).collect::<Vec<_>>(), found.total)
        };
        assert_eq!(names("", 1, 3).await, (vec!["day".into(), "Night".into(), "офіс".into()], 4));
        assert_eq!(names("", 2, 3).await, (vec!["Офіс 2".into()], 4));
        assert_eq!(names(" ОФ", 1, 9).await, (vec!["офіс".into(), "Офіс 2".into()], 2));
    })
    .await;
}
