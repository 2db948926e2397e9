# SPDX-License-Identifier: Apache-2.0
"""A bar chart of ratios to native as SVG, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

COLOURS = ("#1b6ca8", "#8fb8d8", "#b5651d", "#6b8e23", "#8b5a8c", "#777777")
BAR, GAP, LABEL, WIDTH = 11, 14, 210, 560
LEAST, GREATEST = 0.02, 50


def place(ratio):
    ratio = min(max(ratio, LEAST), GREATEST)
    return LABEL + WIDTH * math.log(ratio / LEAST) / math.log(GREATEST / LEAST)


def chart(title, rows, series):
    """`rows`: [(label, {series: ratio})]; what is absent has no bar."""
    height = 60 + sum(GAP + BAR * len(ratios) for _, ratios in rows) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDTH + 80}" height="{height}" '
           f'font-family="sans-serif" font-size="11">',
           f'<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="18" font-size="14">{escape(title)}</text>']
    x = LABEL
    for index, name in enumerate(series):
        out.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{COLOURS[index % 6]}"/>'
                   f'<text x="{x + 14}" y="37">{escape(name)}</text>')
        x += 24 + 7 * len(name)
    for ratio in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        line = "#333" if ratio == 1 else "#ddd"
        out.append(f'<line x1="{place(ratio):.1f}" x2="{place(ratio):.1f}" y1="46" '
                   f'y2="{height - 18}" stroke="{line}"/>'
                   f'<text x="{place(ratio):.1f}" y="{height - 6}" text-anchor="middle">{ratio:g}</text>')
    y = 52
    for label, ratios in rows:
        out.append(f'<text x="{LABEL - 8}" y="{y + BAR * len(ratios) / 2 + 4:.0f}" '
                   f'text-anchor="end">{escape(label)}</text>')
        for index, name in enumerate(series):
            if name not in ratios:
                continue
            start, end = sorted((place(1), place(ratios[name])))
            out.append(f'<rect x="{start:.1f}" y="{y}" width="{max(end - start, 1):.1f}" '
                       f'height="{BAR - 1}" fill="{COLOURS[index % 6]}"/>'
                       f'<text x="{end + 4:.1f}" y="{y + BAR - 2}">{ratios[name]:.2f}</text>')
            y += BAR
        y += GAP
    return "\n".join(out + ["</svg>"]) + "\n"
