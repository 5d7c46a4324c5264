"""Sentence vectors (句向量): the bundled model by default, any sentence-transformers model by one setting.

The bundled model (see bundled_model/README.md) runs on ONNX Runtime and `tokenizers`; torch is imported only
when another model is set. Questions and passages are embedded differently, as E5 and many others want it.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = Path(__file__).parent / "bundled_model"

Vectors = NDArray[np.float32]


class EmbeddingModelError(Exception):
    """The embedding model cannot be used: one Chinese line that says what is wrong and how to mend it."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their likeness (cosine, -1 to 1)."""

    @property
    def fingerprint(self) -> str:
        """Stable id of model and weights; an index made with another one must be rebuilt."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each question."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text that is searched."""
        ...


def load_embedder(model: str | None = None) -> Embedder:
    """The bundled model, or the sentence-transformers model of that name or in that folder.

    Raises EmbeddingModelError.
    """
    if model is None or not model.strip():
        return OnnxEmbedder(BUNDLED_MODEL)
    return SentenceTransformersEmbedder(model.strip())


class OnnxEmbedder:
    """The bundled model on ONNX Runtime. Vectors do not depend on what else is embedded in the same call."""

    _THREADS = 2
    """A fixed number, so that sums are added in the same order however many cores there are."""

    def __init__(self, folder: Path) -> None:
        try:
            self.fingerprint = f"onnx:{_digest(folder)}"
            prompts = _read_json(folder / "config_sentence_transformers.json")["prompts"]
            self._query_prompt, self._passage_prompt = str(prompts["query"]), str(prompts["passage"])
            self.dimension = int(_read_json(folder / "config.json")["hidden_size"])
            longest = int(_read_json(folder / "sentence_bert_config.json")["max_seq_length"])
            self._open(folder, longest)
        except Exception as error:  # tokenizers and ONNX Runtime raise plain Exceptions of their own
            raise EmbeddingModelError(
                f"自带的向量模型读不出来（{folder}：{_first_line(error)}）；"
                "请恢复这个文件夹（git checkout -- corpus/bundled_model），并确认 onnxruntime 不低于 1.23"
            ) from error

    def _open(self, folder: Path, longest: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only; they also come as exceptions
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads sleep
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._query_prompt, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._passage_prompt, texts)

    def _embed(self, prompt: str, texts: Sequence[str]) -> Vectors:
        # One text at a time: no padding, the same bits alone or among others; batches would gain little.
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(prompt + _encodable(text)).ids], dtype=np.int64)
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            vectors[row] = self._session.run(["sentence_embedding"], inputs)[0][0]
        return vectors


class SentenceTransformersEmbedder:
    """Any model that `sentence-transformers` loads, with the prompts that it declares."""

    def __init__(self, model: str) -> None:
        self._model = _load_sentence_transformer(model)
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EmbeddingModelError(f"「{model}」不是句向量模型（没有向量维数）；{_HOW_TO_SET}")
        self.dimension = dimension
        self.fingerprint = f"sentence-transformers:{self._identify(model)}"
        prompts = self._model.prompts
        # encode_document would take the empty "document" that the library adds before a declared "passage".
        self._passage_prompt = next((name for name in _PASSAGE_PROMPTS if prompts.get(name)), None)

    def _identify(self, model: str) -> str:
        """Contents of a folder; name and commit of a model from the hub."""
        folder = Path(model).expanduser()
        if folder.is_dir():
            return _digest(folder)
        config = getattr(getattr(self._model[0], "model", None), "config", None)
        return f"{model}@{getattr(config, '_commit_hash', None)}"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        rows = self._model.encode_query(
            list(map(_encodable, texts)), normalize_embeddings=True, show_progress_bar=False
        )
        return self._vectors(rows)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = self._model.encode_document(
            list(map(_encodable, texts)),
            prompt_name=self._passage_prompt,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return self._vectors(rows)

    def _vectors(self, rows: NDArray[np.floating]) -> Vectors:
        return np.asarray(rows, dtype=np.float32).reshape(-1, self.dimension)


_PASSAGE_PROMPTS = ("document", "passage", "corpus")
"""Names under which models declare the prompt for texts that are searched."""

_HOW_TO_SET = (
    "请把设置 ASSISTANT_EMBEDDING_MODEL 改为 sentence-transformers 的模型名或文件夹，或留空用自带的模型"
)


def _load_sentence_transformer(model: str) -> "SentenceTransformer":
    folder = Path(model).expanduser()
    looks_like_folder = folder.is_absolute() or model.startswith((".", "~"))
    if looks_like_folder and not folder.is_dir():
        raise EmbeddingModelError(f"找不到向量模型的文件夹「{model}」；{_HOW_TO_SET}")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from sentence_transformers import SentenceTransformer

        if folder.is_dir():
            return SentenceTransformer(str(folder), local_files_only=True)
        return SentenceTransformer(model)
    except ImportError as error:
        raise EmbeddingModelError(
            f"读取向量模型「{model}」还缺少软件包（{_first_line(error)}）；请运行 "
            "pip install sentence-transformers compressed-tensors，或把设置 ASSISTANT_EMBEDDING_MODEL 留空"
        ) from error
    except Exception as error:  # hub, file and weight errors come from half a dozen libraries
        reason = _first_line(error)
        raise EmbeddingModelError(f"向量模型「{model}」读不出来（{reason}）；{_HOW_TO_SET}") from error


def _digest(folder: Path) -> str:
    """Hash of what decides the vectors: all files of the model's folder but documentation and hidden ones."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if path.is_file() and path.suffix not in ("", ".md") and not hidden:
            digest.update(f"{name.as_posix()}\n{path.stat().st_size}\n".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} 不是 JSON 对象")
    return content


def _encodable(text: str) -> str:
    """Half surrogate pairs, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
