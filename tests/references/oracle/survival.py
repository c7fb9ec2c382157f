"""Kaplan-Meier through lifelines, with the rules of METRICS.md about what is past the follow-up."""

import warnings

import numpy as np
from lifelines import KaplanMeierFitter

warnings.filterwarnings("ignore")


class Curve:
    """The estimate of (time, ended) pairs."""

    def __init__(self, observations):
        self.n, self.closed = len(observations), sum(1 for _, ended in observations if ended)
        self.last = max((time for time, _ in observations), default=None)
        self.steps = []
        if not observations:
            return
        fit = KaplanMeierFitter(alpha=0.05).fit([t for t, _ in observations], [int(e) for _, e in observations])
        limits, events = fit.confidence_interval_survival_function_, fit.event_table
        for time in events.index[events["observed"] > 0]:
            survival = float(fit.survival_function_.loc[time].iloc[0])
            survival = 0.0 if survival < 1e-12 else survival
            low, high = (0.0, 0.0) if survival == 0.0 else map(float, limits.loc[time])
            self.steps.append((time, survival, low, high))

    def at(self, time):
        """S(time); None past the longest follow-up unless everything has ended."""
        survival = next((s for t, s, _, _ in reversed(self.steps) if t <= time), 1.0)
        return survival if survival == 0.0 or self.last is not None and time <= self.last else None

    def quantile(self, share):
        """First time by which at least that share has ended."""
        return next((t for t, s, _, _ in self.steps if s <= 1 - share + 1e-12), None)

    def median_interval(self):
        """Brookmeyer and Crowley: where the limits of the curve cross one half."""
        return tuple(next((s[0] for s in self.steps if s[which] <= 0.5), None) for which in (2, 3))
