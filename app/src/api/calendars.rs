//! What an editor does with calendars. The forms are drawn by the server and posted by the browser
//! itself.

use super::form::{Done, Reply, answer, answer_in_toast, base as read_base, word};
use crate::{error::AppError, text::calendars as words, typed};
use leptos::prelude::*;
use model::{
    calendar::{CalendarDraft, Day, Exception, Span, Week, Weekday, spans},
    ids::CalendarId,
    problem::Problem,
};

fn path(id: CalendarId) -> String {
    format!("/calendars/{id}")
}

/// Makes a calendar, which is closed until it is given hours.
#[server(prefix = "/api/panel", endpoint = "calendars/create")]
pub async fn create_calendar(
    name: String,
    #[server(default)] time_zone: String,
) -> Result<Reply, AppError> {
    answer(typed![name, time_zone], async {
        let draft = CalendarDraft { name, time_zone, ..CalendarDraft::default() };
        let made = super::admin()?.create_calendar(&super::actor().await?, draft).await?;
        Ok(Done::to(path(made.id)).saying(words::made(&made.name)))
    })
    .await
}

/// Changes all of a calendar but its exceptions, unless it was changed after `base`.
#[server(prefix = "/api/panel", endpoint = "calendars/save")]
pub async fn save_calendar(
    id: String,
    #[server(default)] base: String,
    name: String,
    time_zone: String,
    #[server(default)] description: String,
    #[server(default)] valid_from: String,
    #[server(default)] valid_to: String,
    #[server(default)] monday: String,
    #[server(default)] tuesday: String,
    #[server(default)] wednesday: String,
    #[server(default)] thursday: String,
    #[server(default)] friday: String,
    #[server(default)] saturday: String,
    #[server(default)] sunday: String,
) -> Result<Reply, AppError> {
    let typed = typed![
        base,
        name,
        time_zone,
        description,
        valid_from,
        valid_to,
        monday,
        tuesday,
        wednesday,
        thursday,
        friday,
        saturday,
        sunday
    ];
    answer(typed, async {
        let id: CalendarId = word("id", &id)?;
        let mut problems = Vec::new();
        let days = [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
        let mut hours = Week::default();
        for (day, text) in Weekday::ALL.into_iter().zip(days) {
            *hours.of_mut(day) = read_spans(day.as_str(), &text, &mut problems);
        }
        let valid_from = read_day("valid_from", &valid_from, &mut problems);
        let valid_to = read_day("valid_to", &valid_to, &mut problems);
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let base = Some(read_base(&base)?);
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let settings = CalendarDraft {
            name,
            description,
            time_zone,
            valid_from,
            valid_to,
            hours,
            exceptions: Vec::new(),
        };
        let change = |draft: &mut CalendarDraft| {
            let exceptions = std::mem::take(&mut draft.exceptions);
            *draft = CalendarDraft { exceptions, ..settings.clone() };
            Ok(())
        };
        admin.edit_calendar(&actor, id, base, change).await.map_err(|error| {
            let named =
                |error: AppError, day: Weekday| error.at(&format!("hours/{day}"), day.as_str());
            Weekday::ALL.into_iter().fold(AppError::from(error), named)
        })?;
        Ok(Done::to(path(id)).saying(words::SAVED))
    })
    .await
}

/// Adds an exception to a calendar, in place of the one on this day.
#[server(prefix = "/api/panel", endpoint = "calendars/add-exception")]
pub async fn add_exception(
    id: String,
    date: String,
    name: String,
    #[server(default)] hours: String,
    #[server(default)] yearly: bool,
) -> Result<Reply, AppError> {
    answer(typed![date, name, hours, yearly], async {
        let id: CalendarId = word("id", &id)?;
        let mut problems = Vec::new();
        let spans = read_spans("hours", &hours, &mut problems);
        let date: Day = word("date", &date)?;
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let change = |draft: &mut CalendarDraft| {
            draft.exceptions.retain(|one| (one.date, one.yearly) != (date, yearly));
            let (name, hours) = (name.clone(), spans.clone());
            draft.exceptions.push(Exception { name, date, yearly, hours });
            Ok(())
        };
        admin
            .edit_calendar(&actor, id, None, change)
            .await
            .map_err(|error| of_exception(error.into()))?;
        Ok(Done::to(path(id)).saying(words::ADDED))
    })
    .await
}

/// Removes an exception from a calendar.
#[server(prefix = "/api/panel", endpoint = "calendars/remove-exception")]
pub async fn remove_exception(
    id: String,
    date: String,
    #[server(default)] yearly: bool,
) -> Result<Reply, AppError> {
    answer_in_toast(async {
        let id: CalendarId = word("id", &id)?;
        let date: Day = word("date", &date)?;
        let change = |draft: &mut CalendarDraft| {
            let before = draft.exceptions.len();
            draft.exceptions.retain(|one| (one.date, one.yearly) != (date, yearly));
            match draft.exceptions.len() < before {
                true => Ok(()),
                false => Err(words::GONE.to_owned()),
            }
        };
        super::admin()?.edit_calendar(&super::actor().await?, id, None, change).await?;
        Ok(Done::to(path(id)).saying(words::REMOVED))
    })
    .await
}

/// Deletes a calendar.
#[server(prefix = "/api/panel", endpoint = "calendars/delete")]
pub async fn delete_calendar(id: String) -> Result<Reply, AppError> {
    answer_in_toast(async {
        let id: CalendarId = word("id", &id)?;
        let gone = super::admin()?.delete_calendar(&super::actor().await?, id).await?;
        Ok(Done::to("/calendars").saying(words::deleted(&gone.name)).gone())
    })
    .await
}

fn read_spans(field: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Span> {
    spans(text).unwrap_or_else(|why| {
        problems.push(Problem::new(format!("/{field}"), why));
        Vec::new()
    })
}

fn read_day(field: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Day> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.parse();
    day.map_err(|why: String| problems.push(Problem::new(format!("/{field}"), why))).ok()
}

/// The faults of an exception at the fields of its form, wherever it stands among the others.
fn of_exception(error: AppError) -> AppError {
    let AppError::Invalid(problems) = error else { return error };
    let told = problems.into_iter().map(|problem| {
        let field = problem.field().rsplit('/').next().unwrap_or_default().to_owned();
        Problem::new(format!("/{field}"), problem.detail)
    });
    AppError::Invalid(told.collect())
}
