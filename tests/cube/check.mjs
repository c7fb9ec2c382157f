// The Cube model in Cube's own schema compiler: it compiles, and the SQL of its queries, run on Postgres, gives the numbers that
// plain SQL over the star schema gives.
//
//     node check.mjs HOTWASH      HOTWASH_HOME or DATABASE_URL names the warehouse

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { prepareCompiler, PostgresQuery } from '@cubejs-backend/schema-compiler';
import pg from 'pg';

const hotwash = (...args) => execFileSync(process.argv[2], args, { encoding: 'utf8', maxBuffer: 1 << 26 });

/** Column of each dimension by which its joins are checked. */
const GROUPS = {
  dim_date: 'fiscal_year', dim_region: 'region', dim_hazard: 'hazard', dim_capability: 'capability', dim_organization: 'organization', dim_event: 'kind',
};
const SHARES = {
  good_share: ['good_count', 'rated_count'], met_objective_share: ['met_objective_count', 'rated_count'],
  overdue_share: ['overdue_count', 'open_count'], filled_in_full_share: ['filled_in_full_count', 'request_count'],
};

async function compiled(model) {
  const files = [{ fileName: 'hotwash.yml', content: model }];
  const repository = { localPath: () => '.', dataSchemaFiles: async () => files };
  // The model has no Jinja, which would need Cube's native module.
  const compilers = prepareCompiler(repository, { nativeInstance: { newJinjaEngine: () => ({}) } });
  await compilers.compiler.compile();
  return compilers;
}

/** Columns of the star schema with their comments. */
async function columns(client) {
  const { rows } = await client.query(
    `select c.relname as view, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, col_description(c.oid, a.attnum) as comment
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'bi'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped order by 1, a.attnum`,
  );
  const views = new Map();
  for (const row of rows) views.set(row.view, [...(views.get(row.view) ?? []), row]);
  return views;
}

/** Plain SQL for a measure over the rows of one group; `w` is the weight of a row. */
function wanted(view, column, w) {
  const number = /^(integer|bigint|smallint|double precision|numeric)$/.test(column.type);
  const own = `f."${column.name}"`;
  if (view.startsWith('metric_')) {
    const published = /^(double precision|bigint)$/.test(column.type) && column.name !== 'warehouse_version' && !column.name.endsWith('_id');
    return published ? `case when count(*) = 1 then max(${own}) end` : null;
  }
  if (!number) return null;
  if (column.comment.includes(', to sum over regions, never over days')) return `case when count(distinct f.date_key) = 1 then sum(${own}) end`;
  if (column.comment.includes(', to sum')) return `sum(${own} * ${w})`;
  if (column.comment.includes(', to average')) return `sum(${own} * ${w})::double precision / nullif(sum(${w}) filter (where ${own} is not null), 0)`;
  return null;
}

const equal = (one, other) => {
  if (one === null || other === null) return one === other;
  const [a, b] = [Number(one), Number(other)];
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
};

async function main() {
  const model = hotwash('bi', 'describe', '--format', 'cube');
  const { compiler, joinGraph, cubeEvaluator } = await compiled(model);
  const login = JSON.parse(hotwash('bi', 'grant', `cube_${randomBytes(4).toString('hex')}`, '--role', 'analyst', '--json'));
  const address = new URL(process.env.DATABASE_URL ?? JSON.parse(hotwash('postgres', 'status', '--json')).url);
  const client = new pg.Client({
    host: address.hostname, port: Number(address.port || 5432), database: address.pathname.slice(1), user: login.login, password: login.password,
  });
  try {
    await client.connect();
    const counts = { cubes: 0, measures: 0, joins: 0, dimensions: 0 };
    const views = await columns(client);

    /** Rows of a query of Cube, as plain objects by the last part of the name. */
    const ask = async (query) => {
      const built = new PostgresQuery({ joinGraph, cubeEvaluator, compiler }, { timezone: 'UTC', order: [], rowLimit: null, useNativeSqlPlanner: false, ...query });
      const [sql, params] = built.buildSqlAndParams();
      try {
        const { rows } = await client.query(sql, params);
        return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key.replace('__', '.'), value])));
      } catch (error) {
        throw new Error(`${JSON.stringify(query)}: ${error.message}\n${sql}`);
      }
    };
    /** Compares the groups of a query of Cube with those of plain SQL. */
    const same = async (what, query, group, from, sums) => {
      const got = await ask(query);
      const list = Object.entries(sums).map(([name, sql]) => `${sql} as "${name}"`);
      const { rows } = await client.query(`select ${group}::text as grouped, ${list.join(', ')} from ${from} group by 1`);
      const key = query.dimensions?.[0];
      const byGroup = new Map(got.map((row) => [key ? String(row[key]) : '', row]));
      if (byGroup.size !== rows.length) throw new Error(`${what}: ${byGroup.size} groups in Cube, ${rows.length} in SQL`);
      for (const row of rows) {
        const its = byGroup.get(String(row.grouped));
        if (!its) throw new Error(`${what}: Cube has no group ${row.grouped}`);
        for (const name of Object.keys(sums)) {
          const value = its[`${query.cube}.${name}`];
          if (!equal(value, row[name])) throw new Error(`${what}, ${name} of ${row.grouped}: ${value} in Cube, ${row[name]} in SQL`);
        }
      }
    };

    for (const [view, list] of views) {
      const cube = cubeEvaluator.cubeFromPath(view);
      counts.cubes += 1;
      const has = (name) => list.some((column) => column.name === name);
      for (const { name } of list) {
        if (!cube.measures[name] && !cube.dimensions[name]) throw new Error(`the cube ${view} leaves out ${name}`);
      }
      if (!Object.values(cube.dimensions).some((one) => one.primaryKey)) throw new Error(`the cube ${view} has no primary key`);
      const byRegion = view.startsWith('fact_') && has('event_id') && !has('region_id');
      const sums = (w) => {
        const all = { row_count: `sum(${w})` };
        if (byRegion) all.distinct_count = 'count(distinct f.' + (has(`${view.slice(5)}_id`) ? `${view.slice(5)}_id` : 'event_id') + ')';
        for (const column of list) {
          const sql = wanted(view, column, w);
          if (sql) all[column.name] = sql;
        }
        for (const [name, [part, whole]] of Object.entries(SHARES)) {
          if (has(part) && has(whole)) all[name] = `sum(f.${part} * ${w})::double precision / nullif(sum(f.${whole} * ${w}), 0)`;
        }
        return all;
      };
      const plain = sums('1');
      const missing = Object.keys(cube.measures).filter((name) => !(name in plain));
      if (missing.length) throw new Error(`the cube ${view} measures ${missing}, which no comment promises`);
      const measures = Object.keys(plain).map((name) => `${view}.${name}`);
      counts.measures += measures.length;
      // All of it: a cube of events, split by region, gives what the view itself gives.
      const { row_count: rows, ...rest } = plain;
      const total = { row_count: `coalesce(${rows}, 0)`, ...rest };
      await same(view, { cube: view, measures }, `''`, `bi.${view} f`, total);
      for (const join of cube.joins ?? []) {
        const target = join.name;
        const dimension = target.replace(/^dim_date_.*/, 'dim_date');
        const role = target.startsWith('dim_date_') ? `${target.slice(9)}_date_key` : null;
        const key = dimension === 'dim_date' ? 'date_key' : `${dimension.slice(4)}_id`;
        const weighted = byRegion && dimension === 'dim_region';
        const from = weighted ? `bi.${view} f left join bi.bridge_event_region b on b.event_id = f.event_id` : `bi.${view} f`;
        const left = weighted ? 'coalesce(b.region_id, -1)' : `f.${role ?? key}`;
        await same(
          `${view} by ${target}`,
          { cube: view, measures, dimensions: [`${target}.${GROUPS[dimension]}`] },
          `d.${GROUPS[dimension]}`,
          `${from} left join bi.${dimension} d on d.${key} = ${left}`,
          sums(weighted ? 'coalesce(b.allocation_weight, 1)' : '1'),
        );
        counts.joins += 1;
      }
      const dimensions = Object.keys(cube.dimensions).map((name) => `${view}.${name}`);
      await ask({ measures: [`${view}.row_count`], dimensions, rowLimit: 20 });
      counts.dimensions += dimensions.length;
      if (view.startsWith('metric_')) {
        await same(`rows of ${view}`, { cube: view, measures, dimensions: [`${view}.metric_value_id`] }, 'f.metric_value_id', `bi.${view} f`, plain);
      }
    }

    await same(
      'actions open by day',
      { cube: 'fact_action_backlog_daily', measures: ['fact_action_backlog_daily.open_at_end'], dimensions: ['fact_action_backlog_daily.date_key'] },
      'f.date_key', 'bi.fact_action_backlog_daily f', { open_at_end: 'sum(f.open_at_end)' },
    );
    // Capability performance by region: the share of two weighted sums, as a dashboard queries it.
    const performance = await ask({
      measures: ['fact_capability_rating.good_share'],
      dimensions: ['dim_capability.capability', 'dim_capability.framework', 'dim_region.code'],
      timeDimensions: [{ dimension: 'dim_date.date', granularity: 'year' }],
      filters: [
        { member: 'fact_capability_rating.level', operator: 'equals', values: ['CAPABILITY'] },
        { member: 'dim_region.scheme', operator: 'equals', values: ['HMCC'] },
      ],
    });
    const direct = await client.query(
      `select c.capability, c.framework, r.code, d.year, sum(f.good_count * b.allocation_weight) / nullif(sum(f.rated_count * b.allocation_weight), 0) as share
       from bi.fact_capability_rating f join bi.bridge_event_region b using (event_id) join bi.dim_region r on r.region_id = b.region_id
       join bi.dim_capability c using (capability_id) join bi.dim_date d on d.date_key = f.date_key
       where f.level = 'CAPABILITY' and r.scheme = 'HMCC' group by 1, 2, 3, 4`,
    );
    const cell = (row) => `${row['dim_capability.capability'] ?? row.capability} ${row['dim_region.code'] ?? row.code} ${row.year ?? new Date(row['dim_date.date_year']).getFullYear()}`;
    const shares = new Map(performance.map((row) => [cell(row), row['fact_capability_rating.good_share']]));
    if (shares.size < 100 || shares.size !== direct.rows.length) throw new Error(`${shares.size} cells of capability, region and year in Cube, ${direct.rows.length} in SQL`);
    for (const row of direct.rows) {
      if (!equal(shares.get(cell(row)), row.share)) throw new Error(`capability performance of ${cell(row)}: ${shares.get(cell(row))} in Cube, ${row.share} in SQL`);
    }
    console.log(`  Cube: ${counts.cubes} cubes, ${counts.measures} measures, ${counts.joins} joins, ${counts.dimensions} dimensions, ${shares.size} cells of capability performance: as in SQL`);
  } finally {
    await client.end();
    hotwash('bi', 'revoke', login.login);
  }
}

await main();
