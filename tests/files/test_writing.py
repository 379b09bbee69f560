import errno
import os
import resource
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from charlm.errors import OutputError
from charlm.files.locking import alone, beside
from charlm.files.writing import PART, remove, write_atomically


def test_writes_all_pieces(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new", [b"a", memoryview(b"bc")])
    assert (tmp_path / "new").read_bytes() == b"abc"
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")

    def fails() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "old", fails())
    assert (tmp_path / "old").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OutputError, match="old: cannot be written: File too large"):
            write_atomically(tmp_path / "old", [b"x" * 2000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "old").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_what_is_written_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is on the disk before it is renamed, and the folder after."""
    calls: list[str] = []
    rename = Path.replace

    def fsync(descriptor: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    def replace(self: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_atomically(tmp_path / "new", [b"x"])
    assert calls == ["file", "rename", "folder"]


def test_long_names_and_endless_links(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("é" * 120), [b"x"])
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="loop: cannot be written"):
        write_atomically(tmp_path / "loop", [b"x"])


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", [b"x"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640


def test_pipes_and_devices_are_written_straight(tmp_path: Path, null_device: Path) -> None:
    write_atomically(null_device, [b"x"])
    assert null_device.is_char_device()
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_atomically(tmp_path / "pipe", [b"through"])
    reader.join()
    assert read == [b"through"]


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="directory"):
        write_atomically(tmp_path, [b"x"])


def test_what_a_killed_run_left_is_written_over(tmp_path: Path) -> None:
    beside(tmp_path / "new", PART).write_bytes(b"half of something longer")
    write_atomically(tmp_path / "new", [b"x"])
    assert (tmp_path / "new").read_bytes() == b"x"
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_a_link_in_the_place_of_the_temporary_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    beside(tmp_path / "new", PART).symlink_to("precious")
    with pytest.raises(OutputError, match="new: cannot be written"):
        write_atomically(tmp_path / "new", [b"x"])
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_two_processes_that_write_at_once(tmp_path: Path) -> None:
    """The second is refused, and takes nothing away from the first."""

    def pieces() -> Iterator[bytes]:
        yield b"fir"
        with pytest.raises(OutputError, match="another run is writing it"):
            write_atomically(tmp_path / "new", [b"second"])
        yield b"st"

    write_atomically(tmp_path / "new", pieces())
    assert (tmp_path / "new").read_bytes() == b"first"


def test_new_files_have_the_usual_permissions(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new", [b"x"])
    (tmp_path / "other").touch()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()]
    assert modes[0] == modes[1]


def test_file_systems_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("charlm.files.locking.flock", refuses)
    with alone(tmp_path / "new"):
        write_atomically(tmp_path / "new", [b"x"])
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_remove_takes_what_a_killed_run_left(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    beside(tmp_path / "old", PART).touch()
    remove(tmp_path / "old")
    remove(tmp_path / "old")
    assert list(tmp_path.iterdir()) == []
