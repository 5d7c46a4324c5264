"""Numbers as people write them, and words that only look like numbers."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.numerals import Number, find_numbers, parse_chinese

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """The standard Chinese numeral of 0 to 10^12 - 1, written from the rules of the language."""
    if number == 0:
        return "零"
    parts: list[str] = []
    gap = False
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        section, number = divmod(number, size)
        if section:
            inner = _section(section)
            parts.append(("零" if parts and (gap or section < 1000) else "") + inner + name)
        gap = bool(parts) and not section
    text = "".join(parts)
    return text.removeprefix("一") if text.startswith("一十") else text


def _section(number: int) -> str:
    text = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += DIGITS[digit] + name
        elif text and number and not text.endswith("零"):
            text += "零"
    return text


def one(text: str) -> Number:
    numbers = list(find_numbers(text))
    assert len(numbers) == 1, numbers
    return numbers[0]


@given(st.integers(0, 10**12 - 1))
@example(10)
@example(110)
@example(100_000_001)
@example(10_010_001)
@example(100_500_000_000)
def test_a_chinese_numeral_means_its_number(number: int) -> None:
    text = chinese(number)
    assert parse_chinese(text) == number
    found = one(f"共{text}元整")
    assert found.value == number
    assert found.text == text
    assert not (found.percent)
    assert not (found.approximate)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_an_arabic_number_means_itself(whole: int, hundredths: int) -> None:
    amount = Decimal(whole) + Decimal(hundredths) / 100
    for text in (f"{amount:f}", f"{amount:,f}"):
        found = one(f"共{text}元")
        assert found.value == amount
        assert found.text == text


@given(st.integers(1, 9999), st.sampled_from(["", "十", "百", "千"]), st.sampled_from(["万", "亿"]))
def test_mixed_numerals(number: int, small: str, large: str) -> None:
    value = number * {"": 1, "十": 10, "百": 100, "千": 1000}[small] * {"万": 10**4, "亿": 10**8}[large]
    if small and number >= 10:
        return
    assert one(f"共{number}{small}{large}元").value == value


@given(st.text("0123456789.,一二两三五十百千万亿零点成个%‰负-半来多几分之kw年月人元 约第次性", max_size=12))
def test_found_numbers_are_slices_in_order(text: str) -> None:
    end = 0
    for number in find_numbers(text):
        assert end <= number.start < number.end
        assert text[number.start : number.end] == number.text
        assert number.value.is_finite()
        end = number.end


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1500", 1500), ("1,500", 1500), ("12，500", 12500), ("28万", 280000), ("28 万", 280000), ("3.5万", 35000),
        ("3万5", 35000), ("3万5千", 35000), ("1万3千5百", 13500), ("12万3456", 123456), ("3万零5百", 30500),
        ("1亿2千万", 120_000_000), ("4百万", 4_000_000), ("3w", 30000), ("15k", 15000), ("5千", 5000),
        ("二十八万", 280000), ("一千五", 1500), ("三万五", 35000), ("一百零五", 105), ("一百一", 110), ("六百八", 680),
        ("一亿二", 120_000_000), ("两千零二十五", 2025), ("二〇二五", 2025), ("廿五", 25), ("三点五万", 35000),
        ("十点五", Decimal("10.5")), ("三个亿", 300_000_000), ("肆仟伍佰", 4500), ("俩", 2), ("仨", 3), ("零", 0),
    ],
)  # fmt: skip
def test_what_a_number_means(text: str, value: int | Decimal) -> None:
    found = one(f"共{text}")
    assert found.value == value
    assert found.text == text
    assert not found.percent
    assert not found.approximate


@pytest.mark.parametrize(
    ("text", "per_cent"),
    [
        ("25%", "25"), ("0.5 %", "0.5"), ("百分之二十五", "25"), ("百分之7.5", "7.5"), ("百分之七点五", "7.5"),
        ("五成", "50"), ("五成半", "55"), ("七成五", "75"), ("千分之五", "0.5"), ("5‰", "0.5"), ("三分之二", "66.6667"),
        ("十分之一", "10"), ("一半", "50"), ("半数", "50"), ("百分百", "100"), ("百分之百", "100"), ("20个百分点", "20"),
    ],
)  # fmt: skip
def test_per_cent(text: str, per_cent: str) -> None:
    found = one(f"留用了{text}")
    assert found.value == Decimal(per_cent)
    assert found.percent
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    ["十来个", "十几个", "一百多人", "100多人", "1万多", "几十个", "近百人", "将近20人", "约30人", "30左右", "30人左右",
     "1500元左右", "3年多", "数十人", "上千人", "三四个", "三五个", "两三个月", "二三十人", "一两百块", "二十七八岁"],
)  # fmt: skip
def test_what_is_only_roughly_said(text: str) -> None:
    assert one(text).approximate


@pytest.mark.parametrize("text", ["最近5个月", "附近3家", "签约5人", "5个来自广西的", "3个人", "多少人20岁"])
def test_what_is_exact(text: str) -> None:
    assert not one(text).approximate


@pytest.mark.parametrize(
    "text",
    ["一次性补贴", "一共多少", "统一标准", "万一不行", "十分感谢", "千万不要", "百色市", "四川", "零工市场", "五险一金", "一下",
     "万元", "第一次创业", "周三去", "成千上万", "一点也不", "亿", "队伍", "大陆"],
)  # fmt: skip
def test_words_that_are_no_numbers(text: str) -> None:
    assert list(find_numbers(text)) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10个中级工和5个高级工", [10, 5]),
        ("5个应届生、3个20岁的", [5, 3, 20]),
        ("16—24岁", [16, 24]),
        ("5-6个", [5, 6]),
        ("2025年12月底", [2025, 12]),
        ("2025-09-01", [2025, 9, 1]),
        ("贷款30万3年", [300000, 3]),
        ("三十万三年", [300000, 3]),
        ("30万10个人", [300000, 10]),
        ("统一一个", [1]),
        ("一千零零五", [1000, 5]),
        ("二十十", [20, 10]),
        ("负责3个", [3]),
    ],
)
def test_several_numbers(text: str, values: list[int]) -> None:
    assert [number.value for number in find_numbers(text)] == values


def test_a_very_long_numeral_takes_no_time() -> None:
    assert sum(1 for _ in find_numbers("十" * 3000)) == 3000
    assert list(find_numbers("一" * 3000))


@pytest.mark.parametrize("text", ["-5人", "负5", "−5"])
def test_below_zero(text: str) -> None:
    assert one(text).value == -5


@pytest.mark.parametrize("text", ["", "万", "十百", "二十十", "一千零零五", "三四", "人", "一万亿亿", "零分", "半"])
def test_no_numeral(text: str) -> None:
    assert parse_chinese(text) is None
