//! Codes of what a load reports: warnings and rejected rows. `docs/errors.md` lists them.

/// Entry of the list of warnings or of rejects.
#[derive(Debug)]
pub struct LoadDefinition {
    /// The code.
    pub code: &'static str,
    /// What was found, and how it was handled.
    pub meaning: &'static str,
    /// Advice for the person who loads the file.
    pub remedy: &'static str,
}

hotwash_schema::codes! {
    /// Warnings about a value or a file that was loaded anyway.
    pub enum WarningCode of LoadDefinition {
        UnreadColumn {
            code: "UNREAD_COLUMN",
            meaning: "A column with data has a heading that no field knows, so it was not read.",
            remedy: "Rename the heading to one that `hotwash sources` lists, or write a layout.",
        }
        CellsBeyond {
            code: "CELLS_BEYOND",
            meaning: "A table has cells beyond the last column that is read.",
            remedy: "Move the cells to the left, or delete them.",
        }
        DuplicateHeading {
            code: "DUPLICATE_HEADING",
            meaning: "Two columns mean the same field, and one of them was read.",
            remedy: "Rename or delete one of the columns.",
        }
        UnreadSheet {
            code: "UNREAD_SHEET",
            meaning: "A sheet has no heading that is known, so it was not read.",
            remedy: "Rename its headings if its rows count.",
        }
        RepeatedSheet {
            code: "REPEATED_SHEET",
            meaning: "Two sheets hold the same table, and one of them was read.",
            remedy: "Delete the copy.",
        }
        HiddenSheet {
            code: "HIDDEN_SHEET",
            meaning: "A hidden sheet was read.",
            remedy: "Delete the sheet if its rows do not count.",
        }
        VeryHiddenSheet {
            code: "VERY_HIDDEN_SHEET",
            meaning: "A sheet that only a macro can show was left out.",
            remedy: "Show the sheet if its rows count.",
        }
        HiddenRows {
            code: "HIDDEN_ROWS",
            meaning: "Hidden rows were read.",
            remedy: "Delete the rows if they do not count.",
        }
        HiddenColumn {
            code: "HIDDEN_COLUMN",
            meaning: "A hidden column was read.",
            remedy: "Delete the column if it does not count.",
        }
        SkippedRows {
            code: "SKIPPED_ROWS",
            meaning: "Rows were left out as the layout demands.",
            remedy: "Check the layout's rules if a record is missing.",
        }
        MergedCells {
            code: "MERGED_CELLS",
            meaning: "The value of a merged cell was used for all its rows or columns.",
            remedy: "Split the cell if the value belongs to one of them.",
        }
        FormulaWithoutValue {
            code: "FORMULA_WITHOUT_VALUE",
            meaning: "A formula has no saved value and was read as empty.",
            remedy: "Open and save the workbook in Excel or LibreOffice, then load it again.",
        }
        ErrorCell {
            code: "ERROR_CELL",
            meaning: "A cell holds an error of a spreadsheet, such as `#REF!`, and was read as \
                empty.",
            remedy: "Correct the formula, save the workbook and load it again.",
        }
        LoneCell {
            code: "LONE_CELL",
            meaning: "A row has only one filled cell, so it was taken as a note and not read.",
            remedy: "Fill in the other cells if the row is a record.",
        }
        TrackedChanges {
            code: "TRACKED_CHANGES",
            meaning: "The document has tracked changes, which were read as accepted.",
            remedy: "Accept or reject the changes in Word.",
        }
        TextBoxes {
            code: "TEXT_BOXES",
            meaning: "Text boxes were read where they are anchored.",
            remedy: "Move the text into the document if its place is wrong.",
        }
        UnansweredPrompts {
            code: "UNANSWERED_PROMPTS",
            meaning: "Fields that show only their prompt were left out.",
            remedy: "Fill in the fields.",
        }
        HiddenText {
            code: "HIDDEN_TEXT",
            meaning: "Hidden text was left out.",
            remedy: "Show the text in Word if it counts.",
        }
        StruckThrough {
            code: "STRUCK_THROUGH",
            meaning: "Struck-through text or cells were left out.",
            remedy: "Remove the strikethrough if the text still applies. State Completed if it is \
                an action that was done.",
        }
        SeveralEvents {
            code: "SEVERAL_EVENTS",
            meaning: "A report describes several events, and all its records were stored with the \
                first.",
            remedy: "Split the report, and load one for each event.",
        }
        DueBeforeStart {
            code: "DUE_BEFORE_START",
            meaning: "The due date of an action is before its start.",
            remedy: "Correct one of the dates.",
        }
        UnreadPriority {
            code: "UNREAD_PRIORITY",
            meaning: "A priority is no known word or number, so the action was stored without one.",
            remedy: "Write High, Medium or Low.",
        }
        EmbeddedObject {
            code: "EMBEDDED_OBJECT",
            meaning: "A workbook or document inside a report was not read.",
            remedy: "Load it as a file of its own, or paste its tables as text.",
        }
        NoActions {
            code: "NO_ACTIONS",
            meaning: "A report has the heading of an improvement plan, but no action was found.",
            remedy: "Give the table of actions the headings of the template.",
        }
        LooseAction {
            code: "LOOSE_ACTION",
            meaning: "An action in a paragraph was not read.",
            remedy: "Put it into a table with the headings of the template, such as Corrective \
                Action.",
        }
        UnknownTable {
            code: "UNKNOWN_TABLE",
            meaning: "A table of the report is of no known kind and was not read.",
            remedy: "Give the table the headings of the HSEEP template.",
        }
        ParticipantsByType {
            code: "PARTICIPANTS_BY_TYPE",
            meaning: "The participants are counted by type and not named.",
            remedy: "List the organizations by name.",
        }
        DatesTaken {
            code: "DATES_TAKEN",
            meaning: "The dates of the event were taken from another place of the document.",
            remedy: "Write the dates into the overview table.",
        }
        SeparateDays {
            code: "SEPARATE_DAYS",
            meaning: "The dates of an event are a list of days, and it was stored from the first \
                to the last.",
            remedy: "Write a range, as June 4-5, 2025, or load an event for each day.",
        }
        NoRegion {
            code: "NO_REGION",
            meaning: "No known region is named, so the record was loaded without one.",
            remedy: "Name a region of the jurisdiction.",
        }
        NoDate {
            code: "NO_DATE",
            meaning: "The assessment states no date.",
            remedy: "Write the date above the table.",
        }
        NoOrganization {
            code: "NO_ORGANIZATION",
            meaning: "The assessment does not name its organization.",
            remedy: "Write the organization above the table.",
        }
        NoEvent {
            code: "NO_EVENT",
            meaning: "A table names events, but not in this row, so the record has none.",
            remedy: "Repeat the event in each of its rows.",
        }
        NoYear {
            code: "NO_YEAR",
            meaning: "A date has no year, and the nearest fitting year was used.",
            remedy: "Write the year.",
        }
        RelativeDate {
            code: "RELATIVE_DATE",
            meaning: "A due date is stated relative to another date and was computed.",
            remedy: "Write the date if it is wrong.",
        }
        InexactDate {
            code: "INEXACT_DATE",
            meaning: "A date is inexact, and its complete period was used.",
            remedy: "Write the exact date if it is known.",
        }
        DayFirstDate {
            code: "DAY_FIRST_DATE",
            meaning: "Dates were read with the day first, but could be read with the month first.",
            remedy: "Write dates as 2025-03-14.",
        }
        UnreadDate {
            code: "UNREAD_DATE",
            meaning: "A text is not a date and was left out, or the period of its heading was \
                used.",
            remedy: "Write a date such as 2025-03-14.",
        }
        SkippedLocalTime {
            code: "SKIPPED_LOCAL_TIME",
            meaning: "A local time does not exist, because the clocks skipped it.",
            remedy: "Correct the time, or write its UTC offset.",
        }
        RepeatedLocalTime {
            code: "REPEATED_LOCAL_TIME",
            meaning: "A local time occurs twice, and the first was used.",
            remedy: "Write the UTC offset.",
        }
        ZoneOutOfSeason {
            code: "ZONE_OUT_OF_SEASON",
            meaning: "A time zone abbreviation belongs to the other season.",
            remedy: "Write the abbreviation of the season, or the UTC offset.",
        }
        UnknownTimeZone {
            code: "UNKNOWN_TIME_ZONE",
            meaning: "A time zone is unknown, and UTC was used.",
            remedy: "Write a known time zone.",
        }
        UnreadStatus {
            code: "UNREAD_STATUS",
            meaning: "A status is unknown. An action was taken as open, an exercise by its last day.",
            remedy: "Use a status such as Open, In Progress or Completed, or Held.",
        }
        StatusAndDateDiffer {
            code: "STATUS_AND_DATE_DIFFER",
            meaning: "An action has a completion date but an open status, and was taken as \
                completed.",
            remedy: "Correct the status or remove the date.",
        }
        UnmappedHazard {
            code: "UNMAPPED_HAZARD",
            meaning: "No hazard has this label, so the record was loaded as unmapped.",
            remedy: "Use a known name, or ask the operator to add the label to the list of \
                hazards.",
        }
        UnmappedCapability {
            code: "UNMAPPED_CAPABILITY",
            meaning: "No capability has this label, so the record was loaded as unmapped.",
            remedy: "Use the name or number of a capability of the framework.",
        }
        UnmappedExerciseType {
            code: "UNMAPPED_EXERCISE_TYPE",
            meaning: "No exercise type has this label, so the record was loaded as unmapped.",
            remedy: "Use an HSEEP type, such as Tabletop Exercise.",
        }
        SeveralCapabilities {
            code: "SEVERAL_CAPABILITIES",
            meaning: "A cell names several capabilities, and the first was used.",
            remedy: "Write one row for each capability.",
        }
        UnknownElement {
            code: "UNKNOWN_ELEMENT",
            meaning: "A word is no capability element and was left out.",
            remedy: "Use planning, organization, equipment, training or exercises.",
        }
        UnknownCounty {
            code: "UNKNOWN_COUNTY",
            meaning: "No county has this code or name.",
            remedy: "Correct the code or the name.",
        }
        UnknownEvent {
            code: "UNKNOWN_EVENT",
            meaning: "A record names an event that is not in the warehouse.",
            remedy: "Load the event. The reference is completed then.",
        }
        UnknownOrganization {
            code: "UNKNOWN_ORGANIZATION",
            meaning: "An organization is unknown, or its name resembles a known one.",
            remedy: "Correct the name, or load the organization.",
        }
        NewOrganization {
            code: "NEW_ORGANIZATION",
            meaning: "An organization that was unknown was added under this name.",
            remedy: "Correct the name if it is a known organization.",
        }
        PersonDropped {
            code: "PERSON_DROPPED",
            meaning: "An owner is a person and was not stored.",
            remedy: "Name the organization that owns the action.",
        }
        SeveralOwners {
            code: "SEVERAL_OWNERS",
            meaning: "A cell names several owners, and the first was used.",
            remedy: "Name the responsible organization first.",
        }
        NotScored {
            code: "NOT_SCORED",
            meaning: "A hazard lacks scores, so no risk was stored for it.",
            remedy: "Enter the scores, or delete the row.",
        }
        AssumedScale {
            code: "ASSUMED_SCALE",
            meaning: "The sheet states no scale, and one was assumed from its greatest score.",
            remedy: "State the scale on the sheet.",
        }
        OwnScale {
            code: "OWN_SCALE",
            meaning: "The sheet has a scale of its own, so its single scores were left out.",
            remedy: "Check the scale that the message names.",
        }
        WordForScore {
            code: "WORD_FOR_SCORE",
            meaning: "A word of the scale was read as its number.",
            remedy: "Enter the number if it is wrong.",
        }
        RiskDiffers {
            code: "RISK_DIFFERS",
            meaning: "The risk printed on the sheet differs from the computed one.",
            remedy: "Check the sheet's formula and its scores.",
        }
        UnreadRank {
            code: "UNREAD_RANK",
            meaning: "A rank is not a whole number and was left out.",
            remedy: "Enter a whole number.",
        }
        UnclearDamage {
            code: "UNCLEAR_DAMAGE",
            meaning: "An amount of damage has no number and was left out.",
            remedy: "Enter an amount such as 10.5K.",
        }
        LongitudeSign {
            code: "LONGITUDE_SIGN",
            meaning: "A longitude east of Greenwich was taken as west.",
            remedy: "Write the minus sign.",
        }
        PublishedSize {
            code: "PUBLISHED_SIZE",
            meaning: "A region has another number of municipalities than was published.",
            remedy: "Check the file of municipalities.",
        }
        OlderVersion {
            code: "OLDER_VERSION",
            meaning: "A newer version of the record is stored, so this one changed nothing.",
            remedy: "Nothing, unless the versions of the records are wrong.",
        }
        Replaced {
            code: "REPLACED",
            meaning: "A later version of a document lacks records of the earlier one, and they \
                were removed.",
            remedy: "Load a version that contains them if they count.",
        }
        SameEvent {
            code: "SAME_EVENT",
            meaning: "Two sources report the same event, which is stored once.",
            remedy: "Load with `--not-same-as ID` if they are different events.",
        }
        LaterEdition {
            code: "LATER_EDITION",
            meaning: "An event without an id has another time or region than in an earlier edition \
                of its file, and was updated.",
            remedy: "Give each event an id of its own if they are two events.",
        }
        MatchedBySimilarity {
            code: "MATCHED_BY_SIMILARITY",
            meaning: "An action was matched to one with a similar text.",
            remedy: "Load with `--not-same-as ID` if they are different actions.",
        }
        LockedCell {
            code: "LOCKED_CELL",
            meaning: "A locked cell of a sent tracker was changed, and the change was not read.",
            remedy: "Correct the record in the document or the file that it came from.",
        }
        EmptiedCell {
            code: "EMPTIED_CELL",
            meaning: "A cell of a sent tracker was emptied, which says nothing.",
            remedy: "Write the new value.",
        }
        NothingAnswered {
            code: "NOTHING_ANSWERED",
            meaning: "A sent tracker came back as it was written, so it is no answer.",
            remedy: "Ask the owner to write Yes under No Change where nothing changed.",
        }
        OlderAnswer {
            code: "OLDER_ANSWER",
            meaning: "A report of a later day states another value than this answer, and counts.",
            remedy: "Nothing, unless the day of the answers is wrong.",
        }
        OlderRow {
            code: "OLDER_ROW",
            meaning: "An action's row without a day of its own has a latest date before that of the row that was loaded earlier, which counts.",
            remedy: "If the row corrects the earlier one, write the day that the warning names under `reported_on`; if it is an old copy, nothing.",
        }
        UnseenReport {
            code: "UNSEEN_REPORT",
            meaning: "An answer replaces a value that was reported since its tracker was written.",
            remedy: "Ask the owner if both are known to them.",
        }
    }
}

hotwash_schema::codes! {
    /// Reasons why a row was rejected.
    pub enum RejectCode of LoadDefinition {
        InvalidValue {
            code: "INVALID_VALUE",
            meaning: "A value is not allowed in its column.",
            remedy: "Correct the value as the reason states, and load the row again.",
        }
        MissingValue {
            code: "MISSING_VALUE",
            meaning: "A required value is empty.",
            remedy: "Enter the value, and load the row again.",
        }
        UnreadableRow {
            code: "UNREADABLE_ROW",
            meaning: "A row cannot be split into cells, or is not a JSON object.",
            remedy: "Correct quotation marks, separators or brackets, and load the row again.",
        }
        ContactDetail {
            code: "CONTACT_DETAIL",
            meaning: "The id of a record looks like a contact detail, which is not stored.",
            remedy: "Give the record an id without contact details.",
        }
        EventRejected {
            code: "EVENT_REJECTED",
            meaning: "The event of the record was rejected, so the record was too.",
            remedy: "Correct the event, and load the document again.",
        }
        UnknownReference {
            code: "UNKNOWN_REFERENCE",
            meaning: "A record requires another record that is not in the warehouse.",
            remedy: "Load the other record first, or correct the reference.",
        }
        ReusedId {
            code: "REUSED_ID",
            meaning: "The id belongs to another record of an earlier file, which would be \
                overwritten.",
            remedy: "Give each record an id of its own, such as one with the year and the region.",
        }
        DuplicateRecord {
            code: "DUPLICATE_RECORD",
            meaning: "Another row of the file has the same id, and that row was read.",
            remedy: "Give each record an id of its own, or keep one of the rows.",
        }
    }
}

impl WarningCode {
    /// Returns whether the warning repeats what the report states of a column.
    pub fn is_about_columns(self) -> bool {
        matches!(self, Self::UnreadColumn | Self::DuplicateHeading)
    }
}

impl RejectCode {
    /// Returns the code of an error in a row: in the row as a whole, or in a value of a column.
    pub fn of_cell(column: Option<&str>, value: Option<&str>) -> Self {
        match (column, value) {
            (None, _) => Self::UnreadableRow,
            (Some(_), None | Some("")) => Self::MissingValue,
            (Some(_), Some(_)) => Self::InvalidValue,
        }
    }
}

/// Cell for which a row is rejected, with the reason.
#[derive(Clone, Copy)]
pub struct RejectedCell<'a> {
    /// Column, unless the error is in the entire row.
    pub column: Option<&'a str>,
    /// Value.
    pub value: Option<&'a str>,
    /// Problem and remedy.
    pub reason: &'a str,
}

impl serde::Serialize for WarningCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl serde::Serialize for RejectCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
