"""What draws the charts: Vega's JavaScript for the page, and each chart as a still picture for where none runs."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from slugline.errors import OutputError
from slugline.files import write_text

STILL_WIDTH = 560
"""Pixels; the picture is scaled to its place, and printed."""


def still(spec: dict[str, Any], name: str) -> str:
    """A chart as an SVG element, its ids made the page's own with `name`."""
    import vl_convert

    fixed = {**spec, "width": STILL_WIDTH}
    svg = vl_convert.vegalite_to_svg(fixed, allowed_base_urls=[])
    # Only inside of tags: between them is what people wrote.
    svg = re.sub(r"<[^>]*>", lambda tag: _tag(tag[0], name), svg[svg.index("<svg") :])
    return re.sub(r"<svg[^>]*?(?= width)", '<svg class="still" aria-hidden="true"', svg, count=1)


def _tag(text: str, name: str) -> str:
    """A tag of the picture without what is said of the whole by the element around it, and with ids of its own."""
    text = re.sub(r'\s(xmlns(:\w+)?|role|aria-\w+)="[^"]*"', "", text)
    text = re.sub(r'\bid="([\w-]+)"', rf'id="{name}-\1"', text)
    return re.sub(r"url\(#([\w-]+)\)", rf"url(#{name}-\1)", text)


@functools.cache
def script() -> str:
    """Vega, Vega-Lite and Vega-Embed as one classic script, safe inside of a script element.

    Putting them together takes two seconds, so that they are kept in the user's cache, by version.
    """
    import vl_convert

    place = _cache() / f"vega-{metadata.version('vl-convert-python')}.js"
    try:
        found = place.read_text(encoding="utf-8")
        if found.endswith(_END):
            return found
    except (OSError, UnicodeDecodeError):
        pass
    # A function of its own: the bundle's names are not to meet those of the page.
    bundle = re.sub(r"</(script)", r"<\\/\1", vl_convert.javascript_bundle(_SNIPPET), flags=re.IGNORECASE)
    made = f"(function () {{\n{bundle}\n{_END}"
    # Where the home cannot be written to, as in a container, it is made again next time.
    with contextlib.suppress(OutputError):
        write_text(place, made)
    return made


def embedded(value: Any) -> str:
    r"""JSON that can stand inside of a script element.

    >>> embedded({"tag": "</script>"})
    '{"tag":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_END = "}());"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slugline"
