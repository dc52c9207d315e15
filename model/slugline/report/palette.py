"""Colours of the charts: of Okabe and Ito's, which people who are colour-blind can tell apart (2008), those that stand
out by 3 to 1 from a white page and from a dark one (WCAG 2.2, 1.4.11); dashes and shapes say the same again.

Ink, faint and grid are stand-ins: the style sheet gives them the page's own colours, light, dark or printed.
"""

from __future__ import annotations

INK, FAINT, GRID = "#101418", "#5b6470", "#d9dee4"
SERIES = (INK, "#0072b2", "#d55e00", "#009e73", "#b8609a")
DASHES = ((1, 0), (1, 0), (7, 3), (2, 3), (9, 3, 2, 3))
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

CONFIG = {
    "background": "transparent",
    "font": FONT,
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": FAINT,
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": 500,
        "titlePadding": 8,
        "labelLimit": 170,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "orient": "bottom",
        "direction": "vertical",
        "columns": 1,
        "labelLimit": 300,
        "symbolSize": 90,
    },
}
"""Vega-Lite's configuration of every chart."""
