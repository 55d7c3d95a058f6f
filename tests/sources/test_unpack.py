"""Truth: archives written here, honest and hostile; memory is measured in a process of its own."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import zipfile
import zlib

import py7zr
import pytest

from entrepot.errors import SourceError
from entrepot.sources import _unpack
from entrepot.sources._unpack import unpack
from support.sampled import costly

TABLE = b"REPORTER,VALUE_EUR\n" + b"DE,1\n" * 1000
MB = 1_000_000
LARGEST = 11 * MB
ZEROS = 12 * MB


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def archive(tmp_path):
    """Write an archive of (name, bytes) members; the name's ending says which kind."""

    def write(name, *members, **options):
        path = tmp_path / name
        if name.endswith(".7z"):
            with py7zr.SevenZipFile(path, "w", **options) as packed:
                for inside, data in members:
                    packed.writestr(data, inside)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                for inside, data in members:
                    packed.writestr(inside, data)
        else:
            path.write_bytes(b"".join(gzip.compress(data) for _, data in members))
        return path

    return write


def refused(path, scratch, match, largest=LARGEST, suffixes=(".csv",)):
    with pytest.raises(SourceError, match=match) as caught:
        unpack(path, scratch, largest, suffixes)
    assert str(caught.value).startswith(f"{path.name}: ")
    assert "\n" not in str(caught.value)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("kind", ["zip", "7z"])
def test_wanted_members_are_written_as_they_were_packed(archive, scratch, kind):
    path = archive(
        f"a.{kind}", ("b/two.csv", TABLE[:19]), ("one.CSV", TABLE), ("readme.txt", b"words")
    )
    found = unpack(path, scratch, LARGEST, (".csv",))
    assert [(p.name, p.read_bytes()) for p in found] == [
        ("two.csv", TABLE[:19]),
        ("one.CSV", TABLE),
    ]
    assert found[0].parent.name == "b"
    assert all(scratch in p.parents for p in found)


def test_gzip_of_several_parts_is_one_file(archive, scratch):
    [found] = unpack(archive("t.csv.gz", ("", TABLE), ("", TABLE)), scratch, LARGEST, (".csv",))
    assert (found.name, found.read_bytes()) == ("t.csv", TABLE * 2)


def test_gzip_without_an_ending_gets_the_wanted_one(archive, scratch):
    [found] = unpack(archive("t.gz", ("", TABLE)), scratch, LARGEST, (".dat",))
    assert found.name == "t.dat"


def test_two_archives_do_not_meet_in_one_scratch(archive, scratch):
    one = unpack(archive("a.zip", ("t.csv", b"1")), scratch, LARGEST, (".csv",))
    two = unpack(archive("b.zip", ("t.csv", b"2")), scratch, LARGEST, (".csv",))
    assert [p.read_bytes() for p in (*one, *two)] == [b"1", b"2"]


@pytest.mark.parametrize("name", ["a.zip", "a.7z", "a.csv.gz"])
def test_exactly_the_limit_passes_and_one_byte_less_does_not(archive, scratch, name):
    path = archive(name, ("t.csv", TABLE))
    assert unpack(path, scratch, len(TABLE), (".csv",))[0].stat().st_size == len(TABLE)
    for folder in scratch.iterdir():
        _unpack.shutil.rmtree(folder)
    refused(path, scratch, f"more than {len(TABLE) - 1:,} bytes unpacked", len(TABLE) - 1)


@pytest.mark.parametrize("name", ["a.zip", "a.7z"])
def test_the_limit_is_for_all_members_together(archive, scratch, name):
    path = archive(name, *((f"{n}.csv", os.urandom(4000)) for n in range(10)))
    refused(path, scratch, "more than 39,999 bytes", 39_999)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.7z", "bomb.csv.gz"])
def test_a_bomb_is_stopped_by_its_ratio(tmp_path, scratch, name):
    path = bomb(tmp_path / name, ZEROS)
    assert path.stat().st_size < MB / 10
    refused(path, scratch, r"bytes that unpack to more than .*at most 200 times", 10**12)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.7z", "bomb.csv.gz"])
def test_a_bomb_is_stopped_by_the_limit(tmp_path, scratch, monkeypatch, name):
    monkeypatch.setattr(_unpack, "RATIO", 10**9)
    refused(bomb(tmp_path / name, ZEROS), scratch, "more than 11,000,000 bytes unpacked")


def test_a_bomb_that_understates_its_size_is_stopped(tmp_path, scratch):
    path = bomb(tmp_path / "liar.zip", ZEROS)
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    for place in (22, directory + 24):
        data[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    refused(path, scratch, "liar.zip: broken archive")


def test_a_zip_whose_members_share_their_bytes_is_stopped(tmp_path, scratch):
    """David Fifield's flat bomb: many entries of the directory point at one packed member."""
    path = tmp_path / "flat.zip"
    bomb(path, 20 * MB)
    data = path.read_bytes()
    at = data.rindex(b"PK\x01\x02")
    entry = data[at : data.rindex(b"PK\x05\x06")]
    entries = entry * 40
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 40, 40, len(entries), at, 0)
    path.write_bytes(data[:at] + entries + end)
    refused(path, scratch, "flat.zip: ")


@pytest.mark.parametrize("name", ["a.zip", "a.7z"])
def test_too_many_members_are_refused(archive, scratch, name):
    path = archive(name, *((f"{n}.txt", b"") for n in range(_unpack.MEMBERS + 1)))
    refused(path, scratch, "more than 1,000 members")


def test_a_list_of_members_larger_than_memory_is_refused_unread(scratch, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    path = archive_of_many(scratch.parent / "many.zip")
    refused(path, scratch, "many.zip: a list of members over 1 MB")


@pytest.mark.parametrize("kind", ["zip", "7z"])
@pytest.mark.parametrize(
    "packed",
    [gzip.compress(TABLE), lzma.compress(TABLE), b"PK\x03\x04more"],
    ids=["gz", "xz", "zip"],
)
def test_an_archive_inside_is_refused(archive, scratch, kind, packed):
    refused(archive(f"n.{kind}", ("t.csv", packed)), scratch, "an archive inside the archive")


def test_a_gzip_inside_a_gzip_is_refused(archive, scratch):
    refused(archive("t.csv.gz", ("", gzip.compress(TABLE))), scratch, "an archive inside")


@pytest.mark.parametrize("kind", ["zip", "7z"])
@pytest.mark.parametrize("name", ["../t.csv", "/t.csv", "a/../../t.csv", "..\\t.csv", "C:\\t.csv"])
def test_a_member_outside_the_folder_is_refused(tmp_path, scratch, monkeypatch, kind, name):
    path = tmp_path / f"out.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            info = zipfile.ZipInfo("t.csv")
            info.filename = name
            packed.writestr(info, TABLE)
    else:
        monkeypatch.setattr("py7zr.py7zr.check_archive_path", lambda _name: True)
        with py7zr.SevenZipFile(path, "w") as packed:
            packed.writestr(TABLE, name)
    refused(path, scratch, "lies outside the archive|broken archive")
    assert not list(tmp_path.glob("*.csv"))


def test_a_symlink_is_written_as_the_text_it_holds(tmp_path, scratch):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as packed:
        info = zipfile.ZipInfo("t.csv")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    [found] = unpack(path, scratch, LARGEST, (".csv",))
    assert not found.is_symlink()
    assert found.read_text() == "/etc/passwd"


def test_two_members_of_one_name_are_refused(tmp_path, scratch):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("t.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            packed.writestr("t.csv", b"2")
    refused(path, scratch, "two members are called 't.csv'")


@pytest.mark.parametrize("hide", [False, True])
def test_an_encrypted_7z_is_refused(archive, scratch, hide):
    path = archive("p.7z", ("t.csv", TABLE), password="secret", header_encryption=hide)
    refused(path, scratch, "p.7z: encrypted; expected an open file.*; unpack it with its password")


def test_an_encrypted_zip_is_refused(archive, scratch):
    path = archive("p.zip", ("t.csv", TABLE))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, scratch, "p.zip: encrypted")


@pytest.mark.parametrize("name", ["a.zip", "a.7z", "a.csv.gz"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_an_archive_cut_in_the_middle_is_refused(archive, scratch, name, part):
    path = archive(name, ("t.csv", os.urandom(5000)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refused(path, scratch, "broken archive .*; expected a complete download; download it again")


@pytest.mark.parametrize("name", ["a.zip", "a.7z", "a.csv.gz"])
def test_a_flipped_bit_is_found(archive, scratch, name):
    path = archive(name, ("t.csv", os.urandom(5000)))
    data = bytearray(path.read_bytes())
    data[2500] ^= 1
    path.write_bytes(data)
    refused(path, scratch, "broken archive")


def test_a_file_that_is_no_archive_is_refused(tmp_path, scratch):
    path = tmp_path / "t.csv"
    path.write_bytes(TABLE)
    refused(path, scratch, "t.csv: not an archive; expected zip, gzip or 7z")


def test_an_archive_without_the_wanted_kind_is_refused(archive, scratch):
    path = archive("a.7z", ("readme.txt", b"words"))
    refused(path, scratch, "holds no file that ends in .dat or .csv", suffixes=(".dat", ".csv"))


@pytest.mark.parametrize(
    ("method", "properties", "window"),
    [
        (b"\x21", b"\x18", 16 << 20),
        (b"\x21", b"\x19", 24 << 20),
        (b"\x21", b"\x28", 4 << 30),
        (b"\x03\x01\x01", b"\x5d\x00\x00\x00\x04", 64 << 20),
        (b"\x03\x04\x01", b"\x06\x00\x00\x00\x80", 2 << 30),
        (b"\x03\x03\x01\x03", b"", 0),
        (b"\x00", b"", 0),
    ],
)
def test_the_memory_a_coder_wants_is_read_from_its_properties(method, properties, window):
    assert _unpack._window(method, properties) == window


def test_a_7z_that_wants_too_much_memory_is_refused(archive, scratch, monkeypatch):
    monkeypatch.setattr(_unpack, "WINDOW", 1 << 20)
    path = archive("w.7z", ("t.csv", TABLE))
    refused(path, scratch, "a 7z file that needs more than 1 MB of memory")


def test_a_full_disk_is_not_blamed_on_the_archive(archive, scratch, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_unpack._Budget, "spend", full)
    with pytest.raises(OSError, match="No space left"):
        unpack(archive("a.zip", ("t.csv", TABLE)), scratch, LARGEST, (".csv",))


@costly
@pytest.mark.parametrize(
    ("name", "size", "most"), [("b.zip", 120, 20), ("b.csv.gz", 120, 20), ("b.7z", 400, 450)]
)
def test_a_bomb_needs_little_memory(tmp_path, scratch, name, size, most):
    """Peak above what the imports need; py7zr hands over blocks of up to 128 MB."""
    path = bomb(tmp_path / name, size * MB)
    code = f"""
import resource
from pathlib import Path
from entrepot.errors import SourceError
from entrepot.sources import _unpack
_unpack.RATIO = 10**9
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    _unpack.unpack(Path({str(path)!r}), Path({str(scratch)!r}), {size * MB * 3 // 4}, (".csv",))
except SourceError:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < most
    assert list(scratch.iterdir()) == []


def bomb(path, size):
    """Write an archive of zeros, built in pieces so that the test itself stays small."""
    if path.suffix == ".7z":
        quick = [{"id": py7zr.FILTER_LZMA2, "preset": 0}]
        with py7zr.SevenZipFile(path, "w", filters=quick) as packed:
            packed.writef(Zeros(size), "t.csv")
    elif path.suffix == ".zip":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
            packed.open("t.csv", "w") as member,
        ):
            for _ in range(size // MB):
                member.write(bytes(MB))
    else:
        packer = zlib.compressobj(1, wbits=31)
        with path.open("wb") as out:
            for _ in range(size // MB):
                out.write(packer.compress(bytes(MB)))
            out.write(packer.flush())
    return path


def archive_of_many(path):
    """Write a zip that is all directory: 30,000 entries of 47 bytes."""
    entries = (struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 9, 1, *[0] * 6) + b"x") * 30_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 30_000, 30_000, len(entries), 0, 0)
    path.write_bytes(b"PK" + entries + end)
    return path


class Zeros(io.BufferedIOBase):
    """A file of zeros that is never in memory as a whole."""

    def __init__(self, size):
        self.left = self.size = size

    def read(self, size=-1):
        size = min(self.left, size if size >= 0 else self.left)
        self.left -= size
        return bytes(size)

    def seek(self, offset, whence=0):
        self.left = self.size - offset if whence == 0 else (0 if whence == 2 else self.left)
        return self.size - self.left

    def tell(self):
        return self.size - self.left
