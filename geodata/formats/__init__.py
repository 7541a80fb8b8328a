"""Any file of incidents, as it is: containers, known datasets, mapped tables, what was refused, what changed.

Names are fetched when they are asked for, so that the child process that reads untrusted files stays small.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geodata.formats.difference import Difference, accept, compare
    from geodata.formats.duplicates import Likely, likely_duplicates
    from geodata.formats.files import Imported, import_file, import_files
    from geodata.formats.importing import TableImport, preview_table
    from geodata.formats.mapping import ColumnMapping, save_mapping
    from geodata.formats.quarantine import original_rows, write_original, write_quarantine
    from geodata.formats.report import diff_report, import_report, write_records

_HOME = {
    "Difference": "difference", "accept": "difference", "compare": "difference", "Likely": "duplicates",
    "likely_duplicates": "duplicates", "Imported": "files", "import_file": "files", "import_files": "files",
    "TableImport": "importing", "preview_table": "importing", "ColumnMapping": "mapping", "save_mapping": "mapping",
    "original_rows": "quarantine", "write_original": "quarantine", "write_quarantine": "quarantine",
    "diff_report": "report", "import_report": "report", "write_records": "report",
}  # fmt: skip

__all__ = [
    "ColumnMapping",
    "Difference",
    "Imported",
    "Likely",
    "TableImport",
    "accept",
    "compare",
    "diff_report",
    "import_file",
    "import_files",
    "import_report",
    "likely_duplicates",
    "original_rows",
    "preview_table",
    "save_mapping",
    "write_original",
    "write_quarantine",
    "write_records",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
