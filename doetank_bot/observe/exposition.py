"""Figures as Prometheus reads them (text format 0.0.4). Pure, and knows no figure by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Kind(StrEnum):
    """What a figure may do: only grow, go up and down, or be spread over buckets."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number; `suffix` comes behind the metric's name."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: its name with its unit, what it is, and its numbers; without numbers it is not known now."""

    name: str
    kind: Kind
    about: str
    samples: Sequence[Sample]


def exposed(metrics: Iterable[Metric]) -> str:
    """Return the page."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def spread(bounds: Sequence[float], buckets: Sequence[int], total: float) -> tuple[Sample, ...]:
    """Return the samples of a histogram: `buckets` has one more than `bounds`, and `total` is the sum of all values."""
    edges = [*(f"{bound:g}" for bound in bounds), "+Inf"]
    below = list(accumulate(buckets))
    return (
        *(Sample(n, {"le": edge}, "_bucket") for edge, n in zip(edges, below, strict=True)),
        Sample(total, {}, "_sum"),
        Sample(below[-1], {}, "_count"),
    )


def _lines(metric: Metric) -> Iterator[str]:
    about = metric.about.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {metric.name} {about}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels.items())
        yield f"{metric.name}{sample.suffix}{f'{{{labels}}}' if labels else ''} {_number(sample.value)}"


def _quoted(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
