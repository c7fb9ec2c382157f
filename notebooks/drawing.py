"""One look for the figures of these notebooks: quiet axes, direct labels, colors that color-blind readers can tell apart."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

INK = "#1b2733"
QUIET = "#8a97a3"
BLUE = "#20639b"
ORANGE = "#d1600f"
TEAL = "#15808a"
REGIONS = {"1": "#20639b", "2": "#d1600f", "3": "#15808a", "4AB": "#8c4f9f", "4C": "#7a6a12", "5": "#51606e"}

plt.rcParams.update(
    {
        "figure.dpi": 96,
        "figure.constrained_layout.use": True,
        "font.size": 10,
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlesize": 11,
        "xtick.color": INK,
        "ytick.color": INK,
        "svg.hashsalt": "hotwash",
    }
)


def percent(axis: Axes, which: str = "y") -> None:
    """Shares as percentages on one axis."""
    (axis.yaxis if which == "y" else axis.xaxis).set_major_formatter(lambda share, _: f"{round(share * 100, 1):g}%")


def label_end(axis: Axes, x: object, y: float, text: str, color: str) -> None:
    """A line's name at its end, in its color: no legend to look up."""
    axis.annotate(text, (x, y), xytext=(6, 0), textcoords="offset points", va="center", color=color, annotation_clip=False)
