"""A file has its name only when it is whole, and what was there before stays until then."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gateway.whole_files import write_new, write_whole


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


def test_it_replaces_what_was_there_and_keeps_a_link_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for content in (b"one", b"two"):
        write_whole(tmp_path / "link", content)
        assert (tmp_path / "file").read_bytes() == content
    assert (tmp_path / "link").is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "link"]


def test_private_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"", private=True)
    write_new(tmp_path / "b", b"")
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    write_new(tmp_path / "key", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"two")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("key", b"one")]


@pytest.mark.usefixtures("full_disk")
def test_a_disk_without_room_leaves_things_as_they_were_and_is_told_with_the_name(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    for write, name in ((write_whole, "old"), (write_whole, "new"), (write_new, "key")):
        with pytest.raises(OSError, match=rf"No space left on device: '.*{name}'"):
            write(tmp_path / name, b"more")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("old", b"old")]


def test_what_is_no_file_is_written_to() -> None:
    reading, writing = os.pipe()
    write_whole(Path(f"/dev/fd/{writing}"), b"bundle")
    os.close(writing)
    assert os.read(reading, 100) == b"bundle"
    os.close(reading)
