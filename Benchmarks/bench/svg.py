"""Plots as SVG, of bars and of lines; text in the reader's own fonts, and colours that print."""

import math
from html import escape

COLOURS = ["#1f6f8b", "#b5541c", "#4a7c3a", "#6b4c9a", "#8a8a8a", "#a03050", "#2f4b7c", "#c79a1e"]
OURS = COLOURS[0]
RIGHT, TOP, LINE = 130, 56, 26
#: Of a letter of 13 pixels, on the generous side.
LETTER = 7.2


def _text(x, y, words, size=13, anchor="start", weight="normal", fill="#222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{fill}">{escape(str(words))}</text>')


def _page(width, height, body, title):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="system-ui, Helvetica, Arial, sans-serif" role="img"><title>{escape(title)}</title>'
            f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(body)}</svg>\n')


def _ticks(top, count=5):
    """Round numbers from 0 to at least `top`."""
    if top <= 0:
        return [0, 1]
    raw = top / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    ticks = [0]
    while ticks[-1] < top:
        ticks.append(ticks[-1] + step)
    return ticks


def _number(value):
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    if abs(value) >= 10:
        return f"{value:.4g}"
    return f"{value:.3g}"


def bars(title, groups, unit, floor=None, width=900, all_ours=False):
    """`groups`: [(heading, [(label, value, low, high)])]; low and high may be None. `floor` is a line at a value.

    Bars whose label begins with Antipode have the colour of ours.
    """
    longest = max((len(label) for _, rows in groups for label, *_ in rows), default=0)
    left = 30 + round(LETTER * longest)
    values = [v for _, rows in groups for _, *three in rows for v in three if v is not None]
    ticks = _ticks(max(values + ([floor] if floor else []), default=1))
    top = ticks[-1]
    scale = (width - left - RIGHT) / top
    body = [_text(16, 26, title, 16, weight="600")]
    y = TOP
    marks = []
    for heading, rows in groups:
        if heading:
            marks.append(_text(16, y + 14, heading, 13, weight="600"))
            y += LINE
        for label, value, low, high in rows:
            fill = OURS if all_ours or label.startswith("Antipode") else COLOURS[4]
            marks.append(_text(left - 10, y + 15, label, anchor="end"))
            marks.append(f'<rect x="{left}" y="{y + 3}" width="{max(1, value * scale):.1f}" height="16" fill="{fill}"/>')
            end = max(value, high or 0)
            if low is not None and high is not None and high > low:
                a, b = left + low * scale, left + high * scale
                marks.append(f'<path d="M{a:.1f} {y + 11}H{b:.1f}M{a:.1f} {y + 7}v8M{b:.1f} {y + 7}v8" '
                             'stroke="#222" fill="none"/>')
            marks.append(_text(left + end * scale + 8, y + 15, _number(value)))
            y += LINE
        y += 6
    for tick in ticks:
        x = left + tick * scale
        body.append(f'<path d="M{x:.1f} {TOP - 6}V{y}" stroke="#e2e2e2"/>')
        body.append(_text(x, y + 16, _number(tick), 11, "middle", fill="#555"))
    if floor:
        x = left + floor * scale
        marks.append(f'<path d="M{x:.1f} {TOP - 6}V{y}" stroke="#b00020" stroke-dasharray="5 4"/>')
        marks.append(_text(x + 4, TOP - 8, f"floor {_number(floor)}", 11, fill="#b00020"))
    body += marks
    body.append(_text(left, y + 34, unit, 12, fill="#555"))
    return _page(width, y + 46, body, title)


def lines(title, series, x_unit, y_unit, marks=(), width=900, height=380):
    """`series`: {name: [(x, y)]}; `marks`: [(x, words)], upright lines."""
    left, right, top, bottom = 70, 60 + round(LETTER * max(map(len, series), default=0)), TOP, 56
    xs = [x for points in series.values() for x, _ in points] or [0, 1]
    ys = [y for points in series.values() for _, y in points] or [0, 1]
    x_ticks, y_ticks = _ticks(max(xs), 8), _ticks(max(ys))
    wide, high = (width - left - right) / x_ticks[-1], (height - top - bottom) / y_ticks[-1]
    body = [_text(16, 26, title, 16, weight="600")]
    for tick in y_ticks:
        y = height - bottom - tick * high
        body.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#e2e2e2"/>')
        body.append(_text(left - 8, y + 4, _number(tick), 11, "end", fill="#555"))
    for tick in x_ticks:
        x = left + tick * wide
        body.append(f'<path d="M{x:.1f} {height - bottom}v5" stroke="#555"/>')
        body.append(_text(x, height - bottom + 18, _number(tick), 11, "middle", fill="#555"))
    for place, words in marks:
        x = left + place * wide
        body.append(f'<path d="M{x:.1f} {top}V{height - bottom}" stroke="#b00020" stroke-dasharray="5 4"/>')
        body.append(_text(x + 4, top - 4, words, 11, fill="#b00020"))
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{left + x * wide:.1f},{height - bottom - y * high:.1f}" for x, y in points)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = top + 8 + number * 20
        body.append(f'<path d="M{width - right + 14} {y}h18" stroke="{colour}" stroke-width="3"/>')
        body.append(_text(width - right + 38, y + 4, name, 12))
    body.append(_text(left, height - 14, f"{x_unit}; {y_unit}", 12, fill="#555"))
    return _page(width, height, body, title)
