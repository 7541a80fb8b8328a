from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from geodata.errors import FileError
from geodata.formats import import_file
from geodata.formats.encoding import read_utf8

ROW = "1,2021-07-29,Baghdad,two rockets fell near the embassy\n"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1256"])
def test_a_file_that_is_turned_into_utf8_is_never_held_whole_beside_it(tmp_path: Path, encoding: str) -> None:
    rows = 150_000
    path = tmp_path / "a.csv"
    path.write_text(ROW * rows + "بغداد وأربيل\n", encoding=encoding)
    tracemalloc.start()
    try:
        text = read_utf8(path, "a.csv")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert text.data == (ROW * rows + "بغداد وأربيل\n").encode()
    assert peak < 1.7 * len(text.data)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_letters_cut_by_the_edge_of_a_piece_stay_whole(tmp_path: Path, encoding: str) -> None:
    text = "id,date,place\n" + "".join(f"{n},2021-07-29,بغداد 🚀\n" for n in range(90_000))
    (tmp_path / "a.csv").write_bytes("\ufeff".encode(encoding) + text.encode(encoding))
    assert read_utf8(tmp_path / "a.csv", "a.csv").data.decode() == text


def test_a_half_letter_at_the_end_of_utf_16_costs_its_row_only(tmp_path: Path) -> None:
    text = "id,date,place\n1,2021-07-29,Baghdad\n2,2021-07-30,Erbil\n"
    (tmp_path / "a.csv").write_bytes(text.encode("utf-16")[:-3])
    found = import_file(tmp_path / "a.csv", profiles_folder=tmp_path)
    assert list(found.reading.records["id"]) == ["1"]
    assert [row.code for row in found.reading.rejected] == ["not_utf8"]


def test_bad_bytes_behind_a_byte_order_mark_cost_their_row_only(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfid,date,place\n1,2021-07-29,Baghdad\n2,2021-07-30,Er\xffbil\n")
    found = import_file(tmp_path / "a.csv", profiles_folder=tmp_path)
    assert list(found.reading.records["id"]) == ["1"]
    assert [row.code for row in found.reading.rejected] == ["not_utf8"]


@pytest.mark.parametrize("encoding", ["no-such", "hex", "rot13", "cp1252"])
def test_an_encoding_that_does_not_fit_is_one_clear_message(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,date,place\n1,2021-07-29,\x81\n")
    with pytest.raises(FileError, match=f"cannot be read as {encoding}.*name another encoding"):
        import_file(tmp_path / "a.csv", encoding=encoding, profiles_folder=tmp_path)
