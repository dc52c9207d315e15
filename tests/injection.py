"""What somebody may write who wants a page to run it: each of these must be shown, and none may run."""

from __future__ import annotations

RUN = "window.hacked=1,alert(1)"
"""What runs, if anything does."""

PAYLOADS = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"'><svg onload='{RUN}'>",
    f"</textarea></title></script><script>{RUN}</script>",
    f"<a href=javascript:alert(1)>link</a> [link](javascript:alert`1`) <javascript:{RUN}>",
    "{{ 7 * 7 }} {% raise %} ${7 * 7} #{7 * 7}",
    f"<style>@import 'http://example.com/x'</style><link rel=stylesheet href=http://example.com/y onload={RUN}>",
    "\u202eetirw\u202c \u2066isolated\u2069 \u200fmark",
    "&lt;script&gt; &#60;script&#62; \\u003cscript\\u003e",
    f"<!--><iframe srcdoc='<script>parent.{RUN}</script>'>",
)
"""Scripts, attributes, what ends the element around it, links, templates, addresses, bidi, entities, comments."""
