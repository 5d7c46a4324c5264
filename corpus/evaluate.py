"""How well search finds the clause: ``python -m corpus.evaluate [QUESTIONS.jsonl …]``.

Each line is {"question": …, "clauses": [accepted numbers], "quote": words of the sentence that should come first}, or
has "turns" instead of "question" (only conversations of one turn are used). A third of the questions, chosen by hash,
is held out from tuning and reported apart.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.retrieval import Retriever, open_retriever

QUESTIONS = Path(__file__).parent.parent / "tests" / "corpus" / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the clauses that answer it."""

    text: str
    clauses: tuple[int, ...]
    quote: str | None = None

    @property
    def held_out(self) -> bool:
        """In the third that tuning leaves aside."""
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 3 == 0


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares, 0 to 1, of questions whose clause is first, or among the first three; ``misses`` says which are not.

    ``quoted`` is the share, among questions with a quote whose clause came first, whose sentence came first too; 1
    if there is none.
    """

    count: int
    at_1: float
    at_3: float
    quoted: float
    misses: tuple[str, ...]


def read_questions(path: Path) -> list[Question]:
    """The questions of a file, without those that no clause answers. Raises ValueError naming a bad line."""
    questions = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns = row["turns"] if "turns" in row else [row["question"]]
            clauses = tuple(int(clause) for clause in row["clauses"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name} 第 {number} 行不是一条问题") from error
        if clauses and len(turns) == 1:
            questions.append(Question(turns[0], clauses, row.get("quote")))
    return questions


def measure(retriever: Retriever, questions: Iterable[Question]) -> Recall:
    """Search for every question and count."""
    count = at_1 = at_3 = quotes = quoted = 0
    misses = []
    for question in questions:
        hits = retriever.search(question.text, top=3)
        found = [hit.clause for hit in hits]
        count += 1
        first = bool(found) and found[0] in question.clauses
        at_1 += first
        at_3 += any(clause in question.clauses for clause in found)
        if not first:
            misses.append(f"{question.text} 应为 {list(question.clauses)}，得到 {found}")
        elif question.quote is not None:
            quotes += 1
            best = hits[0].sentences[0].text
            quoted += question.quote in best
            if question.quote not in best:
                misses.append(f"{question.text} 应引「{question.quote}」，得到「{best[:30]}……」")
    return Recall(
        count, at_1 / max(count, 1), at_3 / max(count, 1), quoted / quotes if quotes else 1.0, tuple(misses)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print recall for each file; exit code 0, or 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m corpus.evaluate", description="检索质量：召回率")
    parser.add_argument("files", nargs="*", type=Path, default=[QUESTIONS], help="问题文件（JSON Lines）")
    parser.add_argument("--data-dir", type=Path, help="索引所在的数据文件夹，默认用临时文件夹")
    parser.add_argument("--misses", action="store_true", help="列出没找对的问题")
    options = parser.parse_args(arguments)
    try:
        files = [(path, read_questions(path)) for path in options.files]
    except (OSError, ValueError) as error:
        print(f"读不了问题文件：{error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        retriever = open_retriever(options.data_dir or Path(temporary))
        for path, questions in files:
            _report(f"{path.name} 全部", measure(retriever, questions), options.misses)
            if path.resolve() == QUESTIONS:
                kept = [question for question in questions if not question.held_out]
                held_out = [question for question in questions if question.held_out]
                _report(f"{path.name} 调参用", measure(retriever, kept))
                _report(f"{path.name} 留出", measure(retriever, held_out))
    return 0


def _report(name: str, recall: Recall, misses: bool = False) -> None:
    figures = f"recall@1={recall.at_1:.3f} recall@3={recall.at_3:.3f} 句子={recall.quoted:.3f}"
    print(f"{name} {recall.count} 问：{figures}")
    for miss in recall.misses if misses else ():
        print(f"  {miss}")


if __name__ == "__main__":
    sys.exit(main())
