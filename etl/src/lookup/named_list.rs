//! Reference lists that sources of several kinds name. A list of one record type alone is found by
//! its table.

/// A reference list whose rows files name by code or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedList {
    /// Methods of risk assessments.
    AssessmentMethod,
    /// Disciplines of organizations.
    Discipline,
    /// Capability elements (POETE).
    Element,
    /// Types of exercises.
    ExerciseType,
    /// Hazards.
    Hazard,
    /// Municipalities.
    Municipality,
    /// Regions of the scheme in use.
    Region,
}

impl NamedList {
    /// All lists, in the order of their positions.
    pub const ALL: [Self; 7] = [
        Self::AssessmentMethod,
        Self::Discipline,
        Self::Element,
        Self::ExerciseType,
        Self::Hazard,
        Self::Municipality,
        Self::Region,
    ];

    /// Returns the list's table.
    pub const fn table(self) -> &'static str {
        match self {
            Self::AssessmentMethod => "assessment_method",
            Self::Discipline => "discipline",
            Self::Element => "element",
            Self::ExerciseType => "exercise_type",
            Self::Hazard => "hazard",
            Self::Municipality => "municipality",
            Self::Region => "region",
        }
    }

    /// Returns the list of a table.
    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.table() == table)
    }
}

#[cfg(test)]
mod tests {
    use hotwash_schema::record::referenced_lists;

    use super::NamedList;

    #[test]
    fn every_list_has_its_position_and_is_referenced_by_a_record_type() {
        for (position, list) in NamedList::ALL.into_iter().enumerate() {
            assert_eq!(list as usize, position);
            assert!(referenced_lists().contains(list.table()), "{list:?}");
        }
    }
}
