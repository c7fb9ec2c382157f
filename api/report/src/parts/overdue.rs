//! Age bands of overdue actions.

/// Age bands of overdue actions: label, and the metric's extra field.
pub const BANDS: [(&str, &str); 4] = [
    ("1 to 30 days", "days1To30"),
    ("31 to 90", "days31To90"),
    ("91 to 180", "days91To180"),
    ("over 180", "daysOver180"),
];
