"""A pasted table as a list of sentences: rows of 人数, 等级, 已缴月数 become 10人，中级工，已缴10个月；…"""

import re
from collections.abc import Iterator, Sequence

_SEPARATORS = (r"\t+", r"\s*\|\s*", r"\s*[,，]\s*", r"\s*/\s*", r" {2,}|　+")
"""Between the cells of a row, the surest first."""
_RULE = re.compile(r"[|\s:—-]*-{2,}[|\s:—-]*")
"""The line under the head of a Markdown table."""
_COUNTING = re.compile(r"序号|编号|^#$|^no\.?$", re.IGNORECASE)
_NAMES = re.compile(r"姓名|员工|人员$|^人$|名字|班级|班$|企业$|单位$|部门|单元|厂")
"""Columns that only tell the rows apart."""
_UNITS = ((re.compile(r"月数|个月"), "个月"), (re.compile(r"年限|年数"), "年"), (re.compile(r"人数|名额"), "人"), (re.compile(r"年龄|岁"), "岁"), (re.compile(r"月份"), "月"))
"""What a bare number in a column is a number of."""
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_AMOUNT = re.compile(rf"{_NUMBER.pattern}\s*(?:万?元|块|%|％)?")
_PEOPLE = re.compile(r"姓名|员工|人员|身份|类别|对象")
_LEAST = 3
"""Cells of a row that make it one of a table."""


def without_tables(message: str) -> str:
    """The message with each table as sentences, one for each row, separated by ；."""
    lines = message.splitlines()
    told: list[str] = []
    while lines:
        rows, used = _table(lines)
        told += [f"{'；'.join(_sentences(rows))}。"] if rows else lines[:used]
        lines = lines[used:]
    return "\n".join(told)


def _table(lines: Sequence[str]) -> tuple[list[list[str]], int]:
    """The rows of the table that these lines begin with, its head first, and how many lines it takes; no rows: one line."""
    for separator in _SEPARATORS:
        rows: list[list[str]] = []
        used = 0
        for line in lines:
            if _RULE.fullmatch(line) and rows:
                used += 1
                continue
            cells = [cell.strip() for cell in re.split(separator, line.strip().strip("|"))]
            if len(cells) < _LEAST or (rows and len(cells) != len(rows[0])):
                break
            rows.append(cells)
            used += 1
        if len(rows) > 1 and not any(_NUMBER.search(cell) for cell in rows[0] if not re.search(r"年|月", cell)) and any(_NUMBER.search(cell) for cell in rows[1]):
            return rows, used
    return [], 1


def _sentences(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *body = rows
    each = any(_PEOPLE.search(name) for name in head) and not any(re.search(r"人数|名额", name) for name in head)
    for row in body:
        cells = [_cell(name, cell) for name, cell in zip(head, row, strict=True) if cell and not (_COUNTING.search(name) or _NAMES.search(name))]
        yield "，".join([*(["1人"] if each else []), *cells])


def _cell(name: str, cell: str) -> str:
    """A cell with what its column says: 已缴月数 10 is 已缴10个月, 单位每月实缴 986元 stays what it is."""
    bare = _NUMBER.fullmatch(cell)
    for words, unit in _UNITS:
        if words.search(name):
            label = words.sub("", name)
            label = "" if unit in ("人", "岁") else label
            return f"{label}{cell}{unit if bare else ''}"
    if _AMOUNT.fullmatch(cell):
        return f"{re.sub(r'/月$|（.*?）|[(].*?[)]', _per_month, name)}{cell}{'元' if bare else ''}"
    return cell


def _per_month(match: re.Match[str]) -> str:
    return "每月" if match[0] == "/月" else ""
