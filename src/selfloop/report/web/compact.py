"""Many drawings on one page: what they share is held once, and what a renderer writes for itself alone is left out."""

from __future__ import annotations

import re

_CLASS = re.compile(r'(<(?:g|path|line|text|svg|rect)\b[^>]*?) class="[^"]*"')
_NOTHING = re.compile(r'<path d="M(?:-?0\.5|0),(?:-?0\.5|0)h0v0h0Z"[^>]*/>|<g(?: [^>]*)?></g>')
_CIRCLE = re.compile(
    r'<path transform="translate\((?P<x>[-\d.]+),(?P<y>[-\d.]+)\)" '
    r'd="M(?P<r>[\d.]+),0A(?P=r),(?P=r),0,1,1,-(?P=r),0A(?P=r),(?P=r),0,1,1,(?P=r),0" '
)
_TAG = re.compile(r"<(?:path|circle|line)\b[^>]*>")
_IMAGE = re.compile(
    r'<image xlink:href="(?P<data>data:image/png;base64,[^"]*)" transform="translate\((?P<at>[^)]*)\)" '
    r'width="(?P<width>[^"]*)" height="(?P<height>[^"]*)"[^>]*/>'
)
_LONG = re.compile(r'<path d="[^"]{400,}"[^>]*/>')


def compact(svg: str) -> str:
    """The same picture in fewer letters."""
    svg = _CIRCLE.sub(r'<circle cx="\g<x>" cy="\g<y>" r="\g<r>" ', _CLASS.sub(r"\1", svg))
    # A width of no line.
    svg = _TAG.sub(lambda tag: tag[0] if ' stroke="' in tag[0] else re.sub(r' stroke-width="[^"]*"', "", tag[0]), svg)
    before = ""
    while before != svg:
        before, svg = svg, _NOTHING.sub("", svg)
    return svg


def once(markup: str) -> str:
    """Each heat map and each long line is in the page once; the drawings, wide and narrow, point at it.

    Args:
        markup: HTML with drawings in it; what it has in scripts is left alone.
    """
    names: dict[str, str] = {}

    def image(found: re.Match[str]) -> str:
        held = (
            f'href="{found["data"]}" width="1" height="1" preserveAspectRatio="none" style="image-rendering: pixelated"'
        )
        name = names.setdefault(f"<image {held}/>", f"explain-image-{len(names)}")
        return f'<use href="#{name}" transform="translate({found["at"]}) scale({found["width"]},{found["height"]})"/>'

    markup = _IMAGE.sub(image, markup)
    lines = _LONG.findall(markup)
    for line in dict.fromkeys(lines):
        if lines.count(line) > 1:
            name = names.setdefault(line, f"explain-line-{len(names)}")
            markup = markup.replace(line, f'<use href="#{name}"/>')
    held = "".join(re.sub(r"^<(\w+)", rf'<\1 id="{name}"', element) for element, name in names.items())
    defined = f'<svg class="explain-shared" width="0" height="0" aria-hidden="true"><defs>{held}</defs></svg>\n'
    return (defined if names else "") + markup
