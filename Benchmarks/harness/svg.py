"""Charts as SVG: axes with units, a legend, lines with the spread of their points; readable on light and dark pages."""

import dataclasses
import math
from xml.sax.saxutils import escape

from .figures import number

WIDTH, HEIGHT = 460, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 78, 52

# Light and dark; a marker besides, for those who don't tell the colours apart.
INKS = {
    "blue": ("#0969da", "#58a6ff"), "green": ("#1a7f37", "#3fb950"), "orange": ("#bc4c00", "#f0883e"),
    "purple": ("#8250df", "#bc8cff"), "red": ("#cf222e", "#ff7b72"), "grey": ("#6e7781", "#8b949e"),
}


@dataclasses.dataclass(frozen=True)
class Style:
    ink: str
    marker: str
    dashes: str = ""
    width: float = 1.5


@dataclasses.dataclass(frozen=True)
class Series:
    name: str
    style: Style
    # (x, median, lowest, highest), by x.
    points: tuple


@dataclasses.dataclass(frozen=True)
class Chart:
    """`ticks` are the places and labels of the horizontal axis, which is logarithmic where `log_x` is set."""

    title: str
    x_label: str
    y_label: str
    ticks: tuple
    series: tuple
    log_x: bool = False
    log_y: bool = False


def document(charts, caption, columns=2):
    """All charts in a grid, and a line of text below."""
    rows = math.ceil(len(charts) / columns)
    width, height = WIDTH * min(columns, len(charts)), HEIGHT * rows + 28
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{escape('; '.join(chart.title for chart in charts))}</title>",
        f"<style>{_css()}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
    ]
    for index, chart in enumerate(charts):
        place = f"{index % columns * WIDTH},{index // columns * HEIGHT}"
        parts.append(f'<g transform="translate({place})">{"".join(_chart(chart))}</g>')
    parts.append(_text(width / 2, height - 10, caption, "small", "middle"))
    return "\n".join(parts + ["</svg>", ""])


def _css():
    def rules(shade, page, text, grid):
        inks = "".join(
            f".{name}{{stroke:{shades[shade]}}}.{name}.mark,.{name}.spread{{fill:{shades[shade]}}}" for name, shades in INKS.items()
        )
        return f".page{{fill:{page}}}text{{fill:{text}}}.grid{{stroke:{grid}}}.axis{{stroke:{text}}}{inks}"

    return (
        "text{font:12px system-ui,sans-serif}.title{font-weight:600;font-size:14px}.small{font-size:11px}"
        ".line{fill:none;stroke-linejoin:round}.axis,.grid{stroke-width:1}.spread{stroke-width:1;opacity:.6}"
        + rules(0, "#ffffff", "#1f2328", "#d8dee4")
        + "@media(prefers-color-scheme:dark){" + rules(1, "#0d1117", "#e6edf3", "#30363d") + "}"
    )


def _text(x, y, text, kind="", anchor="start", turned=False):
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{turn}>{escape(text)}</text>'


def _line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _chart(chart):
    y_ticks = log_ticks(*_extent(chart)) if chart.log_y else linear_ticks(_extent(chart)[1])
    across = _scale([x for x, _ in chart.ticks], chart.log_x, LEFT + 18, WIDTH - RIGHT - 18)
    up = _scale(y_ticks, chart.log_y, HEIGHT - BOTTOM, TOP)
    yield _text(LEFT, 22, chart.title, "title")
    yield from _legend(chart.series)
    for tick in y_ticks:
        yield _line(LEFT, up(tick), WIDTH - RIGHT, up(tick), "grid")
        yield _text(LEFT - 6, up(tick) + 4, f"{tick:g}" if tick < 1000 else number(tick), "small", "end")
    yield _line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")
    for tick, label in chart.ticks:
        yield _line(across(tick), HEIGHT - BOTTOM, across(tick), HEIGHT - BOTTOM + 4, "axis")
        yield _text(across(tick), HEIGHT - BOTTOM + 18, label, "small", "middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 36, chart.x_label, "", "middle")
    yield _text(16, (TOP + HEIGHT - BOTTOM) / 2, chart.y_label, "", "middle", turned=True)
    for series in chart.series:
        yield from _drawn(series, across, up)


def _drawn(series, across, up):
    style = series.style
    for x, _, low, high in series.points:
        if high > low:
            yield _line(across(x), up(low), across(x), up(high), f"spread {style.ink}")
    path = " ".join(f"{across(x):.1f},{up(median):.1f}" for x, median, _, _ in series.points)
    yield f'<polyline points="{path}" class="line {style.ink}" stroke-width="{style.width}" stroke-dasharray="{style.dashes}"/>'
    for x, median, _, _ in series.points:
        yield _marker(style, across(x), up(median))


def _legend(series):
    x, y = LEFT, 44
    for one in series:
        width = 34 + 6.6 * len(one.name)
        if x + width > WIDTH - RIGHT + 10:
            x, y = LEFT, y + 17
        yield (
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" class="{one.style.ink}" '
            f'stroke-width="{one.style.width}" stroke-dasharray="{one.style.dashes}"/>'
        )
        yield _marker(one.style, x + 11, y - 4)
        yield _text(x + 27, y, one.name, "small")
        x += width + 6


def _marker(style, x, y):
    kind = f'class="mark {style.ink}"'
    corners = {
        "square": ((-3, -3), (3, -3), (3, 3), (-3, 3)), "diamond": ((0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0)),
        "triangle": ((0, -4), (4, 3), (-4, 3)), "fall": ((0, 4), (4, -3), (-4, -3)),
    }.get(style.marker)
    if corners is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" {kind}/>'
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" {kind}/>'


def _extent(chart):
    values = [value for series in chart.series for point in series.points for value in point[1:]]
    return min(values), max(values)


def _scale(ticks, is_log, start, end):
    """From the first tick to the last one."""
    place = (lambda value: math.log10(max(value, ticks[0]))) if is_log else (lambda value: value)
    low, high = place(ticks[0]), place(ticks[-1])
    return lambda value: start + (end - start) * (place(value) - low) / ((high - low) or 1)


def linear_ticks(highest):
    """From 0 in about five steps of 1, 2 or 5 to what isn't below `highest`."""
    if highest <= 0:
        return [0, 1]
    rough = highest / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(step * unit for step in (1, 2, 5, 10) if step * unit >= rough * 0.999)
    return [round(step * index, 12) for index in range(math.ceil(highest / step * 0.999) + 1)]


def log_ticks(lowest, highest):
    """Powers of ten that hold all."""
    first = math.floor(math.log10(max(lowest, 1e-6)))
    last = max(math.ceil(math.log10(max(highest, 1e-6))), first + 1)
    return [10.0**power for power in range(first, last + 1)]
