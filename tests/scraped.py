"""A page of figures, read as strictly as Prometheus reads it (text format 0.0.4)."""

import re
from collections import defaultdict

_SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>[a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*)\})? (?P<value>\S+)')
_SUFFIXES = {"counter": {""}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}


def parsed(page: str) -> dict[str, float]:
    """Return every sample as `name{labels}`; raises AssertionError for whatever a scraper would refuse."""
    assert page.endswith("\n")
    found: dict[str, float] = {}
    name = kind = ""
    for line in page.splitlines():
        if line.startswith("# HELP "):
            name, about = line.removeprefix("# HELP ").split(" ", 1)
            assert about
            assert not any(known.partition("{")[0] == name for known in found), f"{name} is there twice"
        elif line.startswith("# TYPE "):
            typed, kind = line.removeprefix("# TYPE ").split(" ")
            assert typed == name
            assert name.endswith("_total") == (kind == "counter")
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert sample["name"].startswith(name)
            assert sample["name"].removeprefix(name) in _SUFFIXES[kind], line
            key = line.rpartition(" ")[0]
            assert key not in found, f"{key} is there twice"
            found[key] = float(sample["value"])
    _check_spreads(found)
    return found


def _check_spreads(found: dict[str, float]) -> None:
    buckets = defaultdict[str, list[float]](list)
    for key, value in found.items():
        if "_bucket{" in key:
            buckets[key.partition("_bucket{")[0]].append(value)
    for name, values in buckets.items():
        assert values == sorted(values)
        assert values[-1] == found[f"{name}_count"] == found[f'{name}_bucket{{le="+Inf"}}']
