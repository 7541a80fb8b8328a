"""Give a PDF its structure: language, title, reading order, and texts for pictures (ISO 32000, 14.7 to 14.9).

Matplotlib's writer knows none of it, so that it is added behind the finished file as an incremental update, the way the
format itself provides. Tables are tagged as paragraphs, one for each row, and the file claims no PDF/UA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dashboard.snapshot.tags import Mark

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
    root, document = size, size + 1
    listed = sorted(marks, key=lambda mark: mark.order)
    element = {(mark.page, mark.number): size + 2 + at for at, mark in enumerate(listed)}
    tree = size + 2 + len(listed)
    objects = {
        int(catalog[1]): _catalog(catalog[2], root),
        **{page: _page(data, page, at) for at, page in enumerate(pages)},
        root: f"<< /Type /StructTreeRoot /K {document} 0 R /ParentTree {tree} 0 R "
        f"/ParentTreeNextKey {len(pages)} >>".encode("ascii"),
        document: f"<< /Type /StructElem /S /Document /P {root} 0 R /K [ {_listed(element.values())} ] >>".encode(
            "ascii"
        ),
        **{element[mark.page, mark.number]: _element(mark, document, pages[mark.page]) for mark in listed},
        tree: _parent_tree(listed, element, len(pages)),
    }
    return data + _update(objects, len(data), trailer[1], int(trailer[2]))


def _catalog(kept: bytes, root: int) -> bytes:
    return (
        b"<< /Type /Catalog %b /Lang (en-GB) /MarkInfo << /Marked true >> "
        b"/ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot %d 0 R >>" % (kept, root)
    )


def _page(data: bytes, number: int, at: int) -> bytes:
    start = data.index(b"\n%d 0 obj\n<< " % number) + len(b"\n%d 0 obj\n" % number)
    end = data.index(b"\nendobj", start)
    return data[start:end].rstrip().removesuffix(b">>") + b"/StructParents %d /Tabs /S >>" % at


def _element(mark: Mark, document: int, page: int) -> bytes:
    alt = f" /Alt <feff{mark.alt.encode('utf-16-be').hex()}>" if mark.alt else ""
    kept = f"/S /{mark.tag} /P {document} 0 R /Pg {page} 0 R /K {mark.number}{alt}"
    return f"<< /Type /StructElem {kept} >>".encode("ascii")


def _parent_tree(marks: Iterable[Mark], element: dict[tuple[int, int], int], pages: int) -> bytes:
    """List for each page which element each of its marks belongs to."""
    listed = list(marks)
    numbers = [sorted(mark.number for mark in listed if mark.page == page) for page in range(pages)]
    rows = [f"{page} [ {_listed(element[page, n] for n in numbers[page])} ]" for page in range(pages)]
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
