"""Give a PDF its structure: language, title, reading order, and texts for pictures (ISO 32000, 14.7 to 14.9).

Matplotlib's writer knows none of it, so that it is added behind the finished file as an incremental update, the way the
format itself provides. A table is one element of rows and cells over all of its pages. The file claims no PDF/UA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dashboard.snapshot.tags import Mark

#: Key of the element that holds all others; a mark's or group's key is its place in the order of reading.
DOCUMENT: Final = -1

_TRAILER = re.compile(rb"trailer\n<< (.*?) >>\nstartxref\n(\d+)\n%%EOF", re.DOTALL)
_CATALOG = re.compile(rb"\n(\d+) 0 obj\n<< /Type /Catalog (.*?) >>\nendobj", re.DOTALL)
_KIDS = re.compile(rb"/Kids \[\s(.*?)\s\]", re.DOTALL)


def tagged(data: bytes, marks: Sequence[Mark]) -> bytes:
    """Add the structure that the marks describe to a PDF of matplotlib's."""
    trailer = _TRAILER.search(data, max(0, data.rfind(b"trailer\n<<")))
    catalog, kids = _CATALOG.search(data), _KIDS.search(data)
    if not (trailer and catalog and kids):
        msg = "The PDF is not laid out as matplotlib writes it; its version has changed."
        raise ValueError(msg)
    size = int(re.findall(rb"/Size (\d+)", trailer[1])[0])
    pages = [int(number) for number in re.findall(rb"(\d+) 0 R", kids[1])]
    root, tree = size, size + 1
    listed = sorted(marks, key=lambda mark: mark.order)
    nodes = _nodes(listed)
    number = {node.key: tree + 1 + at for at, node in enumerate(nodes)}
    objects = {
        int(catalog[1]): _catalog(catalog[2], root),
        **{page: _page(data, page, at) for at, page in enumerate(pages)},
        root: f"<< /Type /StructTreeRoot /K {number[DOCUMENT]} 0 R /ParentTree {tree} 0 R "
        f"/ParentTreeNextKey {len(pages)} >>".encode("ascii"),
        tree: _parent_tree(listed, number, len(pages)),
        **{number[node.key]: _element(node, number, root, pages) for node in nodes},
    }
    return data + _update(objects, len(data), trailer[1], int(trailer[2]))


@dataclass(slots=True)
class _Node:
    """One element of the structure: a mark, or a group with what it holds."""

    key: int
    tag: str
    parent: int | None
    mark: Mark | None = None
    kids: list[int] = field(default_factory=list)


def _nodes(marks: Sequence[Mark]) -> list[_Node]:
    """List the document, its groups and its marks in the order of reading; the key of each is its order."""
    nodes = {DOCUMENT: _Node(DOCUMENT, "Document", None)}

    def add(node: _Node) -> None:
        nodes[node.key] = node
        nodes[DOCUMENT if node.parent is None else node.parent].kids.append(node.key)

    for mark in marks:
        parent = DOCUMENT
        for group in mark.groups:
            if group.order not in nodes:
                add(_Node(group.order, group.tag, parent))
            parent = group.order
        add(_Node(mark.order, mark.tag, parent, mark))
    return list(nodes.values())


def _catalog(kept: bytes, root: int) -> bytes:
    return (
        b"<< /Type /Catalog %b /Lang (en-GB) /MarkInfo << /Marked true >> "
        b"/ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot %d 0 R >>" % (kept, root)
    )


def _page(data: bytes, number: int, at: int) -> bytes:
    start = data.index(b"\n%d 0 obj\n<< " % number) + len(b"\n%d 0 obj\n" % number)
    end = data.index(b"\nendobj", start)
    return data[start:end].rstrip().removesuffix(b">>") + b"/StructParents %d /Tabs /S >>" % at


def _element(node: _Node, number: Mapping[int, int], root: int, pages: Sequence[int]) -> bytes:
    parent = root if node.parent is None else number[node.parent]
    kept = f"/Type /StructElem /S /{node.tag} /P {parent} 0 R"
    if node.mark is None:
        return f"<< {kept} /K [ {_listed(number[key] for key in node.kids)} ] >>".encode("ascii")
    alt = f" /Alt <feff{node.mark.alt.encode('utf-16-be').hex()}>" if node.mark.alt else ""
    scope = " /A << /O /Table /Scope /Column >>" if node.tag == "TH" else ""
    return f"<< {kept} /Pg {pages[node.mark.page]} 0 R /K {node.mark.number}{alt}{scope} >>".encode("ascii")


def _parent_tree(marks: Sequence[Mark], number: Mapping[int, int], pages: int) -> bytes:
    """List for each page which element each of its marks belongs to."""
    of_page: list[list[Mark]] = [[] for _ in range(pages)]
    for mark in marks:
        of_page[mark.page].append(mark)
    rows = [
        f"{page} [ {_listed(number[mark.order] for mark in sorted(found, key=lambda mark: mark.number))} ]"
        for page, found in enumerate(of_page)
    ]
    return f"<< /Nums [ {' '.join(rows)} ] >>".encode("ascii")


def _listed(objects: Iterable[int]) -> str:
    return " ".join(f"{number} 0 R" for number in objects)


def _update(objects: dict[int, bytes], start: int, trailer: bytes, previous: int) -> bytes:
    """Write changed and new objects, where each stands, and a trailer that points to the old ones."""
    body, offsets = b"\n", {}
    for number, content in sorted(objects.items()):
        offsets[number] = start + len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % pair for pair in sorted(offsets.items()))
    kept = re.sub(rb"/Size \d+", b"/Size %d" % (max(objects) + 1), trailer)
    return body + table + b"trailer\n<< %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (kept, previous, start + len(body))
