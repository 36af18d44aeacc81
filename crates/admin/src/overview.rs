//! How the installation fares.

use crate::{Admin, Result, now};
use model::{
    latency::Latencies,
    live::Live,
    overview::{Overview, Point, Span, TROUBLED},
    queue::Figures,
    user::{Actor, Permission},
};
use storage::overview::Spell;

/// Half of the deliveries are at least as fast, and all but a twentieth.
const P50: f64 = 0.5;
const P95: f64 = 0.95;

impl Admin {
    /// How the installation fares, over the last hour, day or week.
    pub async fn overview(&self, actor: &Actor, span: Span) -> Result<Overview> {
        actor.require(Permission::Read)?;
        let now = now();
        let spells = self.storage.spells(span, now).await?;
        let troubled = self.storage.troubled_hooks(span, now, TROUBLED as u32).await?;
        let unended = self.storage.unended().await?;
        let mut live = self.running.live().unwrap_or_else(|| Live {
            backlog: unended.deliveries,
            oldest_at: unended.oldest_at,
            ..Live::default()
        });
        // Where no node runs deliveries, none counts them.
        live.backlog = live.backlog.max(unended.deliveries);
        live.oldest_at = live.oldest_at.or(unended.oldest_at);
        live.destinations = self.destination_views(&live).await?;
        let (mut all, mut latencies) = (Figures::default(), Latencies::default());
        for spell in &spells {
            all.add(&spell.figures);
            latencies.merge(&spell.latencies);
        }
        Ok(Overview {
            span,
            from: span.from(now),
            to: now,
            step_ms: span.step_ms(),
            points: spells.iter().map(point).collect(),
            whole: point(&Spell { figures: all, latencies }),
            live,
            retrying: unended.retrying,
            troubled,
        })
    }
}

fn point(spell: &Spell) -> Point {
    Point {
        figures: spell.figures,
        p50_ms: spell.latencies.quantile(P50),
        p95_ms: spell.latencies.quantile(P95),
    }
}
