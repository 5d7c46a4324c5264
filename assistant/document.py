"""``python -m assistant.document`` renews what is generated in README.md: the settings and the examples' output.

An example is a ``console`` block whose lines with ``$ python -m assistant`` are run. ``.env.example`` is written too.
"""

import io
import re
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from assistant.channels.command_line import main as run_command
from assistant.settings import Settings, variable_name

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
EXAMPLE = ROOT / ".env.example"
PROMPT = "$ python -m assistant "

_SETTINGS = re.compile(r"(?<=<!-- settings -->\n).*(?=\n<!-- /settings -->)", re.DOTALL)
_CONSOLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def renewed(document: str) -> str:
    """The document with its generated parts written anew."""
    document = _SETTINGS.sub(lambda _: settings_table(), document)
    return _CONSOLE.sub(lambda block: "".join(map(_session, _commands(block[0]))), document)


def settings_table() -> str:
    """The settings as a Markdown table."""
    rows = ["| 变量 | 默认值 | 说明 |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _default(field)
        rows.append(f"| `{variable_name(name)}` | {f'`{default}`' if default else '（空）'} | {field.description} |")
    return "\n".join(rows)


def settings_example() -> str:
    """The settings as ``.env.example`` lists them: every one, commented out, with its default."""
    return "# 复制为 .env，去掉要改的那几行前面的 #\n" + "".join(
        f"\n# {field.description}\n#{variable_name(name)}={_default(field)}\n" for name, field in Settings.model_fields.items()
    )


def _default(field: FieldInfo) -> str:
    return str(field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default)


def _commands(block: str) -> list[str]:
    return [line for line in block.splitlines() if line.startswith(PROMPT)]


def _session(line: str) -> str:
    """A command as it was typed, and what it prints."""
    output = io.StringIO()
    with redirect_stdout(output):
        run_command(shlex.split(line.removeprefix(PROMPT)))
    return f"{line}\n{output.getvalue()}"


def main() -> int:
    """Write the README and ``.env.example``."""
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
    EXAMPLE.write_text(settings_example(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
