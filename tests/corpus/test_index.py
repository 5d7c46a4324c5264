"""The index on disk: built once, rebuilt when needed, whole or absent, whatever happens to its folder."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import index as index_module
from corpus.index import IndexUnavailableError
from corpus.passages import load_passages
from corpus.retrieval import Retriever, open_retriever
from tests.corpus.pair_embedder import PairEmbedder

QUESTION = "一次性扩岗补助"
SEARCH = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from tests.corpus.pair_embedder import PairEmbedder
from corpus.retrieval import open_retriever
print(open_retriever(pathlib.Path(sys.argv[1]), PairEmbedder()).search("一次性扩岗补助")[0].clause)
"""
ROOT = Path(__file__).parents[2]


def search_in_new_process(data_dir: Path, *wrapper: str) -> subprocess.Popen[str]:
    command = [*wrapper, sys.executable, "-c", SEARCH, str(data_dir), str(ROOT)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def folders(data_dir: Path) -> list[Path]:
    return sorted(path for path in (data_dir / "index").iterdir() if path.is_dir())


def close(retriever: Retriever) -> None:
    retriever._index.vectors.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a whole index, never opened in this process again: Chroma keeps what it opened."""
    data_dir = tmp_path_factory.mktemp("built")
    close(open_retriever(data_dir, PairEmbedder()))
    return data_dir


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "data")
    return tmp_path / "data"


def test_built_on_first_use_with_progress_and_then_kept(tmp_path: Path, embedder: PairEmbedder) -> None:
    total = len(load_passages())
    seen: list[tuple[int, int]] = []
    close(open_retriever(tmp_path, embedder, progress=lambda done, of: seen.append((done, of))))
    assert seen[-1] == (total, total) and seen == sorted(seen) and embedder.embedded == total
    close(open_retriever(tmp_path, embedder, progress=lambda done, of: seen.append((-1, of))))
    assert seen[-1] == (total, total) and embedder.embedded == total
    assert len(folders(tmp_path)) == 1


def test_another_model_gets_an_index_of_its_own_and_old_ones_go(data_dir: Path) -> None:
    first = folders(data_dir)
    for name in ("b", "c", "d"):
        close(open_retriever(data_dir, PairEmbedder(name)))
    assert len(folders(data_dir)) == index_module.KEPT_INDEXES
    assert not set(first) & set(folders(data_dir))
    back = PairEmbedder("d")
    close(open_retriever(data_dir, back))
    assert back.embedded == 0


@pytest.mark.parametrize("name", ["TERMS", "STOP_WORDS", "EVERYDAY"])
def test_changed_data_rebuild(
    data_dir: Path, embedder: PairEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    changed = tmp_path / "changed"
    changed.write_bytes(getattr(index_module, name).read_bytes() + b"\n")
    monkeypatch.setattr(index_module, name, changed)
    close(open_retriever(data_dir, embedder))
    assert embedder.embedded == len(load_passages()) and len(folders(data_dir)) == 2


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("dictionary.txt", "cut"),
        ("dictionary.txt", "noise"),
        ("words/data.csc.index.npy", "noise"),
        ("pairs/vocab.index.json", "missing"),
        ("sizes.json", "empty"),
        ("chroma/chroma.sqlite3", "empty"),
        ("chroma/chroma.sqlite3", "cut"),
        ("chroma/chroma.sqlite3", "noise"),
        ("chroma/chroma.sqlite3", "missing"),
    ],
)
def test_a_damaged_file_is_mended(data_dir: Path, embedder: PairEmbedder, name: str, how: str) -> None:
    file = folders(data_dir)[0] / name
    content = file.read_bytes()
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(
            {"empty": b"", "cut": content[: len(content) // 2], "noise": os.urandom(len(content))}[how]
        )
    retriever = open_retriever(data_dir, embedder)
    assert retriever.search(QUESTION)[0].clause == 1
    assert embedder.embedded == len(load_passages())
    close(retriever)


def test_a_missing_vector_is_noticed(data_dir: Path, embedder: PairEmbedder) -> None:
    retriever = open_retriever(data_dir, embedder)
    retriever._index.vectors._collection.delete(ids=["7"])
    close(retriever)
    close(open_retriever(data_dir, embedder))
    assert embedder.embedded == len(load_passages())


def test_killed_while_building(tmp_path: Path) -> None:
    process = search_in_new_process(tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("index/.building-*/*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [folder.name.startswith(".building-") for folder in folders(tmp_path)] == [True]
    embedder = PairEmbedder()
    retriever = open_retriever(tmp_path, embedder)
    assert retriever.search(QUESTION)[0].clause == 1
    assert embedder.embedded == len(load_passages())
    assert [folder.name.startswith("plan-") for folder in folders(tmp_path)] == [True]
    close(retriever)


def test_a_failure_while_building_leaves_nothing(tmp_path: Path) -> None:
    class Failing(PairEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        open_retriever(tmp_path, Failing())
    assert folders(tmp_path) == []


def test_processes_that_start_at_once_share_one_index(tmp_path: Path) -> None:
    processes = [search_in_new_process(tmp_path) for _ in range(3)]
    assert [process.communicate(timeout=120)[0].strip() for process in processes] == ["1", "1", "1"]
    assert len(folders(tmp_path)) == 1


def test_a_lock_that_is_never_released(
    tmp_path: Path, embedder: PairEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    (tmp_path / "index").mkdir()
    monkeypatch.setattr(index_module, "LOCK_SECONDS", 0.05)
    with FileLock(tmp_path / "index" / "lock"), pytest.raises(IndexUnavailableError, match="另一个进程"):
        open_retriever(tmp_path, embedder)


@pytest.fixture
def without_root_s_privilege() -> tuple[str, ...]:
    """A command prefix under which file permissions bind root too."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("permissions do not bind root, and setpriv is not installed")
    capabilities = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={capabilities}", f"--inh-caps={capabilities}")


@pytest.fixture
def read_only(data_dir: Path) -> Iterator[Path]:
    paths = [data_dir, *data_dir.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    yield data_dir
    for path in paths:
        path.chmod(path.stat().st_mode | 0o200)


def test_a_read_only_index_is_used_from_a_copy(
    read_only: Path, without_root_s_privilege: tuple[str, ...]
) -> None:
    out, errors = search_in_new_process(read_only, *without_root_s_privilege).communicate(timeout=120)
    assert out.strip() == "1" and errors == ""


def test_a_read_only_folder_without_an_index(
    tmp_path: Path, without_root_s_privilege: tuple[str, ...]
) -> None:
    tmp_path.chmod(0o555)
    out, errors = search_in_new_process(tmp_path, *without_root_s_privilege).communicate(timeout=120)
    assert out.strip() == "1" and "本次改用临时索引" in errors and errors.count("\n") == 1
    tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(
    tmp_path: Path, embedder: PairEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("not a folder")
    retriever = open_retriever(tmp_path, embedder)
    assert retriever.search(QUESTION)[0].clause == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert str(tmp_path / "index") in caplog.text
    temporary = retriever._index.temporary
    assert temporary is not None and Path(temporary.name).is_dir()
    close(retriever)


def test_nowhere_to_write(tmp_path: Path, embedder: PairEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    (tmp_path / "index").write_text("not a folder")
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(IndexUnavailableError) as caught:
        open_retriever(tmp_path, embedder)
    assert "写不进" in str(caught.value) and "请让其中之一可写" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_reading_the_plan_imports_no_search_library(tmp_path: Path) -> None:
    code = (
        "import sys, corpus, corpus.retrieval, corpus.text; corpus.load_plan();"
        "print([m for m in ('chromadb', 'jieba', 'bm25s', 'torch', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_searching_prints_nothing_and_needs_no_torch(data_dir: Path) -> None:
    code = SEARCH + "print('torch' in sys.modules)"
    command = [sys.executable, "-W", "default", "-c", code, str(data_dir), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["1", "False"]
    assert [line for line in done.stderr.splitlines() if "jieba" in line or "pkg_resources" in line] == []
