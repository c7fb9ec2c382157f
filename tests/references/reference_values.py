"""Reference values of every statistic over many seeded cases, by the libraries that others trust.

    python reference_values.py > reference_values.json

Each case holds its input, the expected values and, once a statistic, how they were got. Numbers are written with 15 digits,
so that the same file comes out on machines whose last bit differs; what is not there is null.
"""

import itertools
import json
import math
import warnings

import numpy as np
import pymannkendall
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from scipy import optimize, stats
from statsmodels.api import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.filterwarnings("ignore")
SEED = 20_260_630


def plain(value):
    """Numbers as JSON has them: 15 digits, none for what is not finite."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.15g}") + 0.0 if math.isfinite(value) else None
    return value


def wilson(random):
    pairs = [(0, 5), (5, 5), (8, 10), (3, 7), (1, 1), (0, 1), (17, 23), (0, 1_000_000), (1, 1_000_000), (1_000_000, 1_000_000), (123_456_789, 987_654_321), (2.5, 8)]
    pairs += [(int(random.integers(0, n + 1)), int(n)) for n in random.integers(1, 500, 60)]
    return [{"successes": x, "n": n, "low": low, "high": high} for x, n in pairs for low, high in [proportion_confint(x, n, method="wilson")]]


def newcombe(random):
    quads = [(12, 15, 5, 10), (5, 5, 0, 4), (56, 70, 48, 80), (0, 5, 0, 5), (5, 5, 5, 5), (1, 1, 0, 1), (0, 1, 1, 1), (400_000, 1_000_000, 399_000, 1_000_000)]
    quads += [(int(random.integers(0, n + 1)), int(n), int(random.integers(0, m + 1)), int(m)) for n, m in random.integers(1, 200, (60, 2))]
    made = []
    for a, n, b, m in quads:
        low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
        made.append({"a": a, "n": n, "b": b, "m": m, "difference": a / n - b / m, "low": max(low, -1), "high": min(high, 1)})
    return made


def p_by_newcombe(a, n, b, m):
    """The level at which Newcombe's interval ends at zero."""
    if a / n == b / m:
        return 1.0
    if a / n < b / m:
        return p_by_newcombe(b, m, a, n)
    low = lambda z: confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=2 * stats.norm.sf(z))[0]
    return 2 * stats.norm.sf(optimize.brentq(low, 1e-9, 37, xtol=1e-14, rtol=1e-14))


def newcombe_p(random):
    quads = [(30, 50, 20, 50), (0, 5, 0, 5), (5, 5, 0, 4), (5, 5, 5, 5), (400_000, 1_000_000, 399_000, 1_000_000), (2.5, 8, 7.25, 9)]
    quads += [(int(random.integers(0, n + 1)), int(n), int(random.integers(0, m + 1)), int(m)) for n, m in random.integers(1, 200, (40, 2))]
    return [{"a": a, "n": n, "b": b, "m": m, "p": p_by_newcombe(a, n, b, m)} for a, n, b, m in quads]


def clustered_shares(random):
    """Two samples of clusters: the cluster-robust variance of the mean of their records, over that of independent records."""
    def sample(clusters, share, alike):
        made = []
        for _ in range(clusters):
            size, common = int(random.integers(1, 13)), random.random() < share
            made.append([sum(int(common if random.random() < alike else random.random() < share) for _ in range(size)), size])
        return made

    def effect(clusters):
        records = np.concatenate([[1.0] * good + [0.0] * (size - good) for good, size in clusters])
        groups = np.repeat(np.arange(len(clusters)), [size for _, size in clusters])
        if records.min() == records.max():
            return None
        model = OLS(records, np.ones(len(records)))
        robust = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}).cov_params()[0, 0]
        return robust / model.fit().cov_params()[0, 0]

    pairs = [([[10, 10]] * 6, [[9, 10], [2, 10], [10, 10], [3, 10], [8, 10], [1, 10]]), ([[10, 10]] * 6, [[0, 7]] * 5), ([[1, 1], [0, 1], [1, 1], [1, 1]], [[0, 1], [0, 1], [1, 1]])]
    for _ in range(25):
        k, m = random.integers(2, 25, 2)
        pairs.append((sample(k, random.uniform(0.1, 0.95), random.choice([0, 0.3, 0.6, 0.9])), sample(m, random.uniform(0.1, 0.95), random.choice([0, 0.3, 0.6, 0.9]))))
    made = []
    for pair in pairs:
        own, effective = [effect(clusters) for clusters in pair], []
        for clusters, first, second in ((pair[0], own[0], own[1]), (pair[1], own[1], own[0])):
            good, all_, k = sum(one for one, _ in clusters), sum(size for _, size in clusters), len(clusters)
            most = sum(size**2 for _, size in clusters) / all_
            factor = first if first is not None else min(most, second if second is not None else most)
            factor = max(1.0, factor) * (stats.t.ppf(0.975, k - 1) / stats.t.ppf(0.975, all_ - 1)) ** 2
            effective += [good / factor, all_ / factor]
        low, high = confint_proportions_2indep(*effective, method="newcomb", compare="diff")
        made.append({"one": pair[0], "other": pair[1], "effects": own, "effective": effective, "low": max(low, -1), "high": min(high, 1), "p": p_by_newcombe(*effective)})
    return made


def rate_ratio(random):
    """The interval of the share of events in the first period (Clopper and Pearson), as odds."""
    quads = [(10, 365, 0, 365), (0, 31, 4, 30), (12, 90, 7, 92), (1, 1, 1, 1), (2_000, 365, 1_900, 366), (100_000, 365, 101_000, 366)]
    quads += [(int(a), int(t), int(b), int(u)) for a, b, t, u in zip(random.integers(1, 300, 40), random.integers(0, 300, 40), random.integers(28, 400, 40), random.integers(28, 400, 40))]
    made = []
    for a, t, b, u in quads:
        equal, n = t / (t + u), a + b
        low, high = stats.binomtest(a, n, equal).proportion_ci(method="exact")
        odds = lambda share: share / (1 - share) * u / t
        p = min(1.0, 2 * min(stats.binom.cdf(a, n, equal), stats.binom.sf(a - 1, n, equal)))
        made.append({"a": a, "t": t, "b": b, "u": u, "ratio": (a / t) / (b / u) if b else None, "low": odds(low),
                     "high": odds(high) if b else None, "p": p})
    return made


def log_rank(random):
    made = []
    for n, m in [(21, 21), (5, 8), (40, 60), (200, 150)] + [tuple(pair) for pair in random.integers(8, 60, (12, 2))]:
        samples = []
        for size, scale in ((n, 30), (m, 30 * random.uniform(0.5, 2))):
            times = random.exponential(scale, size).astype(int) + 1
            samples.append([[int(time), bool(closed)] for time, closed in zip(times, random.random(size) < 0.7)])
        (one, closed), (other, others) = [zip(*sample) for sample in samples]
        made.append({"one": samples[0], "other": samples[1], "p": logrank_test(one, other, closed, others).p_value})
    return made


def clustered_log_rank(random):
    """The log-rank test over Jung and Jeong's variance: sums over clusters of scores by each sample's own hazard."""
    def scores(samples):
        made = []
        for own, others in ((0, 1), (1, 0)):
            times, closed = np.array([one[1] for one in samples[own]]), np.array([one[2] for one in samples[own]])
            elsewhere = np.array([one[1] for one in samples[others]])
            for _, time, ended in samples[own]:
                score = 0.0
                for moment in np.unique(times[closed]):
                    risk, rest = (times >= moment).sum(), (elsewhere >= moment).sum()
                    happened = (closed & (times == moment)).sum() if time >= moment else 0
                    score += rest / (risk + rest) * ((1 if ended and time == moment else 0) - happened / risk)
                made.append(score if own == 0 else -score)
        return np.array(made)

    made = []
    for k, m in [(6, 5), (12, 15), (30, 20), (3, 9)] + [tuple(pair) for pair in random.integers(4, 25, (12, 2))]:
        samples, number = [], 0
        for clusters, scale in ((k, 30), (m, 30 * random.uniform(0.5, 2))):
            sample = []
            for _ in range(clusters):
                own = scale * random.choice([0.5, 1, 2])
                # Some events have records in both samples.
                number += 1
                for _ in range(random.integers(1, 7)):
                    sample.append([int(number if random.random() < 0.9 else 1), int(random.exponential(own)) + 1, bool(random.random() < 0.7)])
            samples.append(sample)
        found = scores(samples)
        clusters = np.array([one[0] for sample in samples for one in sample])
        sums = np.array([found[clusters == one].sum() for one in np.unique(clusters)])
        count, n = len(sums), len(found)
        effect = (sums**2).sum() * count / (count - 1) / ((found**2).sum() * n / (n - 1))
        factor = max(1.0, effect) * (stats.t.ppf(0.975, count - 2) / stats.t.ppf(0.975, n - 2)) ** 2
        (_, one, closed), (_, other, others) = [zip(*sample) for sample in samples]
        chi2 = logrank_test(one, other, closed, others).test_statistic
        made.append({"one": samples[0], "other": samples[1], "p": stats.chi2.sf(chi2 / factor, 1)})
    return made


def series(random):
    """Values in time order: golden, tied, equal, short, long, with and without a trend."""
    made = [[0.5, 0.6, 0.55, 0.7, 0.75, 0.8], [0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8], [0.9, 0.85, 0.9, 0.8, 0.7, 0.75, 0.6, 0.65],
            [0.7] * 9, [0.1, 0.2], [0.2, 0.2], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]]
    for n in (3, 4, 5, 6, 8, 12, 20, 40, 80):
        made.append([float(v) for v in random.random(n)])
        made.append([float(v) for v in random.integers(0, 4, n) / 4])
        made.append([float(v) for v in np.clip(0.4 + 0.4 * np.arange(n) / n + random.normal(0, 0.05, n), 0, 1)])
    return made + [[float(v) for v in random.integers(0, 50, 1000)]]


def mann_kendall(random):
    made = []
    for values in series(random):
        if len(set(values)) == 1:
            made.append({"values": values, "s": 0, "z": 0.0, "p": 1.0})
            continue
        test = pymannkendall.original_test(values)
        made.append({"values": values, "s": int(test.s), "variance": test.var_s, "z": test.z, "p": 2 * stats.norm.sf(abs(test.z))})
    return made


def exact_mann_kendall(_):
    """Two-sided exact p of S without ties, by counting every permutation."""
    made = []
    for n in range(2, 9):
        counts = {}
        for order in itertools.permutations(range(n)):
            s = sum((b > a) - (b < a) for i, a in enumerate(order) for b in order[i + 1:])
            counts[s] = counts.get(s, 0) + 1
        total = sum(counts.values())
        made += [{"n": n, "s": s, "p": min(1.0, sum(c for other, c in counts.items() if abs(other) >= s) / total)} for s in sorted(counts) if s >= 0]
    return made


def theil_sen(random):
    made = []
    for values in series(random):
        years = [float(q) / 4 for q in np.cumsum(random.integers(1, 4, len(values)))]
        for x in ([float(i) for i in range(len(values))], years):
            if len(values) > 100 and x is years:
                continue
            slope, _, low, high = stats.theilslopes(values, x, 0.95)
            made.append({"x": x, "y": values, "slope": slope, "low": low, "high": high})
    # Two values at the same time have no slope between them.
    x, y = [0.0, 0.0, 1.0, 2.0, 2.0, 3.0], [0.2, 0.4, 0.3, 0.5, 0.9, 0.8]
    slope, _, low, high = stats.theilslopes(y, x, 0.95)
    return made + [{"x": x, "y": y, "slope": slope, "low": low, "high": high}]


def kaplan_meier(random):
    golden = ([10, 25, 25, 40, 60, 60, 90, 120, 150, 200, 30, 75, 180, 210], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0])
    samples = [golden, ([5, 5], [1, 1]), ([5], [1]), ([5], [0]), ([3, 7, 7, 9], [0, 0, 0, 0]), ([0, 0, 4], [1, 0, 1]), ([8] * 12, [1] * 6 + [0] * 6),
               ([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0]), ([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1])]
    for n, most, rate in ((6, 20, 0.5), (10, 10, 0.8), (30, 365, 0.6), (100, 40, 0.5), (200, 1000, 0.3), (500, 90, 0.9), (5000, 2000, 0.7)):
        samples.append(([int(t) for t in random.integers(0, most, n)], [int(e) for e in random.random(n) < rate]))
    made = []
    for times, closed in samples:
        fit = KaplanMeierFitter(alpha=0.05).fit(times, closed)
        table, limits = fit.event_table, fit.confidence_interval_survival_function_
        steps = []
        for time in table.index[table["observed"] > 0]:
            survival = float(fit.survival_function_.loc[time].iloc[0])
            low, high = (0.0, 0.0) if survival < 1e-12 else (float(v) for v in limits.loc[time])
            steps.append({"time": int(time), "survival": 0.0 if survival < 1e-12 else survival, "low": low, "high": high})
        if len(steps) > 60:
            steps = steps[:20] + steps[20:-20:37] + steps[-20:]
        every = [(float(t), float(fit.survival_function_.loc[t].iloc[0]), *map(float, limits.loc[t])) for t in table.index[table["observed"] > 0]]
        first = lambda place: next((int(s[0]) for s in every if (s[place] if s[1] > 1e-12 else 0.0) <= 0.5 + (1e-12 if place == 1 else 0)), None)
        made.append({"times": times, "closed": closed, "steps": steps, "median": first(1), "medianLow": first(2), "medianHigh": first(3)})
    return made


def order(random):
    samples = [[1.0], [2.0, 1.0], [3.0, 1.0, 2.0], [4.0] * 7, [float(v) for v in range(1, 7)], [float(v) for v in range(1, 10)], [float(v) for v in range(1, 13)], [float(v) for v in range(1, 101)]]
    samples += [[float(v) for v in random.integers(-30, 400, n)] for n in (5, 6, 7, 8, 11, 15, 16, 17, 25, 50, 71, 200, 2000)]
    made = []
    for values in samples:
        ordered, n = sorted(values), len(values)
        k = int(stats.binom.ppf(0.025, n, 0.5))
        k = k + 1 if stats.binom.cdf(k, n, 0.5) <= 0.025 else k
        interval = (ordered[k - 1], ordered[n - k]) if n >= 6 and k > 0 else (None, None)
        made.append({"values": values, "median": float(np.median(values)), "low": interval[0], "high": interval[1]})
    return made


def xmr(random):
    samples = [[32, 45, 28, 60, 38, 41, 35, 120, 44, 39], [5] * 12, [10, 12], list(range(0, 24, 2)), [10, 11] * 5 + [20, 21] * 4]
    samples += [[int(v) for v in random.gamma(4, 12, n)] for n in (8, 11, 12, 30, 100)]
    made = []
    for values in samples:
        data = np.array(values, float)
        center, ranges = data.mean(), np.abs(np.diff(data))
        for form, spread, width, factor in (("median", np.median(ranges), 3.145, 3.865), ("mean", ranges.mean(), 2.660, 3.267)):
            upper, lower = center + width * spread, max(center - width * spread, 0.0)
            outside = [int(i) for i in np.where((data > upper) | (data < lower))[0]]
            wide = [int(i) + 1 for i in np.where(ranges > factor * spread)[0]]
            side, runs, trends = np.sign(data - center), set(), set()
            for i in range(len(data) - 7):
                if abs(side[i:i + 8].sum()) == 8:
                    runs |= set(range(i, i + 8))
            for i in range(len(data) - 5):
                if abs(np.sign(np.diff(data[i:i + 6])).sum()) == 5:
                    trends |= set(range(i, i + 6))
            pairs = set()
            for beyond in (data > center + 2 / 3 * (upper - center), data < center - 2 / 3 * (center - lower)):
                for i in range(len(data) - 2):
                    if beyond[i:i + 3].sum() >= 2:
                        pairs |= {j for j in range(i, i + 3) if beyond[j]}
            made.append({"values": values, "form": form, "center": center, "movingRange": spread, "upper": upper, "lower": lower, "rangeLimit": factor * spread,
                         "outside": outside, "wide": wide, "runs": sorted(runs), "trends": sorted(trends), "pairs": sorted(pairs)})
    return made


def benjamini_hochberg(random):
    paper = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    lists = [paper, [0.04], [0.2], [0.05] * 10, [0.09, 0.08], [1.0] * 4] + [[float(p) for p in random.random(n) ** 2] for n in (3, 10, 90, 1000)]
    return [{"p": p, "q": q, "kept": [bool(k) for k in multipletests(p, q, "fdr_bh")[0]]} for p in lists for q in (0.05, 0.10)]


METHODS = [
    (wilson, "statsmodels proportion_confint(method='wilson'), 95 %"),
    (newcombe, "statsmodels confint_proportions_2indep(method='newcomb', compare='diff'), cut to -1 and 1"),
    (mann_kendall, "pymannkendall original_test; p from its z by scipy norm.sf, which keeps the tail; all equal: no trend by definition"),
    (exact_mann_kendall, "every permutation counted"),
    (theil_sen, "scipy theilslopes, 95 %"),
    (kaplan_meier, "lifelines KaplanMeierFitter; median and its interval where the curve and its log(-log) limits reach one half"),
    (order, "numpy median; ranks from scipy binom(n, 1/2)"),
    (xmr, "numpy, by the formulas of METRICS.md 17"),
    (benjamini_hochberg, "statsmodels multipletests(method='fdr_bh')"),
    (newcombe_p, "the level at which statsmodels confint_proportions_2indep(method='newcomb') ends at zero, by scipy brentq"),
    (rate_ratio, "scipy binomtest(...).proportion_ci(method='exact') as odds; p by scipy binom, twice the smaller tail"),
    (log_rank, "lifelines logrank_test"),
    (clustered_shares, "statsmodels OLS(cov_type='cluster') over OLS, at least 1, with scipy t.ppf for few clusters; then as newcombe and newcombe_p"),
    (clustered_log_rank, "lifelines logrank_test, its statistic divided by numpy's ratio of Jung and Jeong's variances, with scipy t.ppf for few clusters"),
]


def main():
    made = {}
    for place, (method, how) in enumerate(METHODS):
        made[method.__name__] = {"how": how, "cases": plain(method(np.random.default_rng(SEED + place)))}
    # A case a line: a change shows as the cases that changed.
    out = ["{"]
    for name, of in made.items():
        out.append(f'"{name}": {{"how": {json.dumps(of["how"])}, "cases": [')
        out.append(",\n".join(json.dumps(case, separators=(",", ":")) for case in of["cases"]))
        out.append("]}" + ("" if name == list(made)[-1] else ","))
    print("\n".join([*out, "}"]))


if __name__ == "__main__":
    main()
