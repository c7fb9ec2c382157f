# %% [markdown]
# # A first query
#
# Hotwash answers GraphQL, and an analyst thinks in frames. This notebook asks one question, turns the answer into a Polars
# frame, and draws it. Everything here runs against the server that `hotwash demo` starts.
#
# *The exercises, ratings, actions and risk scores of the demonstration are fictional; the storms and declarations are real.*

# %%
import matplotlib.pyplot as plt
import polars as pl

from hotwash_client import Hotwash

hotwash = Hotwash()
status = hotwash.query("{ warehouse { version fictional } }")["warehouse"]
status

# %% [markdown]
# ## Which hazards strike most, and which hurt most?
#
# `incidentAggregate` groups in the database and sends back a few rows, not fifty thousand.

# %%
answer = hotwash.query("""
{
  incidentAggregate(groupBy: [HAZARD], orderBy: [{count: DESC}], limit: 12) {
    key { hazard }
    count
    sum { deathsDirect injuriesDirect damagePropertyUsd }
  }
}
""")["incidentAggregate"]
hazards = pl.DataFrame([{**row["key"], "incidents": row["count"], **row["sum"]} for row in answer])
hazards

# %% [markdown]
# Counting incidents and counting deaths give two different orders: what is frequent is not what is deadly.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for axis, column, title in [(left, "incidents", "Incidents"), (right, "deathsDirect", "Deaths caused directly")]:
    ordered = hazards.with_columns(pl.col(column).fill_null(0)).sort(column)
    axis.barh(ordered["hazard"], ordered[column], color="#2f6690")
    axis.set_title(title, loc="left")
    axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## Every record knows where it came from
#
# A number that cannot be traced cannot be defended. `source` names the file, the row and the load.

# %%
page = hotwash.query("""
{
  incidents(first: 5, filter: {deathsDirect: {gte: 10}}, orderBy: [{deathsDirect: DESC}]) {
    totalCount
    nodes { deathsDirect event { name localDate hazard { name } } source { file row } }
  }
}
""")["incidents"]
pl.DataFrame(
    [
        {
            "event": node["event"]["name"],
            "day": node["event"]["localDate"],
            "hazard": node["event"]["hazard"]["name"],
            "deaths": node["deathsDirect"],
            "from": f"{node['source']['file']}, row {node['source']['row']}",
        }
        for node in page["nodes"]
    ]
)
