//! Outcome of a command, as the exit code of the process.

/// Result of a command, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Success.
    Done,
    /// The command ran, but a check failed or a file was rejected.
    Failed,
    /// The feeds could not be checked under `feeds --check`.
    NotChecked,
    /// Success with rejected rows under `load --strict`, or with rules that hold under `alerts
    /// --check`.
    DoneWithRemarks,
}
