# %% [markdown]
# # What should we exercise next? Risk against readiness
#
# A hazard that every hospital ranks high and that nobody has exercised for two years is a decision waiting to be made.

# %%
import matplotlib.pyplot as plt
import polars as pl

from hotwash_client import Hotwash

hotwash = Hotwash()
AS_OF = "2026-06-30"

coverage = hotwash.metric("hazard_coverage", group_by=["region", "hazard"], as_of=AS_OF)
coverage.head(10)

# %% [markdown]
# The top risks of each region that were not exercised within 24 months:

# %%
uncovered = coverage.filter(pl.col("value") == 0).select("region", "hazard", "rank", "monthsSinceExercise", "monthsSinceIncident")
uncovered

# %%
risk = hotwash.metric("risk_profile", group_by=["region", "hazard"], as_of=AS_OF)
state = risk.group_by("hazard").agg(pl.col("value").mean(), pl.col("inherentRisk").mean()).sort("inherentRisk", descending=True).head(12)
figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
ordered = state.sort("inherentRisk")
axis.hlines(ordered["hazard"], ordered["value"], ordered["inherentRisk"], color="lightgrey", linewidth=3)
axis.plot(ordered["inherentRisk"], ordered["hazard"], "o", color="#b5543b", label="inherent")
axis.plot(ordered["value"], ordered["hazard"], "o", color="#2f6690", label="residual (with readiness)")
axis.set_xlabel("Mean risk, 0 to 1")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## What first?
#
# The priority multiplies the capability gap, the exposure and the overdue work, and shows all three with the interval of
# the rank, so that nobody has to trust one number.

# %%
priority = hotwash.metric("improvement_priority", as_of=AS_OF).sort("rank").head(10)
priority.select("region", "capability", "rank", "rankLow", "rankHigh", "gap", "exposure", "overdueShare", "value")
