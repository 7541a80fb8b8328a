"""The loops in C: Python has the numbers and structures of their header, and gives them only what they can read."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hatch_build
from geodata import scan_loops
from geodata.compiled import Structure, address, load_library
from geodata.errors import AtlasError

HEADER = (Path(scan_loops.__file__).parent / "c" / "scan.h").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)
STRUCTURES: dict[str, type[Structure]] = {
    "Codes": scan_loops.CodesTable,
    "Columns": scan_loops.ColumnsTable,
    "Question": scan_loops.QuestionTable,
    "Verdicts": scan_loops.VerdictsTable,
    "Shown": scan_loops.ShownTable,
    "Counted": scan_loops.CountedTable,
}
C_TYPES = {
    "int16_t": np.int16,
    "int32_t": np.int32,
    "int64_t": np.int64,
    "uint8_t": np.uint8,
    "double": np.float64,
    "void": Any,
}


def enumerated() -> dict[str, int]:
    """Read the names that the header numbers."""
    found: dict[str, int] = {}
    for body in re.findall(r"enum \{(.*?)\}", CODE, flags=re.DOTALL):
        value = 0
        for entry in filter(None, map(str.strip, body.split(","))):
            name, _, given = entry.partition("=")
            value = int(given) if given else value
            found[name.strip()] = value
            value += 1
    return found


def fields(structure: str) -> list[tuple[str, str, bool]]:
    """Read the fields of a structure of the header: name, C type, and whether it is a pointer."""
    body = re.search(rf"typedef struct \{{([^{{}}]*)\}} {structure};", CODE)
    assert body
    found = []
    for declaration in filter(None, map(str.strip, body[1].split(";"))):
        kind, names = re.fullmatch(r"(?:const )?(\w+)\s+(.*)", declaration, flags=re.DOTALL).groups()  # type: ignore[union-attr]
        found += [(name.strip(" *\n"), kind, "*" in name) for name in names.split(",")]
    return found


def test_python_has_the_numbers_of_the_header() -> None:
    numbers = {name: value for name, value in enumerated().items() if not name.startswith("FIGURE_")}
    assert len(numbers) == 29
    assert {name: getattr(scan_loops, name) for name in numbers} == numbers


@pytest.mark.parametrize("name", STRUCTURES)
def test_python_lays_a_structure_out_as_the_header_does(name: str) -> None:
    wanted = []
    for field, kind, pointer in fields(name):
        number = {"int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "Codes": scan_loops.CodesTable}
        wanted.append((field, C_TYPES[kind] if pointer else number[kind]))
    assert list(STRUCTURES[name].layout) == wanted


@pytest.mark.parametrize(
    "array",
    [np.zeros(3, np.int64), np.zeros(6, np.int32)[::2], np.zeros((2, 3), np.int32).T],
    ids=["type", "gaps", "order"],
)
def test_an_array_that_c_would_misread_is_refused(array: np.ndarray[Any, Any]) -> None:
    with pytest.raises(TypeError, match="expected contiguous int32, got int"):
        address(array, np.int32)


def test_a_structure_keeps_its_arrays_alive() -> None:
    made = scan_loops.VerdictsTable(inside=np.full(50_000, 7, np.uint8))
    np.zeros(50_000, np.uint8)  # would be given the memory that is free
    where = ctypes.cast(made.inside, ctypes.POINTER(ctypes.c_uint8))
    assert where[49_999] == 7
    assert made.reason is None


def test_a_missing_library_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match=r"none\.\w+ is missing .*'make setup' compiles none\.c"):
        load_library(tmp_path / "none.c")


#: A machine without one has the compiler from PyPI, which is gone after the build.
needs_compiler = pytest.mark.skipif(not hatch_build.system_compiler(), reason="no C compiler on this machine")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with one C file and one header."""
    folder = tmp_path / "room" / "c"
    folder.mkdir(parents=True)
    (folder / "one.h").write_text("#define ANSWER 42\n", encoding="utf-8")
    (folder / "one.c").write_text(
        '#include "one.h"\n__attribute__((visibility("default"))) int answer(void) { return ANSWER; }\n'
    )
    return tmp_path


@needs_compiler
def test_the_build_compiles_what_is_new_and_what_a_header_changed(checkout: Path) -> None:
    source = checkout / "room" / "c" / "one.c"
    assert hatch_build.uncompiled(str(checkout)) == [source]
    hatch_build.compile_loops(source)
    assert hatch_build.uncompiled(str(checkout)) == []
    assert load_library(source).answer() == 42
    later = hatch_build.library_of(source).stat().st_mtime + 5
    os.utime(source.with_name("one.h"), (later, later))
    assert hatch_build.uncompiled(str(checkout)) == [source]


@needs_compiler
def test_source_that_does_not_compile_stops_the_build_with_the_compiler_s_words(checkout: Path) -> None:
    source = checkout / "room" / "c" / "one.c"
    source.write_text("int answer(void) { return unknown; }\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"(?s)one\.c could not be compiled; .*unknown"):
        hatch_build.compile_loops(source)


def test_without_a_compiler_the_build_asks_for_one(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    hook = hatch_build.AtlasHook(str(checkout), {}, None, None, "", "wheel")  # type: ignore[arg-type]
    monkeypatch.setattr(hatch_build, "outdated", lambda _: [])
    assert hook.dependencies() == [hatch_build.COMPILER_PACKAGE]
    monkeypatch.setattr(hatch_build, "system_compiler", lambda: ["cc"])
    assert hook.dependencies() == []
