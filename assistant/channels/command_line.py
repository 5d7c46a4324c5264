"""The command line: stdout carries the result alone; 0 done, 2 wrong arguments, 1 failed, with one line why."""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Command = Callable[[argparse.Namespace], None]

_FACTS_HELP = '要写成 {"firm_size": "小微企业"} 这样，可填的事实见 calculate --list --json'


class UsageProblem(Exception):
    """The arguments are wrong: exit 2, with a line that says how."""


class Problem(Exception):
    """It failed: exit 1, with a line that says why and how to mend it."""


class _Parser(argparse.ArgumentParser):
    """Help in Chinese, errors as one Chinese line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, allow_abbrev=False)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示用法")

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", "用法：", 1)

    def error(self, message: str) -> NoReturn:
        raise UsageProblem(f"{_in_chinese(message)}（用法见 python -m assistant --help）")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = _parser().parse_args([_readable(argument) for argument in given])
        _quiet_libraries()
        run: Command = options.run
        run(options)
        sys.stdout.flush()
    except UsageProblem as error:
        return _fail(error, 2)
    except BrokenPipeError:
        # The reader has gone (… | head): nothing more to say, not even when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except SystemExit as error:
        return int(error.code or 0)
    except Exception as error:
        return _fail(_explained(error), 1)
    return 0


def _readable(argument: str) -> str:
    """An argument whose bytes are no UTF-8, with a mark in their place instead of what no output can carry."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _fail(error: Exception | str, code: int) -> int:
    print(" ".join(str(error).split("\n")), file=sys.stderr)
    return code


def _explained(error: Exception) -> str:
    """One line for an error: its own, if it was made for people; else what went wrong, in general terms."""
    if type(error).__module__.split(".")[0] in ("assistant", "corpus", "tools"):
        return str(error)
    if os.environ.get("ASSISTANT_LOG_LEVEL") == "DEBUG":
        logging.exception("traceback")
    detail = (str(error) or type(error).__name__).splitlines()[0]
    return f"程序出错：{detail}（设 ASSISTANT_LOG_LEVEL=DEBUG 可看到详情）"


# --- arguments ------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m assistant", description="广西人社政策助手")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)

    def command(name: str, about: str, run: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(run=run)
        return sub

    ask = command("ask", "问一个问题，或用 --jsonl 成批地问", _ask)
    ask.add_argument("question", nargs="?", help="问题")
    ask.add_argument("--session", metavar="名字", help="接着这个对话说（任意名字）")
    ask.add_argument("--jsonl", action="store_true", help="从标准输入逐行读对话，逐行输出回答")
    _shared(ask)
    search = command("search", "查与问题最相关的条款", _search)
    search.add_argument("question", help="问题")
    search.add_argument("--top", type=_positive, default=5, metavar="N", help="列出几条（默认5）")
    search.add_argument("--json", action="store_true", help="输出 JSON")
    calculate = command("calculate", "用计算器算一项，或用 --list 列出全部计算器", _calculate)
    calculate.add_argument("tool", nargs="?", help="计算器名称（英文名或中文名）")
    calculate.add_argument("--facts", default="{}", help="事实，JSON；@文件 从文件读，- 从标准输入读")
    calculate.add_argument("--list", action="store_true", help="列出全部计算器和要填的事实")
    _shared(calculate)
    screen = command("screen", "政策体检：已知情况下能享受哪些政策", _screen)
    screen.add_argument("--facts", default="{}", help="事实，JSON；@文件 从文件读，- 从标准输入读")
    _shared(screen)
    chat = command("chat", "在终端里对话", _chat)
    chat.add_argument("--session", metavar="名字", help="接着这个对话说")
    _shared(chat)
    serve = command("serve", "启动网页、接口和已设置好的渠道", _serve)
    serve.add_argument("--host", help="监听地址（默认见设置 ASSISTANT_HOST）")
    serve.add_argument("--port", type=_port, help="端口（默认见设置 ASSISTANT_PORT）")
    simulate = command("simulate", "扮演微信或企业微信，和本机运行的服务对话", _simulate)
    simulate.add_argument("channel", type=_channel, metavar="wechat|wecom", help="公众号或企业微信")
    simulate.add_argument("words", nargs="*", metavar="话", help="要发的话，一句一个；不写就逐行从标准输入读")
    simulate.add_argument("--url", default="", help="回调地址（默认是本机的 serve）")
    simulate.add_argument("--mode", type=_wechat_mode, help="plaintext、compatible 或 secure（默认看有没有加解密密钥）")
    simulate.add_argument("--user", default="oSimulatedPerson", metavar="名字", help="谁在说话")
    command("mcp", "供别的智能体调用（MCP，走标准输入输出）", _mcp)
    command("index", "建好检索索引", _index)
    feedback = command("feedback", "看网页上的评价：有没有帮助，一句话为什么", _feedback)
    feedback.add_argument("--json", action="store_true", help="逐行输出 JSON")
    evaluate = command("evaluate", "用带标签的对话评测", _evaluate)
    evaluate.add_argument("--cases", action="append", type=Path, help="用例文件（JSON Lines），可多次给出")
    evaluate.add_argument("--model", help="用哪个语言模型（默认见设置 ASSISTANT_MODEL）")
    evaluate.add_argument("--report", type=Path, help="报告写到哪里（Markdown）")
    evaluate.add_argument("--outcomes", type=Path, help="逐条结果写到哪里（JSON Lines）")
    evaluate.add_argument("--against", type=Path, help="与另一次的逐条结果比较")
    return parser


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=_day, metavar="日期", help="按哪一天计算（默认今天），如 2025-09-01")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"日期“{text}”不对，要写成 2025-09-01 这样") from None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 22:
        raise argparse.ArgumentTypeError(f"“{text}”不对，要填 1 到 22 的整数")
    return int(text)


def _channel(text: str) -> str:
    if text not in ("wechat", "wecom"):
        raise argparse.ArgumentTypeError(f"没有“{text}”；可用：wechat、wecom")
    return text


def _wechat_mode(text: str) -> str:
    if text not in ("plaintext", "compatible", "secure"):
        raise argparse.ArgumentTypeError(f"没有“{text}”模式；可用：plaintext、compatible、secure")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"端口“{text}”不对，要填 0 到 65535 的整数")
    return int(text)


_COMMANDS = "ask、search、calculate、screen、chat、serve、simulate、mcp、index、feedback、evaluate"


def _in_chinese(message: str) -> str:
    """argparse's own messages, which have no translation of their own."""
    unknown = message.removeprefix("unrecognized arguments: ")
    if unknown != message and not unknown.startswith("-"):
        return f"“{unknown}”要写在各个 -- 参数前面，例如 simulate wechat 你好 --mode plaintext"
    known = {
        "the following arguments are required: 命令": f"要写明用哪个命令：{_COMMANDS}",
        "the following arguments are required: ": "缺少参数：",
        "unrecognized arguments: ": "不认识的参数（以 - 开头的问题要写在 -- 后面）：",
        "expected one argument": "后面要跟一个值",
    }
    for english, chinese in known.items():
        message = message.replace(english, chinese)
    if "invalid choice" in message:
        wanted = message.split("invalid choice: ")[1].split(" (")[0]
        return f"没有 {wanted} 这个命令；可用：{_COMMANDS}"
    return message.removeprefix("argument ")


class _OneLine(logging.Formatter):
    """An error in the log is its last line; tracebacks are for ASSISTANT_LOG_LEVEL=DEBUG."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name
        return f"{ei[0].__name__}: {ei[1]}".split("\n", 1)[0]


def _quiet_libraries() -> None:
    level = os.environ.get("ASSISTANT_LOG_LEVEL", "WARNING").upper()
    logging.basicConfig(level=level if level in ("DEBUG", "INFO", "ERROR") else "WARNING")
    if level != "DEBUG":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_OneLine("%(message)s"))


def _facts(text: str) -> dict[str, Any]:
    """The facts given as JSON, from a file (@path) or from standard input (-)."""
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text("utf-8-sig")
        # NaN is no JSON, yet which fact it stands for can be said: checking the facts rejects it.
        facts = json.loads(text, parse_float=Decimal, parse_constant=Decimal)
    except OSError as error:
        raise UsageProblem(f"读不到事实文件 {text[1:]}：{error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UsageProblem(f"--facts 不是有效的 JSON：第{error.lineno}行第{error.colno}个字符处不对；{_FACTS_HELP}") from None
    except (ValueError, RecursionError):
        raise UsageProblem(f"--facts 不是有效的 JSON；{_FACTS_HELP}") from None
    if not isinstance(facts, dict):
        raise UsageProblem(f"--facts 要是一个 JSON 对象；{_FACTS_HELP}")
    return facts


# --- commands -------------------------------------------------------------------------------------------------


def _assistant(**changes: Any) -> Any:
    from assistant.service import Assistant
    from assistant.settings import load_settings

    return Assistant(load_settings().model_copy(update=changes))


def _ask(options: argparse.Namespace) -> None:
    if options.jsonl:
        if options.question is not None:
            raise UsageProblem("--jsonl 从标准输入读问题，不要再写问题")
        _ask_lines(options)
        return
    if options.question is None:
        raise UsageProblem("要写上问题，如：python -m assistant ask \"招应届生有补助吗\"")
    from assistant.channels.plain_text import answer_text

    answer = _assistant().ask(options.question, options.session, options.as_of)
    print(answer.model_dump_json() if options.json else answer_text(answer))


class _Conversation(BaseModel):
    """One line of ``ask --jsonl``."""

    model_config = ConfigDict(extra="ignore")

    id: str | int | None = None
    turns: list[str] = Field(min_length=1)
    as_of: date | None = Field(None, strict=True)


def _ask_lines(options: argparse.Namespace) -> None:
    """One conversation a line in, one record a line out; a broken line gets a record that says so."""
    assistant = _assistant()
    for number, line in enumerate(sys.stdin, 1):
        line = line.removeprefix("\ufeff")
        if not line.strip():
            continue
        try:
            conversation = _Conversation.model_validate_json(line)
        except ValidationError as error:
            record = _broken(line, number, error)
        else:
            answers = list(_converse(assistant, conversation, options.as_of))
            record = {"id": conversation.id, "answers": answers}
        print(json.dumps(record, ensure_ascii=False), flush=True)


def _converse(assistant: Any, conversation: _Conversation, as_of: date | None) -> Iterator[dict[str, Any]]:
    session = None
    for turn in conversation.turns:
        answer = assistant.ask(turn, session, conversation.as_of or as_of)
        session = answer.session
        yield answer.model_dump(mode="json")


def _broken(line: str, number: int, error: ValidationError) -> dict[str, Any]:
    """The record of a line that cannot be read, with its number and, if it can be found, its id."""
    from assistant.answer import Answer

    first = error.errors()[0]
    why = "不是有效的 JSON" if first["type"] == "json_invalid" else _wrong(first)
    message = f"第{number}行{why}；每行要写成 {{\"id\": \"q1\", \"turns\": [\"问题\"], \"as_of\": \"2025-09-01\"}}"
    try:
        name = json.loads(line).get("id")
    except (ValueError, AttributeError, RecursionError):
        name = None
    answer = Answer(text=message, status="error", session="", model="embedded", elapsed_ms=0)
    return {"id": name, "line": number, "error": message, "answers": [answer.model_dump(mode="json")]}


def _wrong(error: Any) -> str:
    """Which part of a line is wrong: 缺少 turns, as_of 不对."""
    if not error["loc"]:
        return "不是 JSON 对象"
    where = ".".join(str(part) for part in error["loc"])
    return f"缺少 {where}" if error["type"] == "missing" else f"的 {where} 不对"


def _search(options: argparse.Namespace) -> None:
    if not options.question.strip():
        raise UsageProblem('要写上要查的问题，如：python -m assistant search "公司招不到人政府帮不帮忙"')
    from assistant.settings import load_settings
    from corpus import clause_label
    from corpus.embedding import load_embedder
    from corpus.retrieval import open_retriever

    settings = load_settings()
    embedder = load_embedder(settings.embedding_model or None)
    hits = open_retriever(settings.data_dir, embedder, settings.chroma_url or None).search(options.question, options.top)
    if options.json:
        rows = [
            {"clause": h.clause, "title": h.title, "score": h.score, "sentences": [s.text for s in h.sentences]}
            for h in hits
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return
    for hit in hits:
        print(f"{clause_label(hit.clause)} {hit.title}（{hit.score:.2f}）\n    {hit.sentences[0].text}")
    if not hits:
        print("没有找到相关条款，请换个说法。")


def _calculate(options: argparse.Namespace) -> None:
    from assistant.channels.plain_text import calculation_text
    from tools.catalogue import UnknownTool, calculate, catalogue
    from tools.facts import FactError

    if options.list:
        rows = [
            {"tool": t.id, "title": t.title, "clauses": list(t.benefit.clauses), "schema": t.schema()}
            for t in catalogue().values()
        ]
        text = "\n".join(f"{r['tool']}  {r['title']}（第{'、'.join(map(str, r['clauses']))}条）" for r in rows)
        print(json.dumps(rows, ensure_ascii=False) if options.json else text)
        return
    if options.tool is None:
        raise UsageProblem("要写明用哪个计算器；用 --list 列出全部")
    try:
        result = calculate(options.tool, _facts(options.facts), options.as_of or date.today())
    except (UnknownTool, FactError) as error:
        raise UsageProblem(str(error).strip("\"'")) from None
    print(result.model_dump_json() if options.json else calculation_text(result))


def _screen(options: argparse.Namespace) -> None:
    from assistant.channels.plain_text import screening_text
    from tools.facts import FactError
    from tools.screening import screen

    try:
        found = screen(_facts(options.facts), options.as_of or date.today())
    except FactError as error:
        raise UsageProblem(str(error)) from None
    print(found.model_dump_json(by_alias=True) if options.json else screening_text(found))


def _chat(options: argparse.Namespace) -> None:
    import uuid

    from assistant.channels.plain_text import answer_text

    if sys.stdin.isatty():
        import readline  # noqa: F401  # line editing and history in input()
    assistant, session = _assistant(), options.session or uuid.uuid4().hex
    print("您好！请说您的问题；输入“退出”结束，“新对话”重新开始。", file=sys.stderr)
    while True:
        try:
            question = input("> " if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            return
        if question in ("退出", "exit", "quit", "q"):
            return
        if question in ("新对话", "重新开始"):
            session = uuid.uuid4().hex
            print("已开始新对话。", file=sys.stderr)
        elif question:
            answer = assistant.ask(question, session, options.as_of)
            print(answer.model_dump_json() if options.json else answer_text(answer) + "\n", flush=True)


def _serve(options: argparse.Namespace) -> None:
    from assistant.channels.serve import serve
    from assistant.settings import load_settings

    given = {"host": options.host, "port": options.port}
    settings = load_settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    serve(settings, _progress)


def _simulate(options: argparse.Namespace) -> None:
    from assistant.channels.wechat_rehearsal import HELP, platform_for, rehearse
    from assistant.settings import load_settings

    settings = load_settings()
    platform = platform_for(options.channel, settings, options.url, options.mode or "")
    if not options.words and sys.stdin.isatty():
        print(HELP, file=sys.stderr)
    api_url = settings.wecom_api_url if options.channel == "wecom" else settings.wechat_api_url
    rehearse(platform, api_url, options.user, options.words or sys.stdin)


def _mcp(options: argparse.Namespace) -> None:
    from assistant.channels.mcp_server import serve_stdio

    serve_stdio(_assistant())


def _index(options: argparse.Namespace) -> None:
    folder = _assistant().prepare(_progress)
    print(f"索引已就绪：{folder}", file=sys.stderr)


def _progress(done: int, total: int) -> None:
    width = 30 * done // max(total, 1)
    print(f"\r建索引 [{'█' * width}{' ' * (30 - width)}] {done}/{total}", end="", file=sys.stderr, flush=True)
    if done == total:
        print(file=sys.stderr)


def _feedback(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from assistant.channels.web_turns import opinions
    from assistant.settings import load_settings

    found = opinions(load_settings().data_dir)
    for opinion in found:
        line = f"{opinion.day}  {'有帮助' if opinion.good else '没帮助'}  {opinion.word}".rstrip()
        print(json.dumps(asdict(opinion), ensure_ascii=False) if options.json else line)
    good = sum(opinion.good for opinion in found)
    print(f"共{len(found)}条评价：有帮助{good}条，没帮助{len(found) - good}条", file=sys.stderr)


def _evaluate(options: argparse.Namespace) -> None:
    from assistant.evaluation import compare, default_cases, evaluate, load_cases, report, write_outcomes

    paths = options.cases or default_cases()
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        raise UsageProblem(f"找不到用例文件 {missing[0]}" if missing else "没有用例文件；用 --cases 指定")
    changes = {"model": options.model} if options.model else {}
    assistant = _assistant(**changes)
    outcomes, figures = evaluate(assistant, load_cases(paths))
    text = report(outcomes, figures)
    if options.outcomes:
        write_outcomes(outcomes, options.outcomes)
    if options.against:
        text += compare(outcomes, options.against)
    if options.report:
        options.report.write_text(text, "utf-8")
        text = text.split("## 没有做对的用例")[0]
    print(text)
