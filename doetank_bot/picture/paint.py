"""A layout as PNG, by matplotlib's own objects: no pyplot, and nothing that another picture shares."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from PIL import Image

from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.picture.layout import WIDTH, Box, Layout, Look, Words, layout
from doetank_bot.text.picture import Labels

_DPI = 72
"""At which a point is a pixel."""
_N_SHADES = 64
_INK = "#1a1a1a"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and its size in pixels."""

    png: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Fill:
    face: str
    hatch: str = ""
    line: str = "-"
    edge: str = _INK


_FILLS = {
    Look.NOW: _Fill("#e8e8e8", edge="none"),
    Look.PAST: _Fill("#9a9a9a"),
    Look.CURRENT: _Fill("#1f3a5f"),
    Look.AHEAD: _Fill("#ffffff"),
    Look.PLANNED: _Fill("#ffffff", line="--"),
    Look.RUNNING: _Fill("#ffffff", hatch="//"),
    Look.REVIEWED: _Fill("#a9c79a", hatch="--"),
    Look.STOPPED: _Fill("#ffffff", hatch="xx"),
    Look.COUNT: _Fill("#b8b8b8"),
}


def draw(picture: CyclePicture, labels: Labels) -> Drawing:
    """Return the picture as PNG: the same bytes for the same picture and labels. Slow: call it in a thread."""
    plan = layout(picture, labels)
    figure = Figure(figsize=(WIDTH / _DPI, plan.height / _DPI), dpi=_DPI, facecolor="white")
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(plan.height, 0))
    page.set_axis_off()
    _paint(page, plan)
    return Drawing(_png(figure, (WIDTH, plan.height)), WIDTH, plan.height)


def _png(figure: Figure, size: tuple[int, int]) -> bytes:
    """Return what was painted, in as few colours as it has shades: a third of the bytes, and no word of when or how."""
    raw, file = BytesIO(), BytesIO()
    figure.savefig(raw, format="rgba", dpi=_DPI, backend="agg")
    painted = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
    painted.quantize(_N_SHADES, dither=Image.Dither.NONE).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _paint(page: Any, plan: Layout) -> None:
    for box in plan.boxes:
        page.add_patch(_patch(box))
    for words in plan.words:
        page.text(
            words.x,
            words.y,
            words.text,
            color=_INK,
            ha=words.align.value,
            va="center",
            fontproperties=_font(words),
            parse_math=False,
        )


def _patch(box: Box) -> Rectangle:
    fill = _FILLS[box.look]
    return Rectangle(
        (box.left, box.top),
        box.width,
        box.height,
        facecolor=fill.face,
        edgecolor=fill.edge,
        hatch=fill.hatch or None,
        linestyle=fill.line,
        linewidth=2,
    )


def _font(words: Words) -> FontProperties:
    """Return matplotlib's own font, by its file: what the machine has makes no difference."""
    name = "DejaVuSans-Bold.ttf" if words.is_bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(mpl.get_data_path(), "fonts", "ttf", name), size=words.size)
