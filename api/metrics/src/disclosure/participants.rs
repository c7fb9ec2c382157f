//! Participants of events, gathered from a snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use super::contributors::EventParticipants;
use crate::cube::{Cube, column, cube};
use crate::query::{MetricError, MetricQuery};
use crate::snapshot::Snapshot;

impl EventParticipants {
    /// Reads the participants of all events, once per snapshot.
    pub fn of(snapshot: &Snapshot) -> Result<Arc<Self>, MetricError> {
        snapshot.participants(|| {
            let pairs = Cube::of("participations")
                .key("event", column("event_id"))
                .key("who", column("organization_id"));
            let mut by_event: HashMap<i64, Vec<i64>> = HashMap::new();
            for group in cube(snapshot, &pairs, &MetricQuery::always(), &[])? {
                for (event, contributor_id) in
                    group.integer("event").iter().zip(group.integer("who"))
                {
                    if let (Some(event), Some(contributor_id)) = (event, contributor_id)
                        && *contributor_id > 0
                    {
                        by_event.entry(*event).or_default().push(*contributor_id);
                    }
                }
            }
            Ok(Self(by_event))
        })
    }
}
