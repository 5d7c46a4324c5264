import pytest

from corpus.embedding import load_embedder
from corpus.retrieval import Retriever, open_retriever
from tests.corpus.pair_embedder import PairEmbedder


@pytest.fixture
def embedder() -> PairEmbedder:
    return PairEmbedder()


@pytest.fixture(scope="session")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """Search with the bundled model, as people get it."""
    return open_retriever(tmp_path_factory.mktemp("data"), load_embedder())
