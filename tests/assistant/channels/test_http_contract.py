"""The OpenAPI document, held against the running service by schemathesis: thousands of requests it makes up."""

import re
import subprocess
import sys
from pathlib import Path

from tests.assistant.channels.serving import KEY

NOT_IN_A_SCHEMA = "positive_data_acceptance"
"""That fewer stay than came, and that money has two decimals, JSON Schema cannot say: such facts are refused with 422."""


def test_the_service_does_what_its_document_says(service_address: str, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{service_address}/openapi.json",
        "--header", f"Authorization: Bearer {KEY}", "--phases", "examples,coverage,fuzzing", "--max-examples", "2",
        "--exclude-checks", NOT_IN_A_SCHEMA, "--generation-database", "none", "--seed", "20250901", "--no-color",
        "--request-timeout", "30",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:]
    summary = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert summary is not None and int(summary[1]) == int(summary[2]) > 2000, done.stdout[-2000:]
    assert "Server error" not in done.stdout
