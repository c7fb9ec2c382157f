"""Whether two files of reference values say the same: all equal, numbers to 1e-12 of their size, as another processor rounds otherwise.

    python same.py COMMITTED COMPUTED
"""

import json
import math
import sys


def differences(one, other, place=""):
    if isinstance(one, float) and isinstance(other, (int, float)):
        same = math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15)
        return [] if same else [f"{place}: {one!r} {other!r}"]
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [said for key in one for said in differences(one[key], other[key], f"{place}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [said for at, pair in enumerate(zip(one, other)) for said in differences(*pair, f"{place}/{at}")]
    return [] if one == other else [f"{place}: {one!r} {other!r}"]


committed, computed = (json.load(open(path)) for path in sys.argv[1:])
found = differences(committed, computed)
print("\n".join(found[:20]), file=sys.stderr, end="\n" if found else "")
sys.exit(bool(found))
