"""Numbers that point at a person never get past the door; what people come to ask about does."""

import os
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from assistant.privacy import IDENTITY, NUMBER, PHONE, Pseudonyms, masked


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我的手机是13800138000，招了5个人", f"{PHONE}，招了5个人"),
        ("138-0013-8000", PHONE),
        ("电话：+86 138 0013 8000。", f"{PHONE}。"),
        ("008613800138000", PHONE),
        ("１３８００１３８０００", PHONE),
        ("打幺三八零零幺三八零零零找我", f"打{PHONE}找我"),
        ("13800138000,13900139000", f"{PHONE},{PHONE}"),
        ("13800138000人", f"{PHONE}人"),
        ("身份证450103199001011234", IDENTITY),
        ("450103 19900101 123x", IDENTITY),
        ("我叫张三，身份证号码为450103199001011234，手机：13800138000，招了5个人", f"我叫张三，{IDENTITY}，{PHONE}，招了5个人"),
        ("第一代450103900101123的", f"第一代{IDENTITY}的"),
        ("４５０１０３１９９００１０１１２３４", IDENTITY),
        ("身份证四五零一零三一九九零零一零一一二三四", IDENTITY),
        ("写错的450103199013011234", f"写错的{NUMBER}"),
        ("卡号6222021234567890123", NUMBER),
        ("1380013800013900139000", NUMBER),
    ],
)
def test_numbers_of_a_person_are_masked(said: str, kept: str) -> None:
    assert masked(said) == kept
    assert masked(kept) == kept


@pytest.mark.parametrize(
    "said",
    [
        "去年交了100000元，2025年9月1日招了5人，每人1500元",
        "贷款13800138000元", "贷款 13800138000 元", "￥13800138000", "13800138000.50", "营业额138 0013 8000 万",
        "工资分别是13000 15000 12345", "2025-09-01到2025-12-31", "18,000,000,000元", "一千五百三十八元", "", "138001380",
    ],
)
def test_amounts_and_dates_are_left_alone(said: str) -> None:
    assert masked(said) == said


def test_an_account_has_one_name_in_every_process_and_another_in_another_installation(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ProcessPoolExecutor(4) as pool:
        names = set(pool.map(_name, [folder] * 8))
    assert names == {Pseudonyms(folder).of("wechat", "oABC")}
    assert Pseudonyms(tmp_path / "other").of("wechat", "oABC") not in names
    assert stat.S_IMODE(os.stat(folder / "pseudonym.key").st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["pseudonym.key"]


def test_parts_of_a_name_do_not_run_into_each_other(tmp_path: Path) -> None:
    names = Pseudonyms(tmp_path)
    assert names.of("ab", "c") != names.of("a", "bc")
    assert "oABC" not in names.of("oABC")


def _name(folder: Path) -> str:
    return Pseudonyms(folder).of("wechat", "oABC")
