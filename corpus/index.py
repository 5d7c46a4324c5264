"""The search index on disk: built on first use, rebuilt when what it was made from changes, never half-made.

Each index stands in a folder named after everything it was made from (``data_dir/index/<key>``). It is built under
another name, with a lock held, and renamed when complete; so a reader finds a whole index or none, whatever was killed
when. A folder that cannot be written to is no obstacle: the index then lives in a temporary folder.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.lexical import KeywordIndex, write_keyword_index
from corpus.passages import EVERYDAY, load_passages
from corpus.plan import FOLDER, METADATA_NAME, TEXT_NAME, load_plan
from corpus.vectors import Progress, VectorIndex, folder_client, server_client, write_vectors
from corpus.words import STOP_WORDS, TERMS

if TYPE_CHECKING:
    from corpus.embedding import Embedder

log = logging.getLogger(__name__)

FORMAT = 1
"""Raised whenever what is written changes, so that indexes of older code are rebuilt."""
LOCK_SECONDS = 600
"""How long to wait for another process that is building."""
KEPT_INDEXES = 3
"""This many are kept, so that switching between two embedding models does not rebuild each time."""

_UNFINISHED = ".building-"
_VECTORS = "chroma"
_COLLECTION = "passages"


class IndexUnavailableError(Exception):
    """There is no index and none can be made; the message is one line in Chinese that says how to mend it."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """An open index. ``temporary`` is the folder it lives in when the data folder cannot be written to."""

    keywords: KeywordIndex
    vectors: VectorIndex
    temporary: tempfile.TemporaryDirectory[str] | None = None


def open_index(
    data_dir: Path, embedder: "Embedder", chroma_url: str | None = None, progress: Progress | None = None
) -> SearchIndex:
    """Open the index, building it first where needed. Raises IndexUnavailableError."""
    home = data_dir / "index"
    target = home / _key(embedder.fingerprint, chroma_url is not None)
    try:
        with _damage_as_value_error():
            return _open(target, embedder, chroma_url, progress)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        if os.access(target, os.W_OK):
            log.warning("检索索引已损坏，正在重建：%s", target)
            log.debug("damaged index", exc_info=error)
    try:
        return _build_and_open(home, target, embedder, chroma_url, progress)
    except OSError as error:
        return _open_temporary(target, embedder, chroma_url, progress, reason=error)


def _build_and_open(
    home: Path, target: Path, embedder: "Embedder", chroma_url: str | None, progress: Progress | None
) -> SearchIndex:
    home.mkdir(parents=True, exist_ok=True)
    with _lock(home / "lock"):
        try:
            with _damage_as_value_error():
                return _open(target, embedder, chroma_url, progress)  # another process may just have built it
        except (OSError, ValueError):
            pass
        _discard(target, *home.glob(f"{_UNFINISHED}*"))
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=home))
        try:
            _build(unfinished, embedder, chroma_url, progress)
            unfinished.replace(target)
        except BaseException:
            _discard(unfinished)
            raise
        others = [path for path in home.iterdir() if path.is_dir() and path != target]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        _discard(*others[KEPT_INDEXES - 1 :])
        return _open(target, embedder, chroma_url, progress)


def _open_temporary(
    target: Path, embedder: "Embedder", chroma_url: str | None, progress: Progress | None, reason: OSError
) -> SearchIndex:
    """Work from a temporary copy of a good index that is read-only, or build one for this process alone."""
    try:
        temporary = tempfile.TemporaryDirectory(prefix="policy-index-", ignore_cleanup_errors=True)
        copy = Path(temporary.name) / "index"
        try:
            shutil.copytree(target, copy)
            _make_writable(copy)
            with _damage_as_value_error():
                index = _open(copy, embedder, chroma_url, progress)
        except (OSError, ValueError):
            log.warning(
                "检索索引写不进 %s（%s），本次改用临时索引；让该文件夹可写，或换一个数据文件夹，下次就不必重建",
                target.parent,
                _one_line(reason),
            )
            fresh = Path(temporary.name) / "fresh"
            fresh.mkdir()
            _build(fresh, embedder, chroma_url, progress)
            index = _open(fresh, embedder, chroma_url, progress)
    except (OSError, ValueError) as error:
        raise IndexUnavailableError(
            f"检索索引写不进 {target.parent}（{_one_line(reason)}），临时文件夹也不行（{_one_line(error)}）："
            "请让其中之一可写，并留出 10 MB 空间"
        ) from error
    return SearchIndex(index.keywords, index.vectors, temporary)


def _open(
    folder: Path, embedder: "Embedder", chroma_url: str | None, progress: Progress | None
) -> SearchIndex:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    keywords = KeywordIndex(folder)
    if chroma_url is not None:
        return SearchIndex(keywords, _open_server(folder.name, chroma_url, embedder, progress))
    if not os.access(folder, os.W_OK):
        raise PermissionError("只读")  # SQLite would want to write beside its file
    client = folder_client(folder / _VECTORS)
    try:
        return SearchIndex(keywords, VectorIndex(client, _COLLECTION, len(load_passages())))
    except BaseException:
        client.close()
        raise


def _build(folder: Path, embedder: "Embedder", chroma_url: str | None, progress: Progress | None) -> None:
    plan, passages = load_plan(), load_passages()
    write_keyword_index(folder, plan, passages)
    if chroma_url is not None:
        return  # the server's collection is completed when it is opened
    client = folder_client(folder / _VECTORS)
    try:
        write_vectors(client, _COLLECTION, plan, passages, embedder, progress)
    finally:
        client.close()


def _open_server(key: str, url: str, embedder: "Embedder", progress: Progress | None) -> VectorIndex:
    """The server's collection, filled first if it is missing or unfinished. Raises IndexUnavailableError."""
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    passages = load_passages()
    try:
        client = server_client(url)
        try:
            return VectorIndex(client, key, len(passages))
        except (ChromaError, ValueError):
            write_vectors(client, key, load_plan(), passages, embedder, progress)
            return VectorIndex(client, key, len(passages))
    except (ChromaError, HTTPError, OSError, ValueError) as error:
        raise IndexUnavailableError(
            f"用不了 Chroma 服务 {url}（{_one_line(error)}）：请检查地址、确认服务已启动，或去掉这项设置改用本机索引"
        ) from error


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise IndexUnavailableError(
            f"另一个进程一直在建检索索引，等了 {LOCK_SECONDS} 秒：请稍后再试，或结束那个进程"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _damage_as_value_error() -> Iterator[None]:
    """Whatever Chroma, SQLite, NumPy or JSON raise over a damaged file, a panic of Chroma's Rust core included."""
    try:
        yield
    except (OSError, IndexUnavailableError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise ValueError(_one_line(error)) from error


def _key(fingerprint: str, on_server: bool) -> str:
    """Names an index after all it is made from."""
    digest = hashlib.sha256()
    for path in (FOLDER / TEXT_NAME, FOLDER / METADATA_NAME, EVERYDAY, TERMS, STOP_WORDS):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    made_with = [FORMAT, fingerprint, *(version(library) for library in ("chromadb", "bm25s", "jieba"))]
    digest.update(repr(made_with).encode())
    return f"plan-{digest.hexdigest()[:16]}" + ("-server" if on_server else "")


def _discard(*folders: Path) -> None:
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
        else:
            folder.unlink(missing_ok=True)


def _make_writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o700)


def _one_line(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text or type(error).__name__).splitlines()[0][:120]
