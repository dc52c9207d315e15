"""Markdown to HTML, as much of it as a model card is written in: headings, paragraphs, lists, tables, code, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_RULE = re.compile(r"[\s:|-]+")
_ITEM = re.compile(r"[-*]\s+")
_ADDRESS = re.compile(r"https://[^\s<>&()\"']*[^\s<>&()\"'.,;:]")
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_FENCED = re.compile(r"(?ms)^(`{3,})[^\n`]*\n(.*?)^\1$\n?")
_ESCAPED = re.compile(r"\\([\\`*<\[|])")
_KEPT = "\ue000{}\ue001"
"""What an escaped character is while marks are looked for: its number between two characters that are nobody's."""


def to_html(text: str) -> str:
    """The HTML of a card. Everything in the text is escaped; nothing but the elements made here comes out."""
    made, end = [], 0
    text = text.replace("\ue000", "").replace("\ue001", "")
    for fenced in _FENCED.finditer(text):
        made += [*_blocks(text[end : fenced.start()]), _fenced(fenced[2])]
        end = fenced.end()
    return "\n".join([*made, *_blocks(text[end:])])


def _blocks(text: str) -> list[str]:
    text = _ESCAPED.sub(lambda found: _KEPT.format(ord(found[1])), text)
    return [_block(block.strip("\n").split("\n")) for block in re.split(r"\n\s*\n", _apart(text)) if block.strip()]


def _fenced(text: str) -> str:
    lines = f"<pre><code>{escape(text)}</code></pre>"
    label = escape(text.partition("\n")[0])
    return f'<div class="scroll" tabindex="0" role="region" aria-label="To copy: {label}">{lines}</div>'


def _apart(text: str) -> str:
    """Headings as blocks of their own."""
    return re.sub(r"(?m)^(#{1,4} .*)$", r"\n\1\n", text)


def _block(lines: Sequence[str]) -> str:
    heading = _HEADING.match(lines[0])
    if heading is not None:
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if len(lines) > 1 and lines[0].lstrip().startswith("|") and _RULE.fullmatch(lines[1]):
        return _table(lines)
    if _ITEM.match(lines[0]):
        return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in _items(lines)) + "</ul>"
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _items(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            found.append(_ITEM.sub("", line, count=1))
        else:
            found[-1] += " " + line.strip()
    return found


def _table(lines: Sequence[str]) -> str:
    head, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in (lines[0], *lines[2:])]
    top = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    # A wide table scrolls by itself; what scrolls must be reachable by keyboard.
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {_inline(head[0], plain=True)}">'
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _inline(text: str, *, plain: bool = False) -> str:
    made = escape(text)
    if not plain:
        made = _CODE.sub(r"<code>\1</code>", made)
        made = _STRONG.sub(r"<strong>\1</strong>", made)
        made = _ADDRESS.sub(lambda found: f'<a href="{found[0]}" rel="noreferrer">{found[0]}</a>', made)
    return re.sub("\ue000(\\d+)\ue001", lambda found: escape(chr(int(found[1]))), made)
