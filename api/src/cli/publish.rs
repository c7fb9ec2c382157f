//! Publication of all metrics after a command that changed the warehouse.

/// Publishes the metrics of the current warehouse.
pub(super) async fn publish(url: &str) -> anyhow::Result<()> {
    let snapshot = hotwash_metrics::Snapshot::load(url).await?;
    hotwash_metrics::publish(url, &snapshot, chrono::Local::now().date_naive()).await?;
    Ok(())
}
