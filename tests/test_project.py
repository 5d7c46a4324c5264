"""The project as a whole: what the README and the example settings say is what the program does."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from assistant.document import EXAMPLE, README, renewed, settings_example
from tests.conftest import ROOT


def test_the_readme_is_current(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(data_dir))
    assert README.read_text("utf-8") == renewed(README.read_text("utf-8")), "run: make docs"


def test_the_example_settings_are_current() -> None:
    assert EXAMPLE.read_text("utf-8") == settings_example(), "run: make docs"


def test_links_in_the_readme_lead_somewhere() -> None:
    targets = [part.split(")")[0] for part in README.read_text("utf-8").split("](")[1:]]
    assert targets and all((ROOT / target).exists() for target in targets)


@pytest.mark.parametrize(
    ("package", "may_use"), [("corpus", {"corpus"}), ("tools", {"tools", "corpus"}), ("assistant", {"assistant", "tools", "corpus"})]
)
def test_arrows_run_one_way(package: str, may_use: set[str]) -> None:
    own = {"app", "assistant", "corpus", "tools", "tests"}
    for path in (ROOT / package).rglob("*.py"):
        assert (imports(path) & own) <= may_use, path


def test_whatever_is_imported_is_a_declared_dependency() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"]["model"]]
    names = {name.split("=")[0].split(">")[0].split("<")[0].strip().lower().replace("_", "-") for name in wanted}
    # What these come with: they declare it, and cannot work without it.
    brought = {"langchain-core", "fastapi", "uvicorn", "httpx", "openai"}
    sources = packages_distributions()
    for package in ("assistant", "corpus", "tools"):
        for path in (ROOT / package).rglob("*.py"):
            for module in imports(path) - {"assistant", "corpus", "tools"} - sys.stdlib_module_names:
                found = {source.lower().replace("_", "-") for source in sources.get(module, [module])}
                assert found & (names | brought), f"{path}: {module}"


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
