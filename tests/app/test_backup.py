"""Back-ups: the way there and back, while the home is in use, and archives that nobody should trust."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.endpoints.scripted import scripted
from agents.replay import replay
from app.assembly import Lakewright
from app.backup import back_up, restore
from app.backup.archive import MANIFEST
from app.backup.contents import parts
from app.settings import Settings
from data import lake
from data.errors import Busy, Invalid

SQL = (
    "SELECT u.country, count(*) AS n FROM tidal.plays p JOIN cash.users u ON u.user_id = p.user_id GROUP BY 1",
    "SELECT count(*) AS n FROM square.payments",
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A home of a few files: a SQLite file, a Delta table and a private file."""
    import pyarrow as pa

    from app import home

    folder = tmp_path / "small"
    home.begin(folder)
    with closing(sqlite3.connect(folder / "answers.sqlite")) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE t (n INTEGER)")
        made.commit()
    for number in range(3):
        lake.append(folder / "lake" / "sales" / "orders", pa.table({"n": [number]}))
    (folder / "mask.salt").write_bytes(b"salt")
    (folder / "mask.salt").chmod(0o600)
    (folder / "models").mkdir()
    (folder / "models" / "weights.bin").write_bytes(b"w" * 1000)
    (folder / "spill").mkdir()
    (folder / "outside").symlink_to("/etc/passwd")
    return folder


def ask(home: Path, said: str) -> str:
    """An answer's id."""
    opened = Lakewright.open(Settings.load(home))
    opened.__dict__["endpoints"] = {"embedded": lambda: scripted(said, name="embedded", instruct=False)}
    answer = opened.ask.run(opened.principal("owner"), "How many are there by country?")
    opened.close()
    assert answer.status == "answered", answer
    return answer.answer_id


def test_a_restored_home_replays_every_answer_alike(demo_home: Path, tmp_path: Path) -> None:
    ids = [ask(demo_home, said) for said in SQL]
    made = back_up(demo_home, tmp_path / "b.tar.zst")
    assert made["files"] > 100
    restore(tmp_path / "b.tar.zst", tmp_path / "new")
    opened = Lakewright.open(Settings.load(tmp_path / "new"))
    try:
        owner = opened.principal("owner")
        for answer_id in ids:
            again = replay(opened.answers, opened.gateway, owner, answer_id)
            assert again.identical
            assert again.rows
        assert opened.gateway.audit.verify().ok
    finally:
        opened.close()
        from data.sources.postgres import stop_managed

        stop_managed(tmp_path / "new" / "postgres")


@pytest.mark.parametrize("name", ["b.tar.zst", "b.tar.gz"])
def test_it_keeps_modes_and_versions_and_leaves_out_what_passes(small: Path, tmp_path: Path, name: str) -> None:
    back_up(small, tmp_path / name)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    restore(tmp_path / name, tmp_path / "new")
    new = tmp_path / "new"
    assert (new / "mask.salt").stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode & 0o777 == 0o700
    assert [lake.read(new / "lake/sales/orders", version).num_rows for version in (0, 1, 2)] == [1, 2, 3]
    assert not any((new / gone).exists() for gone in ("models", "spill", "outside"))
    assert sorted(tmp_path.glob(".*")) == []
    assert not (tmp_path / f"{name}.partial").exists()


def test_models_come_along_when_they_are_wanted(small: Path, tmp_path: Path) -> None:
    back_up(small, tmp_path / "b.tar.gz", models=True)
    restore(tmp_path / "b.tar.gz", tmp_path / "new")
    assert (tmp_path / "new/models/weights.bin").read_bytes() == b"w" * 1000


def test_a_copy_of_a_home_in_use_is_of_one_moment(small: Path, tmp_path: Path) -> None:
    """Two rows are always written together: no copy may hold one of them alone."""
    done = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(small / "answers.sqlite", timeout=30)) as live:
            while not done.is_set():
                live.execute("INSERT INTO t VALUES (1)")
                live.execute("INSERT INTO t VALUES (2)")
                live.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(small, tmp_path / "b.tar.gz")
    finally:
        done.set()
        writer.join()
    restore(tmp_path / "b.tar.gz", tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new/answers.sqlite")) as kept:
        assert kept.execute("SELECT count(*) % 2 FROM t").fetchone() == (0,)
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_delta_table_is_copied_at_the_version_that_it_had(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that comes while the files are listed is not half in the copy."""
    import pyarrow as pa

    from app.backup import stores

    table = small / "lake/sales/orders"
    listed = stores.delta_files(table)
    first = [next(listed)]
    lake.append(table, pa.table({"n": [9]}))
    log = [path.name for path in (*first, *listed) if path.suffix == ".json"]
    assert log == [f"{number:020}.json" for number in range(3)]


def test_nothing_is_overwritten(small: Path, tmp_path: Path) -> None:
    back_up(small, tmp_path / "b.tar.gz")
    before = (tmp_path / "b.tar.gz").read_bytes()
    with pytest.raises(Invalid, match="there already"):
        back_up(small, tmp_path / "b.tar.gz")
    with pytest.raises(Invalid, match="there already"):
        restore(tmp_path / "b.tar.gz", small)
    assert (tmp_path / "b.tar.gz").read_bytes() == before
    with pytest.raises(Invalid, match="known ending"):
        back_up(small, tmp_path / "b.zip")


def test_what_a_killed_run_left_is_cleared_away(small: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz.partial").write_bytes(b"half")
    back_up(small, tmp_path / "b.tar.gz")
    (tmp_path / ".new.restoring").mkdir()
    (tmp_path / ".new.restoring" / "half").write_text("half")
    restore(tmp_path / "b.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new/half").exists()


def test_two_runs_do_not_share_a_place(small: Path, tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "b.tar.gz.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            back_up(small, tmp_path / "b.tar.gz")


def hostile(path: Path, *members: tuple[tarfile.TarInfo, bytes], manifest: Any = None) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(content))
        if manifest is not None:
            text = json.dumps(manifest).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b"x"


@pytest.mark.parametrize(
    "members",
    [
        [member("home/../evil")],
        [member("/home/evil")],
        [member("home//etc/evil")],
        [member("evil")],
        [member("home/a\\..\\evil")],
        [member("home/a\nb")],
        [member("home/link", tarfile.SYMTYPE, "/etc"), member("home/link/evil")],
        [member("home/link", tarfile.LNKTYPE, "/etc/passwd")],
        [member("home/device", tarfile.CHRTYPE)],
        [member("home/pipe", tarfile.FIFOTYPE)],
        [member("home/a"), member("home/a")],
        [member("home/a"), member("home/a/b")],
    ],
)  # fmt: skip
def test_hostile_members_are_refused_and_leave_nothing(tmp_path: Path, members: list[Any]) -> None:
    file = hostile(tmp_path / "evil.tar.gz", *members)
    with pytest.raises(Invalid):
        restore(file, tmp_path / "in" / "new")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["evil.tar.gz", "in"]


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.backup import restoring

    monkeypatch.setattr(restoring, "FREELY", 1024**2)
    info = tarfile.TarInfo("home/zeros")
    info.size = 64 * 1024**2
    with gzip.open(tmp_path / "bomb.tar.gz", "wb") as packed:
        packed.write(info.tobuf())
        for _ in range(64):
            packed.write(bytes(1024**2))
    with pytest.raises(Invalid, match="more than there is room for"):
        restore(tmp_path / "bomb.tar.gz", tmp_path / "new")


def test_a_name_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 7 * 1024**3
    with gzip.open(tmp_path / "long.tar.gz", "wb") as packed:
        packed.write(info.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(Invalid, match="name without end"):
        restore(tmp_path / "long.tar.gz", tmp_path / "new")


def changed(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b"salt", b"salz", 1))


def about(number: int) -> Callable[[bytes], bytes]:
    return lambda data: gzip.compress(
        re.sub(rb'"home_format": \d+', f'"home_format": {number}'.encode(), gzip.decompress(data), count=1)
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[: len(data) // 2], "can't be restored"),
        (lambda data: b"no archive", "is no back-up"),
        (lambda data: b"", "is no back-up"),
        (lambda data: b"\x28\xb5\x2f\xfd" + b"0" * 50, "can't be unpacked"),
        (about(9), "newer"),
    ],
)
def test_a_damaged_archive_is_told(
    small: Path, tmp_path: Path, spoil: Callable[[bytes], bytes], said: str
) -> None:  # fmt: skip
    back_up(small, tmp_path / "b.tar.gz")
    spoilt = tmp_path / "spoilt.tar.gz"
    spoilt.write_bytes(spoil((tmp_path / "b.tar.gz").read_bytes()))
    with pytest.raises(Invalid, match=said):
        restore(spoilt, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / ".new.restoring").exists()


def test_one_changed_byte_is_found(small: Path, tmp_path: Path) -> None:
    (small / "notes.txt").write_text("a note of peculiar words")
    back_up(small, tmp_path / "b.tar.gz")
    plain = gzip.decompress((tmp_path / "b.tar.gz").read_bytes())
    (tmp_path / "c.tar.gz").write_bytes(gzip.compress(plain.replace(b"peculiar", b"ordinary", 1)))
    with pytest.raises(Invalid, match=r"'notes.txt' is not as the manifest says"):
        restore(tmp_path / "c.tar.gz", tmp_path / "new")


def test_ledgers_come_before_the_tables_that_they_name(small: Path) -> None:
    kinds = [part.kind for part in parts(small)]
    assert kinds.index("sqlite") < kinds.index("delta")
    shutil.rmtree(small / "lake")
