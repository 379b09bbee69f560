"""The cores that a process may use: its affinity, and what its control groups grant."""

import os
from pathlib import Path

import pytest

from charlm.parallel import cores

Files = dict[str, str]
MANY = 64
VERSION_1 = [f"cpu,cpuacct/x/cpu.cfs_{name}_us" for name in ("quota", "period")]


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of many cores whose control groups are files of the test."""
    monkeypatch.setattr(cores, "_cores", lambda: MANY)
    monkeypatch.setattr(cores, "CONTROL_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cores, "OWN_GROUPS", tmp_path / "own")
    return tmp_path


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        # version 2
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "10000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "max 100000\n"}, MANY),
        ("0::/\n", {"cpu.max": "9900000 100000\n"}, MANY),
        ("0::/\n", {}, MANY),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"}, 3),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "400000 100000\n"}, 3),
        ("0::/docker/0a1b\n", {"cpu.max": "500000 100000\n"}, 5),  # seen from outside
        ("0::/a:b\n", {"a:b/cpu.max": "200000 100000\n"}, 2),
        # version 1
        (
            "4:memory:/x\n2:cpu,cpuacct:/x\n",
            dict(zip(VERSION_1, ("4000", "1000"), strict=True)),
            4,
        ),
        ("1:cpu:/x\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, MANY),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "7\n", "cpu/cpu.cfs_period_us": "0\n"}, MANY),
        ("1:cpuset:/\n", {"cpuset/cpu.max": "100000 100000\n"}, MANY),
        # what is no such file
        ("0::/\n", {"cpu.max": "lots\n"}, MANY),
        ("nonsense\n", {"cpu.max": "100000 100000\n"}, MANY),
        (None, {"cpu.max": "100000 100000\n"}, MANY),
    ],
)  # fmt: skip
def test_groups_limit(own: str | None, files: Files, expected: int, groups: Path) -> None:
    write(groups / "cgroup", files)
    write(groups, {} if own is None else {"own": own})
    assert cores.usable() == expected


def test_affinity_limits(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bound to one core, a process has one, whatever the machine has."""
    monkeypatch.undo()
    if not hasattr(os, "sched_setaffinity"):
        assert cores.usable() >= 1
        return
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert cores.usable() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert cores.usable() <= len(before)


@pytest.mark.parametrize(
    "missing", [("process_cpu_count",), ("process_cpu_count", "sched_getaffinity")]
)
def test_older_pythons_and_other_systems(
    missing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in missing:
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert 1 <= cores.usable() <= MANY
    monkeypatch.setattr(os, "process_cpu_count", lambda: 1, raising=False)
    assert cores.usable() == 1
