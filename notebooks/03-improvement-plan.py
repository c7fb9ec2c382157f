# %% [markdown]
# # Is the improvement plan moving?
#
# The median time to close an action, taken over closed actions, looks best where least is closed. Hotwash uses the
# Kaplan–Meier estimate, in which an open action counts as "not closed after so many days".

# %%
import matplotlib.pyplot as plt
import polars as pl

from hotwash_client import Hotwash

hotwash = Hotwash()
AS_OF = "2026-06-30"

closing = hotwash.metric("action_time_to_close", group_by=["region"], as_of=AS_OF)
closing.select("region", "value", "ciLow", "ciHigh", "survival90", "survival180", "survival365", "n")

# %%
figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
for row in closing.sort("region").iter_rows(named=True):
    curve = row["curve"]
    days = [0] + [point["time"] for point in curve]
    share = [1] + [point["survival"] for point in curve]
    axis.step(days, share, where="post", label=f"Region {row['region']}")
axis.axhline(0.5, color="grey", linewidth=0.5)
axis.set(xlabel="Days since opened", ylabel="Share still open", ylim=(0, 1), xlim=(0, 730))
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Where a curve crosses one half is the median. A curve that stops above it has none yet.
#
# ## The backlog, and when it might be done

# %%
backlog = hotwash.metric("action_backlog", group_by=[], period="MONTH", as_of=AS_OF)
backlog.select("period", "value", "opened", "closed").tail(6)

# %%
rows = backlog.sort("period").tail(36)
figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
axis.fill_between(range(len(rows)), rows["value"], color="#2f6690", alpha=0.2)
axis.plot(range(len(rows)), rows["value"], color="#2f6690")
axis.set_xticks(range(0, len(rows), 6), rows["period"].to_list()[::6])
axis.set_ylabel("Open actions at the end of the month")
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
forecast = hotwash.metric("action_forecast", group_by=[], as_of=AS_OF)
forecast

# %% [markdown]
# The forecast draws weekly closures from the last 26 weeks ten thousand times and assumes that nothing new is opened. The
# 85 % date is the one to promise.
