"""``python -m assistant.bench``: how long an answer takes in a fresh process and in a warm one, and its memory."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

from assistant.service import Assistant
from tools.catalogue import catalogue

AS_OF = date(2025, 9, 1)
QUESTION = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
FRESH_SECONDS = 2.5
TURN_MS = 60.0
MEMORY_MB = 700.0
"""Targets, on two cores."""


def fresh_seconds(times: int = 5) -> list[float]:
    """Wall time of ``ask`` from start of the process to its end, the index being built."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        command = [sys.executable, "-m", "assistant", "ask", QUESTION, "--as-of", AS_OF.isoformat(), "--json"]
        done = subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - start)
        assert json.loads(done.stdout)["status"] == "answered"
    return took


def turn_ms(assistant: Assistant) -> Iterator[float]:
    """Duration of each turn: two questions about every benefit, each with a turn that follows it up."""
    for tool in catalogue().values():
        for question in tool.benefit.examples[:2]:
            session = None
            for turn in (question, "那如果是8个人呢？"):
                start = time.perf_counter()
                session = assistant.ask(turn, session, AS_OF).session
                yield (time.perf_counter() - start) * 1000


def memory_mb() -> float:
    """The most memory that this process has held."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024 if sys.platform != "darwin" else kilobytes / 1024 / 1024


def main() -> int:
    """Print the figures; 1 when one misses its target."""
    assistant = Assistant()
    assistant.prepare()
    assistant.ask(QUESTION, None, AS_OF)
    turns = sorted(turn_ms(assistant))
    assistant.close()
    median, late = statistics.median(turns), turns[int(len(turns) * 0.95)]
    held, fresh = memory_mb(), statistics.median(fresh_seconds())
    torch = "torch" in sys.modules
    print(f"{fresh:8.2f} s   新进程从启动到答完（中位数；目标 ≤ {FRESH_SECONDS} s）")
    print(f"{median:8.1f} ms  一轮对话，中位数（{len(turns)} 轮；目标 ≤ {TURN_MS:.0f} ms）")
    print(f"{late:8.1f} ms  一轮对话，95 分位")
    print(f"{held:8.0f} MB  内存峰值（目标 ≤ {MEMORY_MB:.0f} MB）")
    print(f"{'有' if torch else '没有':>7}     加载 torch（目标：没有）")
    return 1 if fresh > FRESH_SECONDS or median > TURN_MS or held > MEMORY_MB or torch else 0


if __name__ == "__main__":
    sys.exit(main())
