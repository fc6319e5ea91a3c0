"""The page of figures: what a run found, between two comments, and its drawing beside it."""

import os
import pathlib

from . import goals, machine, plot, table

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


class Unmarked(Exception):
    """A page that doesn't say where figures belong."""


def check(page: pathlib.Path):
    """Raises Unmarked; asked before anything is measured."""
    text = page.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise Unmarked(f"{page} lacks the lines {BEGIN} and {END}, one after the other")


def section(rows, judged, conditions, drawing=None):
    """What stands between the comments; `drawing` is where the page finds the drawing."""
    parts = [f"Measured on {conditions['date']}. {machine.describe(conditions)}."]
    if warning := machine.warning(conditions):
        parts.append(f"**{warning}**")
    parts += ["### Goals", goals.render(judged, all_of_them=True), "### Every load, every peer", table.render(rows)]
    if drawing:
        parts.append(f"![Latencies by percentile; costs by the number of streams and of subscribers]({drawing})")
    return "\n\n".join(parts)


def write(page: pathlib.Path, rows, judged, conditions):
    """Rewrites what is between the comments of the page, and PAGE.svg."""
    check(page)
    drawn = plot.draw(rows, caption(conditions))
    if drawn:
        replace(page.with_suffix(".svg"), drawn)
    text = page.read_text()
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    inner = section(rows, judged, conditions, page.with_suffix(".svg").name if drawn else None)
    replace(page, f"{before}{BEGIN}\n\n{inner}\n\n{after}")


def replace(path, text):
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    os.replace(part, path)


def caption(conditions):
    return (
        f"{conditions['processor']}, {conditions['cores']} cores, Linux {conditions['kernel']}; rounds: {conditions['rounds']}; "
        "medians, bars from the lowest to the highest"
    )
