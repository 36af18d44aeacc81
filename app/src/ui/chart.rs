//! Small charts, drawn as SVG with attributes alone, which a strict policy admits.

use crate::text;
use leptos::prelude::*;
use model::queue::Figures;

/// Bars of one day, hour by hour: delivered below, failed above in red.
#[component]
pub fn Sparkline(hours: Vec<Figures>) -> impl IntoView {
    const WIDTH: usize = 3;
    const HEIGHT: f64 = 18.0;
    let most = most(&hours);
    let delivered = hours.iter().map(|hour| hour.delivered).sum();
    let failed = hours.iter().map(|hour| hour.failed).sum();
    let width = hours.len().max(1) * WIDTH;
    let bars = bars(&hours, WIDTH as f64, 2.0, HEIGHT, most);
    view! {
        <svg
            class="spark"
            viewBox=format!("0 0 {width} {HEIGHT}")
            width=width
            height=HEIGHT
            role="img"
            aria-label=text::ui::day_chart(delivered, failed)
        >
            {bars}
        </svg>
    }
}

/// Bars over the whole width: delivered below, failed above in red.
#[component]
pub fn Histogram(
    bars: Vec<Figures>,
    /// What it shows, for those who do not see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    const HEIGHT: f64 = 54.0;
    let most = most(&bars);
    let width = bars.len().max(1) * 10;
    let drawn = self::bars(&bars, 10.0, 8.0, HEIGHT, most);
    view! {
        <svg
            class="hist"
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            {drawn}
        </svg>
    }
}

fn most(figures: &[Figures]) -> u64 {
    figures.iter().map(|one| one.delivered + one.failed).max().unwrap_or(0).max(1)
}

fn bars(figures: &[Figures], step: f64, width: f64, height: f64, most: u64) -> AnyView {
    let scale = |count: u64| match count {
        0 => 0.0,
        // The least is still seen.
        count => (count as f64 * height / most as f64).max(1.5).round(),
    };
    let bars = figures.iter().enumerate().map(|(index, one)| {
        let x = index as f64 * step;
        let failed = scale(one.failed);
        let good = scale(one.delivered).min(height - failed);
        let rect = |class: &'static str, y: f64, tall: f64| {
            (tall > 0.0).then(|| {
                view! { <rect class=class x=x y=y width=width height=tall rx="0.500"></rect> }
            })
        };
        let idle = (good + failed == 0.0).then(|| {
            view! { <rect class="idle" x=x y=height - 1.0 width=width height="1"></rect> }
        });
        view! {
            {rect("good", height - good, good)}
            {rect("failed", height - good - failed, failed)}
            {idle}
        }
    });
    bars.collect_view().into_any()
}
