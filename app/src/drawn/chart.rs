//! Charts over time, as SVG with attributes alone, which a strict policy admits. What they show
//! stands in words beside them, too.

use leptos::prelude::*;

/// The size of the picture; it is stretched to the width that there is.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 110.0;

/// A row of values over time, oldest first; nothing where there was none.
pub struct Row {
    /// The class that colours it, and its word in the key.
    pub class: &'static str,
    pub name: &'static str,
    pub values: Vec<Option<f64>>,
}

/// A chart's frame.
pub struct Frame {
    /// Unique on the page.
    pub id: &'static str,
    pub title: &'static str,
    /// What it shows, for those who do not see it.
    pub told: String,
    /// The most it shows, in words.
    pub most: String,
    /// The times of the axis, from left to right.
    pub times: Vec<String>,
    /// What each point says on hovering.
    pub points: Vec<String>,
}

/// Lines, the first with the area below it filled where there is but one.
pub fn lines(frame: Frame, rows: &[Row]) -> AnyView {
    let scale = Scale::of(rows.iter().flat_map(|row| row.values.iter().flatten().copied()));
    let alone = rows.len() == 1;
    let drawn = rows.iter().map(|row| {
        runs(&row.values).into_iter().map(|run| line(row, &run, &scale, alone)).collect_view()
    });
    let drawn = drawn.collect_view().into_any();
    framed(frame, rows, drawn)
}

/// Bars, those of the later rows upon those of the earlier.
pub fn bars(frame: Frame, rows: &[Row]) -> AnyView {
    let count = rows.iter().map(|row| row.values.len()).max().unwrap_or(0);
    let at = |row: &Row, index: usize| row.values.get(index).copied().flatten().unwrap_or(0.0);
    let sums = (0..count).map(|index| rows.iter().map(|row| at(row, index)).sum());
    let scale = Scale::of(sums);
    let step = WIDTH / count.max(1) as f64;
    let mut drawn = Vec::new();
    for index in 0..count {
        let mut top = HEIGHT;
        for row in rows {
            let value = at(row, index);
            if value > 0.0 {
                // The least is still seen.
                let tall = (HEIGHT - scale.y(value)).max(2.0);
                top = (top - tall).max(0.0);
                drawn.push(rect(row.class, index as f64 * step, top, step * 0.8, tall));
            }
        }
    }
    framed(frame, rows, drawn.collect_view().into_any())
}

fn framed(frame: Frame, rows: &[Row], drawn: AnyView) -> AnyView {
    let (title_id, about_id) = (format!("{}-title", frame.id), format!("{}-about", frame.id));
    let step = WIDTH / frame.points.len().max(1) as f64;
    let hits = frame.points.into_iter().enumerate().map(|(index, told)| {
        let x = short(index as f64 * step);
        view! {
            <rect class="hit" x=x y="0" width=short(step) height=HEIGHT>
                <title>{told}</title>
            </rect>
        }
    });
    let keys = (rows.len() > 1).then(|| {
        let keys = rows.iter().map(|row| {
            view! { <span class=format!("key {}", row.class)>{row.name}</span> }
        });
        view! { <span class="chart-keys">{keys.collect_view()}</span> }
    });
    let times = frame.times.into_iter().map(|time| view! { <span>{time}</span> });
    view! {
        <figure class="card chart">
            <figcaption>
                <b>{frame.title}</b>
                {keys}
                <span class="dim">{frame.most}</span>
            </figcaption>
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-labelledby=title_id.clone()
                aria-describedby=about_id.clone()
            >
                <title id=title_id.clone()>{frame.title}</title>
                <desc id=about_id.clone()>{frame.told}</desc>
                <line class="grid" x1="0" x2=WIDTH y1=HEIGHT y2=HEIGHT></line>
                <line class="grid" x1="0" x2=WIDTH y1=HEIGHT / 2.0 y2=HEIGHT / 2.0></line>
                {drawn}
                {hits.collect_view()}
            </svg>
            <div class="chart-times" aria-hidden="true">{times.collect_view()}</div>
        </figure>
    }
    .into_any()
}

/// From a value to its height in the picture.
struct Scale {
    most: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        Self { most: values.fold(0.0, f64::max) }
    }

    fn y(&self, value: f64) -> f64 {
        if self.most > 0.0 { HEIGHT - value / self.most * (HEIGHT - 4.0) } else { HEIGHT }
    }
}

/// The stretches without a gap: the first place and the values.
fn runs(values: &[Option<f64>]) -> Vec<(usize, Vec<f64>)> {
    let mut runs: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut open = false;
    for (index, value) in values.iter().enumerate() {
        match (value, open) {
            (Some(value), true) => {
                if let Some((_, run)) = runs.last_mut() {
                    run.push(*value);
                }
            }
            (Some(value), false) => runs.push((index, vec![*value])),
            (None, _) => {}
        }
        open = value.is_some();
    }
    runs
}

fn line(row: &Row, run: &(usize, Vec<f64>), scale: &Scale, fill: bool) -> AnyView {
    let (first, values) = run;
    let step = WIDTH / row.values.len().max(1) as f64;
    let middle = |index: usize| (*first as f64 + index as f64 + 0.5) * step;
    let mut points: Vec<_> =
        values.iter().enumerate().map(|(at, value)| (middle(at), scale.y(*value))).collect();
    // A point alone is a short line, and a whole row reaches from edge to edge.
    if let [(x, y)] = points[..] {
        points = vec![(x - step / 2.0, y), (x + step / 2.0, y)];
    } else if values.len() == row.values.len() {
        points[0].0 = 0.0;
        if let Some(last) = points.last_mut() {
            last.0 = WIDTH;
        }
    }
    let text: Vec<_> = points.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
    let text = text.join(" ");
    let area = fill.then(|| {
        let (from, to) = (points[0].0, points.last().map_or(0.0, |last| last.0));
        let around = format!("{},{HEIGHT} {text} {},{HEIGHT}", short(from), short(to));
        view! { <polygon class="area" points=around></polygon> }
    });
    view! {
        {area}
        <polyline class=format!("trace {}", row.class) points=text></polyline>
    }
    .into_any()
}

fn rect(class: &'static str, x: f64, y: f64, width: f64, height: f64) -> AnyView {
    view! {
        <rect
            class=class
            x=short(x)
            y=short(y)
            width=short(width)
            height=short(height)
        ></rect>
    }
    .into_any()
}

fn short(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            id: "c",
            title: "Chart",
            told: "it shows <something>".into(),
            most: String::new(),
            times: vec!["from".into(), "to".into()],
            points: vec!["one".into(), "two".into(), "three".into()],
        }
    }

    fn row(values: &[Option<f64>]) -> Row {
        Row { class: "good", name: "good", values: values.to_vec() }
    }

    #[test]
    fn gaps_part_a_line() {
        let parted = runs(&[Some(1.0), None, Some(2.0), Some(3.0)]);
        assert_eq!(parted, [(0, vec![1.0]), (2, vec![2.0, 3.0])]);
        assert!(runs(&[None, None]).is_empty());
    }

    #[test]
    fn a_chart_says_what_it_shows_and_each_point_too() {
        let drawn = lines(frame(), &[row(&[Some(1.0), None, Some(2.0)])]).to_html();
        assert!(drawn.contains("it shows &lt;something&gt;"), "{drawn}");
        assert_eq!(drawn.matches("class=\"hit\"").count(), 3);
        assert_eq!(drawn.matches("<polyline").count(), 2);
    }

    #[test]
    fn bars_stand_upon_each_other_within_the_picture() {
        let drawn = bars(frame(), &[row(&[Some(3.0), None]), row(&[Some(1.0), Some(4.0)])]);
        let html = drawn.to_html();
        assert_eq!(html.matches("class=\"good\"").count(), 3, "{html}");
        assert!(!html.contains("y=\"-"), "{html}");
        let nothing = bars(frame(), &[row(&[None, Some(0.0)])]).to_html();
        assert!(!nothing.contains("class=\"good\""), "{nothing}");
    }
}
