"""Meaning search: one vector for each passage, kept in Chroma, in a folder or on a Chroma server."""

import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from corpus.passages import Passage
from corpus.plan import Plan
from corpus.text import normalise

if TYPE_CHECKING:
    from chromadb.api.client import Client

    from corpus.embedding import Embedder

Progress = Callable[[int, int], None]
"""Called with the passages done and their total."""

ABSENT = -1.0
"""The similarity of a passage that Chroma did not return."""
CONNECT_SECONDS = 5
BATCH = 16
"""Passages embedded between two progress reports."""


class VectorIndex:
    """Similarities of a question to all passages."""

    def __init__(self, client: "Client", name: str, size: int) -> None:
        """Open a collection with ``size`` passages. Raises whatever Chroma raises, ValueError if it is incomplete."""
        self._client = client
        self._name = name
        self._size = size
        self._collection: Any = self._find()
        if (count := self._collection.count()) != size:
            raise ValueError(f"{count} of {size} vectors")
        # A damaged file shows only when vectors are read.
        first: Any = self._collection.get(ids=[_id(0)], include=["embeddings"])["embeddings"]
        similarities = self.similarities(np.asarray(first[0], np.float32))
        if similarities[0] < 0.99 or similarities.min() <= ABSENT:
            raise ValueError("vectors cannot be searched")

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine similarity of a unit vector to each passage, in the order they were stored."""
        from chromadb.errors import NotFoundError

        try:
            found = self._query(vector)
        except NotFoundError:
            # Another process may have built the collection anew under the same name.
            self._collection = self._find()
            found = self._query(vector)
        similarities = np.full(self._size, ABSENT, np.float32)
        positions = [int(identifier) for identifier in found["ids"][0]]
        similarities[positions] = 1.0 - np.asarray(found["distances"][0], np.float32)
        return similarities

    def _find(self) -> Any:
        return self._client.get_collection(self._name, embedding_function=None)

    def _query(self, vector: NDArray[np.float32]) -> Any:
        return self._collection.query(query_embeddings=[vector], n_results=self._size, include=["distances"])

    def close(self) -> None:
        """Let go of the files, so that they can be moved."""
        self._client.close()


def write_vectors(
    client: "Client",
    name: str,
    plan: Plan,
    passages: Sequence[Passage],
    embedder: "Embedder",
    progress: Progress | None = None,
) -> None:
    """Embed all passages and store them. Writing over an unfinished collection completes it."""
    collection = client.get_or_create_collection(
        name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 1000}}
    )
    total = len(passages)
    for start in range(0, total, BATCH):
        batch = passages[start : start + BATCH]
        vectors = embedder.embed_passages([_text(plan, passage) for passage in batch])
        collection.upsert(
            ids=[_id(start + offset) for offset in range(len(batch))],
            embeddings=np.asarray(vectors, np.float32),
            metadatas=[{"clause": passage.clause, "kind": passage.kind} for passage in batch],
            documents=[passage.text for passage in batch],
        )
        if progress is not None:
            progress(start + len(batch), total)


def embed_question(embedder: "Embedder", question: str) -> NDArray[np.float32]:
    """The question's vector, from the same normal form as the passages'."""
    vector: NDArray[np.float32] = embedder.embed_queries([normalise(question)])[0]
    return vector


def folder_client(folder: Path) -> "Client":
    """Chroma inside this process, its files in a folder."""
    chromadb, settings = _chromadb()
    client: Client = chromadb.PersistentClient(str(folder), settings=settings)
    return client


def server_client(url: str) -> "Client":
    """A Chroma server by its address. Raises ValueError if that is not http(s)://host[:port], OSError if it is mute."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("地址应形如 http://主机:端口")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 8000)
    # Chroma's own client waits for as long as the network stack does, which may be minutes.
    socket.create_connection((parts.hostname, port), timeout=CONNECT_SECONDS).close()
    chromadb, settings = _chromadb()
    client: Client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=secure, settings=settings)
    return client


def _chromadb() -> tuple[Any, Any]:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb  # half a second; kept out of processes that only read the plan
    from chromadb.config import Settings

    return chromadb, Settings(anonymized_telemetry=False)


def _text(plan: Plan, passage: Passage) -> str:
    """What is embedded: a sentence stands under its heading, which often holds the subject."""
    heading = f"{plan.clause(passage.clause).title}：" if passage.kind == "sentence" else ""
    return normalise(heading + passage.text)


def _id(position: int) -> str:
    return str(position)
