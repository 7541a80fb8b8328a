"""Make text of a record fit to stand beside other words: in XML, in a spreadsheet, on a line, in a picture."""

from __future__ import annotations

import re
from typing import Final

#: Controls that turn or embed a direction until something ends them: "\u202e" shows the rest of the line backwards.
#: The marks U+200E and U+200F are none of them: Arabic text needs those, and they turn nothing else.
_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: Controls that have no shape, and steer a terminal that shows the text of a page: "\x1b[2J" wipes it.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: What XML 1.0 cannot hold (section 2.2), in no way of writing.
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: First characters that make a spreadsheet run a cell as a formula (OWASP, CSV injection), full-width forms included.
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")


def for_spreadsheet(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def without_turns(text: str) -> str:
    """Leave out what would turn the words around a text as well, or has no shape; files of data keep it."""
    return _CONTROLS.sub("", _TURNS.sub("", text))


def for_xml(text: str) -> str:
    """Replace what XML cannot hold by the replacement character; markup is escaped by whoever writes it."""
    return _NOT_IN_XML.sub("\ufffd", text)
