//! Loads, their files and what they rejected.

use hotwash_schema::access::visible;

use crate::graphql::entity::{Entity, Kind, Many, Relation, field};

pub static BATCH: Entity = Entity {
    name: "Batch",
    list: "batches",
    connection: true,
    from: "meta.batch {t}",
    only: "true",
    id: "{t}.batch_id",
    description: "One run of the loader.",
    fields: &[
        field("number", "{t}.batch_id", Kind::Int, "Number of the load, counting up.").required(),
        field("startedAt", "{t}.started_at", Kind::DateTime, "Start time."),
        field("finishedAt", "{t}.finished_at", Kind::DateTime, "End time."),
        field("status", "{t}.status", Kind::Text, "RUNNING, DONE or FAILED."),
        field("label", "{t}.label", Kind::Text, "Purpose."),
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
        field("name", "{t}.name", Kind::Text, "File name."),
        field("source", "{t}.source", Kind::Text, "Source with which the file was read."),
        field("status", "{t}.status", Kind::Text, "RUNNING, LOADED or FAILED."),
        field("bytes", "{t}.bytes", Kind::Long, "Size in bytes."),
        field("read", "{t}.read", Kind::Long, "Records read."),
        field("inserted", "{t}.inserted", Kind::Long, "New records."),
        field("updated", "{t}.updated", Kind::Long, "Changed records."),
        field("unchanged", "{t}.unchanged", Kind::Long, "Records already known."),
        field("rejected", "{t}.rejected", Kind::Long, "Records rejected."),
        field("warnings", "{t}.warnings", Kind::Long, "Warnings given."),
        field("unmapped", "{t}.unmapped", Kind::Long, "Labels missing from the reference lists."),
        field("redacted", "{t}.redacted", Kind::Long, "Contact details taken out."),
        field("seconds", "{t}.seconds", Kind::Float, "Wall time in seconds."),
        field("error", "{t}.error", Kind::Text, "Reason for the rejection."),
        field("fictional", "{t}.fictional", Kind::Boolean, "Generated demonstration data."),
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
    // A file's name may tell of a region's exercise; a record's own `source` names the file that brought it.
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
    description: "Column of a loaded file and how it was read. An unread column with data was not stored.",
    fields: &[
        field("batch", "{t}f.batch_id", Kind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", Kind::Text, "File name."),
        field("number", "{t}.number", Kind::Int, "Its number in the file, over all sheets, from 1.").required(),
        field("sheet", "{t}.sheet", Kind::Text, "Name of the sheet."),
        field("position", "{t}.position", Kind::Int, "Its place in the table, the first being 1.").required(),
        field("heading", "{t}.heading", Kind::Text, "Heading as in the file, redacted."),
        field(
            "fate",
            "{t}.fate",
            Kind::Text,
            "READ into a field, DROPPED because it names persons, UNUSED by its source, or UNREAD.",
        ),
        field("field", "{t}.field", Kind::Text, "Field that the heading stands for."),
        field("filled", "{t}.filled", Kind::Long, "Number of non-empty cells."),
        field(
            "samples",
            "nullif(array_to_string({t}.samples, '; '), '')",
            Kind::Text,
            "Up to three values of an unread column, redacted.",
        ),
        field("nearest", "{t}.nearest", Kind::Text, "Known heading closest to that of an unread column."),
        field(
            "readInstead",
            "{t}.read_instead",
            Kind::Int,
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
        field("batch", "{t}.batch_id", Kind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", Kind::Text, "File name."),
        field("row", "{t}.row_number", Kind::Long, "Row in the file, the first being 1.").required(),
        field("recordType", "{t}.record_type", Kind::Text, "Record type of the row."),
        field("column", "{t}.column_name", Kind::Text, "Column at fault."),
        field("value", "{t}.value", Kind::Text, "Value at fault, redacted."),
        field("reason", "{t}.reason", Kind::Text, "Problem, and what would be right."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    // A rejected row may contain any region's detail.
    visible: visible::CLOSED,
    order: &["batch", "file", "row"],
};
