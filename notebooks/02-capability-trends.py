# %% [markdown]
# # Are we getting better? Capability trends across regions
#
# A share of ratings goes up and down by chance. The question is whether the ups and downs have a direction. Hotwash answers
# with the Mann–Kendall test over quarters and gives the slope with its interval; this notebook looks at what lies beneath.

# %%
import matplotlib.pyplot as plt
import polars as pl

from hotwash_client import Hotwash

hotwash = Hotwash()
AS_OF = "2026-06-30"

trend = hotwash.metric("capability_trend", group_by=["region"], as_of=AS_OF)
trend.select("region", "verdict", "slope", "pValue", "n", "reliability")

# %% [markdown]
# The verdicts come with their p-values and slopes per year. *No detectable trend* is an answer too: it says that these
# figures do not show one, not that there is none.

# %%
quarters = hotwash.metric("capability_performance", group_by=["region"], period="QUARTER", as_of=AS_OF)
regions = quarters["region"].unique().sort().to_list()
figure, axes = plt.subplots(2, (len(regions) + 1) // 2, figsize=(11, 5), sharex=True, sharey=True, layout="constrained")
for axis, region in zip(axes.flat, regions):
    rows = quarters.filter((pl.col("region") == region) & pl.col("value").is_not_null()).sort("period")
    x = range(len(rows))
    axis.fill_between(x, rows["ciLow"], rows["ciHigh"], color="#2f6690", alpha=0.15, linewidth=0)
    axis.plot(x, rows["value"], color="#2f6690")
    verdict = trend.filter(pl.col("region") == region)["verdict"].to_list()
    axis.set_title(f"Region {region}: {(verdict or ['–'])[0]}".replace("_", " ").lower().capitalize(), loc="left", fontsize=9)
    axis.set_ylim(0, 1)
    axis.spines[["top", "right"]].set_visible(False)
figure.supylabel("Share rated P or S, with 95 % interval")
plt.show()

# %% [markdown]
# Look at the bands before the lines: where a band is wide, the quarter had few ratings.
