"""Figures as a reader wants them: three digits, and how far they spread."""


def spread(found):
    """`median [lowest–highest]`, or the one value."""
    if found is None:
        return ""
    if found["rounds"] == 1:
        return number(found["median"])
    return f"{number(found['median'])} [{number(found['min'])}–{number(found['max'])}]"


def number(value):
    """Three significant digits; what is whole without a point."""
    if value is None:
        return ""
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def markdown(lines):
    """A table that also reads well in a terminal; the first line is the head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    drawn = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)
