"""Vectors on a Chroma server instead of in a folder."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.index import IndexUnavailableError
from corpus.passages import load_passages
from corpus.retrieval import open_retriever
from tests.corpus.pair_embedder import PairEmbedder

SECONDS_TO_START = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    chroma = Path(sys.executable).with_name("chroma")
    command = [str(chroma), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"ANONYMIZED_TELEMETRY": "False"},
    )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_the_server_is_filled_once_and_answers_as_the_folder_does(server: str, tmp_path: Path) -> None:
    embedder = PairEmbedder()
    here = open_retriever(tmp_path / "here", embedder)
    embedder.embedded = 0
    there = open_retriever(tmp_path / "there", embedder, server)
    assert embedder.embedded == len(load_passages())
    for question in ("一次性扩岗补助", "公司招不到人", "社保晚点交"):
        assert [hit.clause for hit in there.search(question)] == [hit.clause for hit in here.search(question)]
    open_retriever(tmp_path / "elsewhere", embedder, server)
    assert embedder.embedded == len(load_passages())


def test_an_unfinished_collection_is_completed(server: str, tmp_path: Path) -> None:
    embedder = PairEmbedder("unfinished")
    retriever = open_retriever(tmp_path, embedder, server)
    retriever._index.vectors._collection.delete(ids=["3", "4"])
    assert open_retriever(tmp_path, embedder, server).search("一次性扩岗补助")[0].clause == 1
    assert embedder.embedded == 2 * len(load_passages())


def test_a_collection_that_vanished_while_in_use(server: str, tmp_path: Path) -> None:
    retriever = open_retriever(tmp_path, PairEmbedder("vanished"), server)
    vectors = retriever._index.vectors
    vectors._client.delete_collection(vectors._name)
    with pytest.raises(IndexUnavailableError, match="请重新启动程序"):
        retriever.search("扩岗")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1", "确认服务已启动"),
        ("ftp://127.0.0.1", "地址应形如 http://主机:端口"),
        ("服务器", "地址应形如 http://主机:端口"),
        ("http://127.0.0.1:99999", "请检查地址"),
    ],
)
def test_no_server_there(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(IndexUnavailableError) as caught:
        open_retriever(tmp_path, PairEmbedder(), url)
    assert url in str(caught.value) and says in str(caught.value) and "\n" not in str(caught.value)
