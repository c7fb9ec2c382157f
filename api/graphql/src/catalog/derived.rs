//! Record types of the API that follow from their descriptions (`hotwash_schema::record`): fields,
//! filters, orders, relations, group keys, exports and visibility. What a type has in addition is
//! in [`additions`](super::additions).

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{self, Column, Parts, Sql};
use hotwash_schema::formula::own;
use hotwash_schema::record::{ColumnDef, ColumnType, Merge, RECORD_TYPES, RecordType, Visibility};
use hotwash_schema::search::SEARCHED;

use super::additions::{ADDITIONS, Addition};
use super::lists::lists_of;
use super::record_table::{RecordTable, record_tables};
use super::words::{camel, key, leaked, pascal, sentence, upper};
use super::{code_lists, filters, keys};
use crate::entity::{
    Entity, EntityField, GroupKey, Many, Relation, TableJoin, field, hidden, join, one,
};
use crate::scalar::ScalarKind;

/// Alias suffix of the event of a record.
const EVENT: &str = "e";
/// Alias suffix of the parent of a record.
const PARENT: &str = "p";
/// Alias suffix of the region of a record.
const REGION: &str = "r";
/// Rule for the key of another record that everyone sees who sees the record itself.
const SEEN: Formula = Sql("true");

/// Returns the record types, each followed by the parts of its records that have their own tables.
pub fn entities() -> Vec<Entity> {
    let draft = |of: RecordTable| match of.part {
        None => Draft::of(of.record),
        Some(part) => Draft::of_part(of.record, part),
    };
    record_tables().map(|of| draft(of).entity()).collect()
}

/// Returns a dimension with the lists of the records that reference it.
pub fn with_lists(dimension: &Entity) -> Entity {
    let lists = lists_of(dimension.table.trim_start_matches("warehouse."));
    Entity { relations: [dimension.relations, &lists].concat().leak(), ..*dimension }
}

/// Record type in the making.
struct Draft {
    table: RecordTable,
    joins: Vec<TableJoin>,
    fields: Vec<EntityField>,
    /// Fields only for filters, after those of the object.
    filters: Vec<EntityField>,
    relations: Vec<Relation>,
    /// Keys of where a record belongs: its region, event and hazard.
    origin_keys: Vec<GroupKey>,
    group_keys: Vec<GroupKey>,
    /// Periods of the day of the record.
    period_keys: Vec<GroupKey>,
    /// Periods of each of its days and times.
    date_keys: Vec<GroupKey>,
}

impl Draft {
    fn of(record: &'static RecordType) -> Self {
        let mut draft = Self::of_event(record, None, record.visibility == Visibility::OfEvent);
        if let Some(parent) = record.parent.and_then(|parent| record_type(parent.record)) {
            draft.inherit(parent);
        }
        draft.columns();
        for part in RecordTable::parts(record) {
            let description = leaked(sentence(part, &["The ", " part."]));
            draft.relations.push(one(camel(part), pascal(part), key(record.name), description));
        }
        draft.relations.extend(lists_of(record.name));
        draft
    }

    fn of_part(record: &'static RecordType, part: &'static str) -> Self {
        let mut draft = Self::of_event(record, Some(part), true);
        let description = leaked(sentence(record.name, &["The ", "."]));
        let event = one(camel(record.name), pascal(record.name), key(record.name), description);
        draft.relations.push(event);
        draft.group_by_event(description);
        draft.columns();
        draft
    }

    /// Starts a record type, with what its records have from their event.
    fn of_event(record: &'static RecordType, part: Option<&'static str>, has_event: bool) -> Self {
        let mut draft = Self {
            table: RecordTable { record, part },
            joins: Vec::new(),
            fields: Vec::new(),
            filters: Vec::new(),
            relations: Vec::new(),
            origin_keys: Vec::new(),
            group_keys: Vec::new(),
            period_keys: Vec::new(),
            date_keys: Vec::new(),
        };
        if has_event {
            draft.join_record(&Self::of(&hotwash_schema::record::EVENT), EVENT);
            draft.filters.extend(filters::OF_EVENT);
            draft.origin_keys.push(keys::EVENT_REGION);
            if part.is_none() {
                draft.origin_keys.push(keys::EVENT_KIND);
            }
            let of_event = |key: GroupKey| GroupKey { formula: key.formula.under(EVENT), ..key };
            draft.origin_keys.extend(keys::OWN_HAZARD.map(of_event));
            let about = "the event, by the day on which it began where it happened";
            draft.period_keys.extend(keys::of_day(Column(EVENT, "local_date"), None, about));
        }
        draft
    }

    /// Adds what the records have from their parent: its filters, region, organization and period.
    fn inherit(&mut self, parent: &'static RecordType) {
        let of = Self::of(parent);
        self.join_record(&of, PARENT);
        let filters = of.fields.iter().filter(|field| of.is_period(field)).chain(&of.filters);
        self.filters.extend(filters.map(|field| EntityField {
            formula: field.formula.under(PARENT),
            within: field.within.map(|within| within.under(PARENT)),
            shown: false,
            ..*field
        }));
        let shared = |relation: &&Relation| {
            relation.many == Many::One
                && ["Event", "Organization", "Region"].contains(&relation.target)
        };
        self.relations.extend(of.relations.iter().filter(shared).map(|relation| {
            let (join, column) = relation.to;
            relation.to(leaked([PARENT, join].concat()), column)
        }));
        let under_parent = |key: &GroupKey| GroupKey {
            formula: key.formula.under(PARENT),
            joins: key.joins.iter().map(|join| under(*join, PARENT)).collect::<Vec<_>>().leak(),
            visible: key.visible.map(|rule| rule.under(PARENT)),
            ..*key
        };
        for key in of.origin_keys.iter().map(under_parent) {
            self.group_by(key);
        }
        self.period_keys.extend(of.period_keys.iter().map(under_parent));
    }

    /// Adds a key of where a record belongs, unless it has one of that name.
    fn group_by(&mut self, key: GroupKey) {
        if self.origin_keys.iter().all(|known| known.name != key.name) {
            self.origin_keys.push(key);
        }
    }

    /// Joins another record that every record references, and the tables joined to it.
    fn join_record(&mut self, of: &Self, alias: &'static str) {
        let table = leaked(["warehouse.", of.table.record.name].concat());
        self.joins.push(join(alias, table, key(of.table.record.name)));
        self.joins.extend(of.joins.iter().map(|join| under(*join, alias)));
    }

    /// Returns whether a field is the day of the record.
    fn is_period(&self, field: &EntityField) -> bool {
        let mut columns = self.table.columns();
        columns.any(|(column, stored)| column.api.is_period && field.formula == own(stored.name))
    }

    fn columns(&mut self) {
        for (column, stored) in self.table.columns() {
            match column.references {
                Some(table) => self.reference(column, stored.name, table),
                None => self.scalar(column, stored.name, stored.data_type),
            }
        }
    }

    fn scalar(&mut self, column: &ColumnDef, stored: &'static str, data_type: ColumnType) {
        let kind = match column.vocabulary {
            Some(list) => ScalarKind::Code(list),
            None => match kind(data_type) {
                Some(kind) => kind,
                None => return,
            },
        };
        let name = column.api.name.unwrap_or(stored);
        let about = column.meaning;
        let codes = code_lists::of_column(self.table.name(), stored);
        let shown = field(camel(name), own(stored), kind, about);
        let is_amount = shown.is_amount && !column.api.is_position;
        self.fields.push(EntityField { required: column.required, is_amount, codes, ..shown });
        if column.api.is_group_key || column.vocabulary.is_some() {
            let group_key = keys::key(upper(name), camel(name), own(stored), about);
            self.group_keys.push(GroupKey { kind, codes, ..group_key });
        }
        let (day, zone) = match kind {
            ScalarKind::DateTime => {
                let local = " at time zone (select meta.time_zone())";
                let zone = "` in the jurisdiction's time zone (`warehouse { timeZone }`)";
                (Parts(vec![own(stored), Sql(local)].leak()), zone)
            }
            ScalarKind::Date => (own(stored), "`"),
            _ => return,
        };
        let about = ["`", camel(name), zone].concat();
        self.date_keys.extend(keys::of_day(day, Some(name), &about));
        if column.api.is_period {
            self.period_keys.extend(keys::of_day(day, None, &about));
        }
    }

    fn reference(&mut self, column: &ColumnDef, stored: &'static str, table: &'static str) {
        let name = RecordTable::relation_name(column, stored);
        let about = column.meaning;
        let to = |target: &'static str| one(camel(name), target, key(table), about).to("", stored);
        match table {
            "region" => {
                self.relations.push(to("Region"));
                self.joins.push(join(REGION, "warehouse.region", stored));
                let code = Column(REGION, "code");
                let about =
                    leaked([about.trim_end_matches('.'), ", by its code, e.g. `3`."].concat());
                let key = keys::key(keys::EVENT_REGION.name, keys::EVENT_REGION.key, code, about)
                    .listed_in(code_lists::REGIONS);
                // The region of the record replaces those of its event.
                self.filters.retain(|filter| filter.name != key.key);
                let filter = hidden(key.key, code, ScalarKind::Text, about).required();
                self.filters.push(filter.listed_in(code_lists::REGIONS));
                self.origin_keys.retain(|known| known.name != key.name);
                self.origin_keys.insert(0, key);
            }
            "hazard" => {
                self.relations.push(to("Hazard"));
                self.joins.push(join("h", "warehouse.hazard", stored));
                // The hazard of the record replaces that of its event.
                self.filters.retain(|filter| !filter.name.starts_with("hazard"));
                self.filters.extend(filters::OWN_HAZARD);
                self.origin_keys.retain(|key| !key.key.starts_with("hazard"));
                self.origin_keys.extend(keys::OWN_HAZARD);
            }
            "county" => {
                self.relations.push(to("County"));
                self.joins.push(join("c", "warehouse.county", stored));
                self.filters.retain(|filter| filter.name != filters::OWN_COUNTY.name);
                self.filters.push(filters::OWN_COUNTY);
                self.group_keys.push(keys::OWN_COUNTY);
            }
            "capability" if stored != key(table) => self.relations.push(to("Capability")),
            "capability" => {
                self.relations.push(to("Capability"));
                self.joins.extend(keys::CAPABILITY_JOINS);
                self.filters.extend(filters::OF_CAPABILITY);
                self.group_keys.extend(keys::OF_CAPABILITY);
            }
            "organization" => {
                self.relations.push(to("Organization").skipping_none());
                self.group_by_organization(column, stored, name);
            }
            table if record_type(table).is_some() => {
                self.relations.push(to(pascal(table)));
                self.group_by_record(column, stored, table, name);
            }
            table => self.labels(column, stored, table, name),
        }
    }

    /// Adds the keys of the event to which each record belongs.
    fn group_by_event(&mut self, about: &'static str) {
        let event = keys::reference("event", "Event", own("event_id"), about);
        let event = GroupKey { visible: Some(SEEN), ..event };
        self.group_by(event);
        self.group_by(keys::name_of(&event, Column(EVENT, "name")));
    }

    /// Adds the keys of an organization, and of its discipline.
    fn group_by_organization(
        &mut self,
        column: &ColumnDef,
        stored: &'static str,
        name: &'static str,
    ) {
        let alias = leaked(["k", name].concat());
        let discipline = leaked([alias, "d"].concat());
        let joins: &[TableJoin] = vec![
            join(alias, "warehouse.organization", "organization_id").to("", stored).optional(),
            join(discipline, "warehouse.discipline", "discipline_id")
                .to(alias, "discipline_id")
                .optional(),
        ]
        .leak();
        // The key -1 means that there is none.
        let given = |value: Formula| {
            Parts(
                vec![Sql("case when "), own(stored), Sql(" > 0 then "), value, Sql(" end")].leak(),
            )
        };
        let about = column.meaning;
        let organization = keys::reference(name, "Organization", given(own(stored)), about);
        let named = keys::name_of(&organization, given(Column(alias, "name")));
        let of = name.strip_suffix("organization").unwrap_or(leaked([name, "_"].concat()));
        let of_discipline = leaked([of, "discipline"].concat());
        let about = leaked(["Discipline of `", camel(name), "`."].concat());
        let code = Column(discipline, "code");
        let coded = keys::key(upper(of_discipline), camel(of_discipline), code, about)
            .listed_in(code_lists::of_table("discipline"));
        for key in [organization, GroupKey { joins, ..named }, GroupKey { joins, ..coded }] {
            self.origin_keys.retain(|known| known.name != key.name);
            self.origin_keys.push(key);
        }
    }

    /// Adds the key of a record of another type, and its name if it has one.
    fn group_by_record(
        &mut self,
        column: &ColumnDef,
        stored: &'static str,
        table: &'static str,
        name: &'static str,
    ) {
        let about = column.meaning;
        if self.table.is_of_event() && stored == key("event") {
            return self.group_by_event(about);
        }
        let alias = leaked(["k", name].concat());
        let to = leaked(["warehouse.", table].concat());
        let mut joins = vec![join(alias, to, key(table)).to("", stored).optional()];
        let of_parent = self.table.record.parent.is_some_and(|parent| parent.record == table);
        let visible = match record_type(table).and_then(rule) {
            Some(_) if of_parent => Some(SEEN),
            Some(visible::OF_EVENT) => {
                let event = leaked([alias, EVENT].concat());
                joins.push(
                    join(event, "warehouse.event", "event_id").to(alias, "event_id").optional(),
                );
                Some(visible::OF_EVENT.under(alias))
            }
            rule => rule.map(|rule| rule.under(alias)),
        };
        let joins: &[TableJoin] = joins.leak();
        let id = keys::reference(name, pascal(table), own(stored), about);
        let record = GroupKey { joins, visible, ..id };
        self.group_by(record);
        if record_type(table).is_some_and(|record| {
            record.columns.iter().any(|column| column.stored.is_some_and(|it| it.name == "name"))
        }) {
            self.group_by(keys::name_of(&record, Column(alias, "name")));
        }
        if table == "event" {
            let (name, kind) = (leaked([name, "_kind"].concat()), keys::EVENT_KIND.kind);
            let about = leaked(["Kind of `", camel(name.trim_end_matches("_kind")), "`."].concat());
            let kind_of = GroupKey {
                kind,
                ..keys::key(upper(name), camel(name), Column(alias, "kind"), about)
            };
            self.group_by(GroupKey { joins, visible, ..kind_of });
        }
    }

    /// Adds the code and the name of a reference list.
    fn labels(
        &mut self,
        column: &ColumnDef,
        stored: &'static str,
        table: &'static str,
        name: &'static str,
    ) {
        let alias = leaked(["_", name].concat());
        let of_list = join(alias, leaked(["warehouse.", table].concat()), key(table));
        let of_list = of_list.to("", stored);
        self.joins.push(if column.required { of_list } else { of_list.optional() });
        let code = Column(alias, "code");
        let text = |name, formula, about| {
            let shown = field(name, formula, ScalarKind::Text, about);
            EntityField { required: column.required, ..shown }
        };
        let codes = code_lists::of_table(table);
        self.fields.push(text(camel(name), code, column.meaning).listed_in(codes));
        let about = leaked(["Full name of `", camel(name), "`."].concat());
        let full = camel(leaked([name, "_name"].concat()));
        self.fields.push(text(full, Column(alias, "name"), about));
        let group_key = keys::key(upper(name), camel(name), code, column.meaning);
        self.group_keys.push(group_key.listed_in(codes));
    }

    fn entity(mut self) -> Entity {
        let RecordTable { record, part } = self.table;
        let table = self.table.name();
        let none = Addition::to("");
        let addition = ADDITIONS.iter().find(|addition| addition.table == table).unwrap_or(&none);
        // The addition's own filter replaces the one that follows from the description.
        let is_added = |name: &str| addition.fields.iter().any(|field| field.name == name);
        self.filters.retain(|filter| !is_added(filter.name));
        self.fields.extend(addition.fields);
        self.fields.append(&mut self.filters);
        self.relations.extend(addition.relations);
        // The table with the file and the row of a record: its own, or that of its event or parent.
        let lineage = match (part, record.merge) {
            (Some(_), _) if addition.has_lineage => Some(""),
            (Some(_), _) => Some(EVENT),
            (None, Merge::Shipped | Merge::Reference) => None,
            (None, Merge::WithParent) => Some(record.parent.map_or(EVENT, |_| PARENT)),
            (None, Merge::Shared | Merge::Matched) => Some(""),
        };
        let of_source = if part.is_some() { Some(EVENT) } else { lineage };
        let source = of_source.map(|alias| keys::SOURCE.formula.under(alias));
        if !is_added(keys::SOURCE.key) {
            self.fields.extend(source.map(filters::source_name));
        }
        self.origin_keys.append(&mut self.group_keys);
        self.origin_keys.extend(addition.group_keys);
        self.origin_keys.extend(source.map(|formula| GroupKey { formula, ..keys::SOURCE }));
        self.origin_keys.append(&mut self.period_keys);
        self.origin_keys.append(&mut self.date_keys);
        let description = match part {
            None => record.meaning,
            Some(part) => leaked(
                sentence(part, &["The ", " part of "]) + &sentence(record.name, &["an ", "."]),
            ),
        };
        Entity {
            name: pascal(table),
            list: camel(self.table.plural()),
            connection: true,
            table: leaked(["warehouse.", table].concat()),
            joins: self.joins.leak(),
            only: addition.only,
            id: key(record.name),
            description,
            fields: self.fields.leak(),
            relations: self.relations.leak(),
            group_keys: self.origin_keys.leak(),
            lineage,
            visible: match part {
                None => rule(record),
                Some(_) => Some(visible::OF_EVENT),
            },
            order: order(record),
            search: SEARCHED.iter().find(|(name, _)| *name == table).map(|(_, text)| *text),
            timeline: addition.timeline,
        }
    }
}

/// Returns the rule for the rows that a region viewer may see.
fn rule(record: &RecordType) -> Option<Formula> {
    match record.visibility {
        Visibility::Open => None,
        Visibility::Event => Some(visible::EVENT),
        Visibility::OfEvent => Some(visible::OF_EVENT),
        Visibility::Action => Some(visible::ACTION),
        Visibility::OwnRegion => Some(visible::OWN),
        Visibility::PublicOrOwnRegion => Some(visible::PUBLIC_OR_OWN),
        Visibility::OfParent => {
            let parent = record.parent.and_then(|parent| record_type(parent.record));
            Some(parent.map_or(visible::CLOSED, |parent| {
                rule(parent).map_or(Sql("true"), |rule| rule.under(PARENT))
            }))
        }
    }
}

/// Returns the default order as field names.
fn order(record: &RecordType) -> &'static [&'static str] {
    let Some(column) = record.order else { return &[] };
    let name = match column.strip_prefix('-') {
        Some(column) => leaked(["-", camel(column)].concat()),
        None => camel(column),
    };
    vec![name].leak()
}

fn record_type(name: &str) -> Option<&'static RecordType> {
    RECORD_TYPES.iter().copied().find(|record| record.name == name)
}

/// Returns the kind of a column's values, or none for a type that the API does not show.
fn kind(data_type: ColumnType) -> Option<ScalarKind> {
    Some(match data_type {
        ColumnType::Text => ScalarKind::Text,
        ColumnType::SmallInteger | ColumnType::Integer => ScalarKind::Int,
        ColumnType::BigInteger => ScalarKind::Long,
        ColumnType::Number => ScalarKind::Float,
        ColumnType::Boolean => ScalarKind::Boolean,
        ColumnType::Date => ScalarKind::Date,
        ColumnType::Moment => ScalarKind::DateTime,
        ColumnType::Json | ColumnType::Texts | ColumnType::Integers | ColumnType::Numbers => {
            return None;
        }
    })
}

/// Returns a join of a record that is itself joined as `alias`.
fn under(join: TableJoin, alias: &str) -> TableJoin {
    let (to, column) = join.to;
    let (to, alias) = ([alias, to].concat().leak(), [alias, join.alias].concat().leak());
    TableJoin { alias, to: (to, column), ..join }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_described_column_is_in_the_api() {
        let entities = entities();
        for record in RECORD_TYPES.iter().filter(|record| record.order.is_some()) {
            for column in record.columns.iter().filter(|column| !column.api.is_internal) {
                let Some(stored) = column.stored else { continue };
                let table = stored.table.unwrap_or(record.name);
                let entity = entities.iter().find(|entity| entity.name == pascal(table)).unwrap();
                let is_reference = |_: &&str| column.references.is_some();
                let of_record = stored.name.strip_suffix("_id").filter(is_reference);
                let name = camel(column.api.name.or(of_record).unwrap_or(stored.name));
                let field = entity.fields.iter().find(|field| field.name == name && field.shown);
                let relation = entity.relations.iter().any(|relation| relation.name == name);
                assert!(field.is_some() || relation, "{table}.{}", stored.name);
                if let Some(field) = field {
                    assert_eq!(field.required, column.required, "{table}.{}", stored.name);
                }
                let groups = entity.group_keys.iter().any(|key| key.key == name);
                let wanted = column.api.is_group_key || column.vocabulary.is_some();
                assert!(groups || !wanted, "{table}.{}", stored.name);
            }
        }
    }

    #[test]
    fn every_relation_leads_to_a_type_of_the_catalog() {
        let entities = crate::catalog::ENTITIES.iter();
        let names: Vec<&str> = entities.clone().map(|entity| entity.name).collect();
        for entity in entities {
            for relation in entity.relations {
                let (name, target) = (relation.name, relation.target);
                assert!(names.contains(&target), "{}.{name}: {target}", entity.name);
            }
        }
    }

    #[test]
    fn records_that_reference_another_are_its_lists() {
        let entities = entities();
        let lists = |name: &str| -> Vec<&str> {
            let entity = entities.iter().find(|entity| entity.name == name).unwrap();
            let many = entity.relations.iter().filter(|relation| relation.many == Many::List);
            many.map(|relation| relation.name).collect()
        };
        assert!(lists("Event").contains(&"resourceRequests"));
        assert_eq!(lists("Finding"), ["correctiveActions"]);
        assert_eq!(lists("RiskAssessment"), ["scores"]);
        assert_eq!(lists("InformationRequest"), ["informationReports"]);
        assert_eq!(
            lists("Organization"),
            [
                "sponsoredExercises",
                "participations",
                "milestones",
                "informationReports",
                "resourceRequests",
                "capabilityRatings",
                "findings",
                "correctiveActions",
                "riskAssessments",
                "trackerRequests",
                "requirements",
            ]
        );
    }
}
