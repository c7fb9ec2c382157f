//! Loads, their files and what they rejected.

use hotwash_schema::access::visible;

use crate::graphql::entity::{Entity, Many, Relation, ScalarKind, field};

pub static BATCH: Entity = Entity {
    name: "Batch",
    list: "batches",
    connection: true,
    from: "meta.batch {t}",
    only: "true",
    id: "{t}.batch_id",
    description: "One run of the loader.",
    fields: &[
        field("number", "{t}.batch_id", ScalarKind::Int, "Number of the load, counting up.")
            .required(),
        field("startedAt", "{t}.started_at", ScalarKind::DateTime, "Start time."),
        field("finishedAt", "{t}.finished_at", ScalarKind::DateTime, "End time."),
        field("status", "{t}.status", ScalarKind::Text, "RUNNING, DONE or FAILED."),
        field("label", "{t}.label", ScalarKind::Text, "Purpose."),
    ],
    relations: &[Relation {
        name: "files",
        target: "LoadedFile",
        many: Many::List,
        through: "",
        on: "{u}.batch_id = {t}.batch_id",
        description: "Its files.",
    }],
    group_keys: &[],
    lineage: "",
    // What another region loaded, and when, is its own matter; `warehouse` tells how fresh all is.
    visible: visible::CLOSED,
    order: &["-number"],
};

pub static FILE: Entity = Entity {
    name: "LoadedFile",
    list: "",
    connection: false,
    from: "meta.file {t}",
    only: "true",
    id: "{t}.file_id",
    description: "One input file; always read = inserted + updated + unchanged + rejected.",
    fields: &[
        field("name", "{t}.name", ScalarKind::Text, "File name."),
        field("source", "{t}.source", ScalarKind::Text, "Source with which the file was read."),
        field("status", "{t}.status", ScalarKind::Text, "RUNNING, LOADED or FAILED."),
        field("bytes", "{t}.bytes", ScalarKind::Long, "Size in bytes."),
        field("read", "{t}.read", ScalarKind::Long, "Records read."),
        field("inserted", "{t}.inserted", ScalarKind::Long, "New records."),
        field("updated", "{t}.updated", ScalarKind::Long, "Changed records."),
        field("unchanged", "{t}.unchanged", ScalarKind::Long, "Records already known."),
        field("rejected", "{t}.rejected", ScalarKind::Long, "Records rejected."),
        field("warnings", "{t}.warnings", ScalarKind::Long, "Warnings given."),
        field(
            "unmapped",
            "{t}.unmapped",
            ScalarKind::Long,
            "Labels missing from the reference lists.",
        ),
        field("redacted", "{t}.redacted", ScalarKind::Long, "Contact details taken out."),
        field("seconds", "{t}.seconds", ScalarKind::Float, "Wall time in seconds."),
        field("error", "{t}.error", ScalarKind::Text, "Reason for the rejection."),
        field("fictional", "{t}.fictional", ScalarKind::Boolean, "Generated demonstration data."),
    ],
    relations: &[Relation {
        name: "columns",
        target: "LoadedColumn",
        many: Many::List,
        through: "",
        on: "{u}.file_id = {t}.file_id",
        description: "Columns of the file and how each was read.",
    }],
    group_keys: &[],
    lineage: "",
    // A file's name may tell of a region's exercise; a record's own `source` names the file that
    // brought it.
    visible: visible::CLOSED,
    order: &["name"],
};

pub static COLUMN: Entity = Entity {
    name: "LoadedColumn",
    list: "loadedColumns",
    connection: true,
    from: "meta.file_column {t} join meta.file {t}f on {t}f.file_id = {t}.file_id",
    only: "true",
    id: "{t}.file_column_id",
    description: "Column of a loaded file and how it was read. An unread column with data was not \
        stored.",
    fields: &[
        field("batch", "{t}f.batch_id", ScalarKind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", ScalarKind::Text, "File name."),
        field(
            "number",
            "{t}.number",
            ScalarKind::Int,
            "Its number in the file, over all sheets, from 1.",
        )
        .required(),
        field("sheet", "{t}.sheet", ScalarKind::Text, "Name of the sheet."),
        field(
            "position",
            "{t}.position",
            ScalarKind::Int,
            "Its place in the table, the first being 1.",
        )
        .required(),
        field("heading", "{t}.heading", ScalarKind::Text, "Heading as in the file, redacted."),
        field(
            "fate",
            "{t}.fate",
            ScalarKind::Text,
            "READ into a field, DROPPED because it names persons, UNUSED by its source, or UNREAD.",
        ),
        field("field", "{t}.field", ScalarKind::Text, "Field that the heading stands for."),
        field("filled", "{t}.filled", ScalarKind::Long, "Number of non-empty cells."),
        field(
            "samples",
            "nullif(array_to_string({t}.samples, '; '), '')",
            ScalarKind::Text,
            "Up to three values of an unread column, redacted.",
        ),
        field(
            "nearest",
            "{t}.nearest",
            ScalarKind::Text,
            "Known heading closest to that of an unread column.",
        ),
        field(
            "readInstead",
            "{t}.read_instead",
            ScalarKind::Int,
            "Number of the column read instead, if two columns mean the same field.",
        ),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    // Samples may be any region's detail.
    visible: visible::CLOSED,
    order: &["-batch", "file", "number"],
};

pub static REJECT: Entity = Entity {
    name: "Reject",
    list: "rejects",
    connection: true,
    from: "meta.reject {t} join meta.file {t}f on {t}f.file_id = {t}.file_id",
    only: "true",
    id: "{t}.reject_id",
    description: "Rejected row: its file and row, the problem, and what would be right.",
    fields: &[
        field("batch", "{t}.batch_id", ScalarKind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", ScalarKind::Text, "File name."),
        field("row", "{t}.row_number", ScalarKind::Long, "Row in the file, the first being 1.")
            .required(),
        field("recordType", "{t}.record_type", ScalarKind::Text, "Record type of the row."),
        field("column", "{t}.column_name", ScalarKind::Text, "Column at fault."),
        field("value", "{t}.value", ScalarKind::Text, "Value at fault, redacted."),
        field("reason", "{t}.reason", ScalarKind::Text, "Problem, and what would be right."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    // A rejected row may contain any region's detail.
    visible: visible::CLOSED,
    order: &["batch", "file", "row"],
};
