//! Loads, their files, rejected rows and warnings.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{Column, Condition, Parts, Sql};
use hotwash_schema::formula::{of, own};
use hotwash_schema::vocabulary::{BatchStatus, ColumnFate, FileStatus};

use super::code_lists::SOURCES;
use crate::entity::{Entity, field, join, list, within};
use crate::scalar::ScalarKind;

pub static BATCH: Entity = Entity {
    name: "Batch",
    list: "batches",
    connection: true,
    table: "meta.batch",
    joins: &[],
    only: None,
    id: "batch_id",
    description: "One run of the loader.",
    fields: &[
        field("number", own("batch_id"), ScalarKind::Int, "Number of the load, counting up.")
            .required(),
        field("startedAt", own("started_at"), ScalarKind::DateTime, "Start time.").required(),
        field("finishedAt", own("finished_at"), ScalarKind::DateTime, "End time."),
        field("status", own("status"), ScalarKind::Code(BatchStatus::VOCABULARY), "Status.")
            .required(),
        field("label", own("label"), ScalarKind::Text, "Purpose."),
    ],
    relations: &[list("files", "LoadedFile", "batch_id", "Its files.")],
    group_keys: &[],
    lineage: None,
    // Loads of other regions are private; `warehouse` shows the freshness of all data.
    visible: Some(visible::CLOSED),
    order: &["-number"],
    search: None,
    timeline: None,
};

pub static FILE: Entity = Entity {
    name: "LoadedFile",
    list: "",
    connection: false,
    table: "meta.file",
    joins: &[],
    only: None,
    id: "file_id",
    description: "One input file; always read = inserted + updated + unchanged + rejected.",
    fields: &[
        field("name", own("name"), ScalarKind::Text, "File name.").required(),
        field(
            "sourceName",
            own("source"),
            ScalarKind::Text,
            "Source with which the file was read.",
        )
        .listed_in(SOURCES),
        field("status", own("status"), ScalarKind::Code(FileStatus::VOCABULARY), "Status.")
            .required(),
        field("bytes", own("bytes"), ScalarKind::Long, "Size in bytes."),
        field("read", own("read"), ScalarKind::Long, "Records read.").required(),
        field("inserted", own("inserted"), ScalarKind::Long, "New records.").required(),
        field("updated", own("updated"), ScalarKind::Long, "Changed records.").required(),
        field("unchanged", own("unchanged"), ScalarKind::Long, "Records already known.").required(),
        field("rejected", own("rejected"), ScalarKind::Long, "Records rejected.").required(),
        field("warnings", own("warnings"), ScalarKind::Long, "Warnings given.").required(),
        field(
            "unmapped",
            own("unmapped"),
            ScalarKind::Long,
            "Labels missing from the reference lists.",
        )
        .required(),
        field("redacted", own("redacted"), ScalarKind::Long, "Contact details taken out.")
            .required(),
        field("seconds", own("seconds"), ScalarKind::Float, "Wall time in seconds."),
        field("error", own("error"), ScalarKind::Text, "Reason for the rejection."),
        field("fictional", own("fictional"), ScalarKind::Boolean, "Generated demonstration data.")
            .required(),
    ],
    relations: &[list(
        "columns",
        "LoadedColumn",
        "file_id",
        "Columns of the file and how each was read.",
    )],
    group_keys: &[],
    lineage: None,
    // A file's name may reveal a region's exercise. A record's own `source` names its file.
    visible: Some(visible::CLOSED),
    order: &["name"],
    search: None,
    timeline: None,
};

pub static COLUMN: Entity = Entity {
    name: "LoadedColumn",
    list: "loadedColumns",
    connection: true,
    table: "meta.file_column",
    joins: &[join("f", "meta.file", "file_id")],
    only: None,
    id: "file_column_id",
    description: "Column of a loaded file and how it was read. An unread column with data was not \
        stored.",
    fields: &[
        field("batch", of("f", "batch_id"), ScalarKind::Int, "Number of the load.").required(),
        field("file", of("f", "name"), ScalarKind::Text, "File name.").required(),
        field(
            "number",
            own("number"),
            ScalarKind::Int,
            "Its number in the file, over all sheets, from 1.",
        )
        .required(),
        field("sheet", own("sheet"), ScalarKind::Text, "Name of the sheet."),
        field(
            "position",
            own("position"),
            ScalarKind::Int,
            "Position in the table, starting at 1.",
        )
        .required(),
        field("heading", own("heading"), ScalarKind::Text, "Heading as in the file, redacted.")
            .required(),
        field("fate", own("fate"), ScalarKind::Code(ColumnFate::VOCABULARY), "Use of the column.")
            .required(),
        field("field", own("field"), ScalarKind::Text, "Field that the heading maps to."),
        field("filled", own("filled"), ScalarKind::Long, "Number of non-empty cells.").required(),
        field(
            "samples",
            own("samples"),
            ScalarKind::Texts,
            "Up to three values of an unread column, redacted.",
        )
        .required(),
        within(
            "samples",
            Sql("sample"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from unnest("),
                Column("", "samples"),
                Sql(") as sample where "),
                Condition,
                Sql(")"),
            ]),
            "One of its samples.",
        ),
        field(
            "nearest",
            own("nearest"),
            ScalarKind::Text,
            "Known heading closest to that of an unread column.",
        ),
        field(
            "readInstead",
            own("read_instead"),
            ScalarKind::Int,
            "Number of the column read instead, if two columns mean the same field.",
        ),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    // Samples may contain detail of any region.
    visible: Some(visible::CLOSED),
    order: &["-batch", "file", "number"],
    search: None,
    timeline: None,
};

pub static REJECT: Entity = Entity {
    name: "Reject",
    list: "rejects",
    connection: true,
    table: "meta.reject",
    joins: &[join("f", "meta.file", "file_id")],
    only: None,
    id: "reject_id",
    description: "Rejected row: its file and row, the problem, and what would be right.",
    fields: &[
        field("batch", own("batch_id"), ScalarKind::Int, "Number of the load.").required(),
        field("file", of("f", "name"), ScalarKind::Text, "File name.").required(),
        field("row", own("row_number"), ScalarKind::Long, "Row in the file, the first being 1.")
            .required(),
        field("recordType", own("record_type"), ScalarKind::Text, "Record type of the row.")
            .required(),
        field("code", own("code"), ScalarKind::Text, "Kind of fault, e.g. `MISSING_VALUE`.")
            .required(),
        field("column", own("column_name"), ScalarKind::Text, "Column at fault."),
        field("value", own("value"), ScalarKind::Text, "Value at fault, redacted."),
        field("reason", own("reason"), ScalarKind::Text, "Problem, and what would be right.")
            .required(),
        field(
            "correctedAt",
            own("corrected_at"),
            ScalarKind::DateTime,
            "When a later file brought the row in corrected form; null while it is open.",
        ),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    // Rejected rows may contain detail of any region.
    visible: Some(visible::CLOSED),
    order: &["batch", "file", "row"],
    search: None,
    timeline: None,
};

pub static WARNING: Entity = Entity {
    name: "LoadWarning",
    list: "warnings",
    connection: true,
    table: "meta.warning",
    joins: &[join("f", "meta.file", "file_id")],
    only: None,
    id: "warning_id",
    description: "Value, or file, that was loaded although it is doubtful.",
    fields: &[
        field("batch", own("batch_id"), ScalarKind::Int, "Number of the load.").required(),
        field("file", of("f", "name"), ScalarKind::Text, "File name.").required(),
        field("code", own("code"), ScalarKind::Text, "Kind of warning, e.g. `UNMAPPED_HAZARD`.")
            .required(),
        field("column", own("column_name"), ScalarKind::Text, "Column of the value."),
        field("value", own("value"), ScalarKind::Text, "Value, redacted."),
        field("message", own("message"), ScalarKind::Text, "Problem, and what was done.")
            .required(),
        field("firstRow", own("first_row"), ScalarKind::Long, "First row with the value."),
        field(
            "occurrences",
            own("occurrences"),
            ScalarKind::Long,
            "Number of rows with the value.",
        )
        .required(),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    // Values may contain detail of any region.
    visible: Some(visible::CLOSED),
    order: &["-batch", "file", "firstRow"],
    search: None,
    timeline: None,
};
