//! Loads, their files and what they refused.

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
        field("startedAt", "{t}.started_at", Kind::DateTime, "When it began."),
        field("finishedAt", "{t}.finished_at", Kind::DateTime, "When it ended."),
        field("status", "{t}.status", Kind::Text, "RUNNING, DONE or FAILED."),
        field("label", "{t}.label", Kind::Text, "What it was for."),
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
        field("source", "{t}.source", Kind::Text, "Source it was read as."),
        field("status", "{t}.status", Kind::Text, "RUNNING, LOADED or FAILED."),
        field("bytes", "{t}.bytes", Kind::Long, "Size in bytes."),
        field("read", "{t}.read", Kind::Long, "Records read."),
        field("inserted", "{t}.inserted", Kind::Long, "New records."),
        field("updated", "{t}.updated", Kind::Long, "Changed records."),
        field("unchanged", "{t}.unchanged", Kind::Long, "Records already known."),
        field("rejected", "{t}.rejected", Kind::Long, "Records refused."),
        field("warnings", "{t}.warnings", Kind::Long, "Warnings given."),
        field("unmapped", "{t}.unmapped", Kind::Long, "Labels that no reference list knows."),
        field("redacted", "{t}.redacted", Kind::Long, "Contact details taken out."),
        field("seconds", "{t}.seconds", Kind::Float, "Wall time in seconds."),
        field("error", "{t}.error", Kind::Text, "Why it was refused."),
        field("fictional", "{t}.fictional", Kind::Boolean, "Generated demonstration data."),
    ],
    relations: &[Relation {
        name: "columns",
        target: "LoadedColumn",
        many: Many::List,
        through: "",
        on: "{u}.file_id = {t}.file_id",
        description: "Its columns and what became of each.",
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
    description: "One column of a loaded file and what became of it. An unread one that holds data was not stored.",
    fields: &[
        field("batch", "{t}f.batch_id", Kind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", Kind::Text, "File name."),
        field("number", "{t}.number", Kind::Int, "Its number in the file, over all sheets, from 1.").required(),
        field("sheet", "{t}.sheet", Kind::Text, "Name of its sheet."),
        field("position", "{t}.position", Kind::Int, "Its place in the table, the first being 1.").required(),
        field("heading", "{t}.heading", Kind::Text, "Heading as the file writes it, redacted."),
        field(
            "fate",
            "{t}.fate",
            Kind::Text,
            "READ into a field, DROPPED because it names persons, UNUSED by its source, or UNREAD.",
        ),
        field("field", "{t}.field", Kind::Text, "The field that its heading means."),
        field("filled", "{t}.filled", Kind::Long, "Cells that hold something."),
        field(
            "samples",
            "nullif(array_to_string({t}.samples, '; '), '')",
            Kind::Text,
            "Up to three values of an unread column, redacted.",
        ),
        field("nearest", "{t}.nearest", Kind::Text, "The known heading nearest to that of an unread column."),
        field(
            "readInstead",
            "{t}.read_instead",
            Kind::Int,
            "Place of the column that is read instead, where two mean one field.",
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
    description: "One refused row: where it stands, what was wrong, what would be right.",
    fields: &[
        field("batch", "{t}.batch_id", Kind::Int, "Number of the load.").required(),
        field("file", "{t}f.name", Kind::Text, "File name."),
        field("row", "{t}.row_number", Kind::Long, "Row in the file, the first being 1.").required(),
        field("recordType", "{t}.record_type", Kind::Text, "What the row was to become."),
        field("column", "{t}.column_name", Kind::Text, "Column at fault."),
        field("value", "{t}.value", Kind::Text, "Value at fault, redacted."),
        field("reason", "{t}.reason", Kind::Text, "What is wrong and what would be right."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    // A refused row may hold any region's detail.
    visible: visible::CLOSED,
    order: &["batch", "file", "row"],
};
