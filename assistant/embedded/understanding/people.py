"""People told of without a number, as so many: 小韦跟小黄 are 2个, 请了个大姐 is one, 剩下一个 is one that is left."""

import re

from assistant.embedded.patterns import regex
from assistant.embedded.understanding.groups import UnclearGroupError

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘范彭鲁韦马方任袁柳史唐薛雷贺倪汤罗毕郝安常于傅顾孟黄穆萧尹"
    "姚邵汪祁毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房丁邓洪包左石崔龚程邢裴陆翁段侯"
    "全宁甘刘龙叶黎白蒙谭覃农廖曾余肖侬"
)
_CALLED = rf"(?:[{_SURNAMES}]某(?!些|种)|[小老阿][{_SURNAMES}](?![的店板家])|阿[\u4e00-\u9fff](?<![姨爸妈公婆里拉])|[甲乙丙](?=(?:今年|全年|一年|每个?月|个人|单位|交|缴|是|\d)))"
_AFTER_NAME = rf"(?=[跟和与是也都今去刚还才没有交签]|全年|每个?月|\d|{_CALLED})"
"""What follows a name in the middle of a sentence: 招了三个人小韦跟小黄是…; not 小方面."""
NAME = re.compile(rf"(?<![\u4e00-\u9fff]){_CALLED}|{_CALLED}{_AFTER_NAME}|(?<=[跟和与、]){_CALLED}")
"""小陆, 老王, 阿琳."""
_NAMES = re.compile(
    rf"(?:(?<=[,。; ])(?:和|与|跟))?((?:(?<![\u4e00-\u9fff]){_CALLED}|{_CALLED}{_AFTER_NAME})(?:(?:和|跟|与|、|还有)?{_CALLED})*)"
    r"([二两三四五六](?=个)|俩|仨)?(?:个人?)?"
)
"""Names in a row, with their number if it is told too: 阿明阿强阿珍三个都…"""
_ONE = re.compile(
    r"有个(?=人|员工|毕业生|学生|小伙|姑娘|见习|[他她才没只是不签])|(?<=还)有个(?!按|补|政策|事|问题|说法|叫|是|什么|啥|能|可以|不懂|不明)"
    r"|(?<=[请招雇聘来收进带找][了到来进])(?:了)?个(?=[\u4e00-\u9fff]{2}|\d\d岁)"
)
"""有个员工, 又请了个大姐."""
_RUN_TOGETHER = regex(r"(?<=[俩仨])(?=[{numeral}])")
"""另外俩一个去考研一个回老家, 他俩一共: two, of whom one…; not 21."""
_LEFT = re.compile(r"(?<=剩下)(?=[一1]个)")
"""剩下一个 is no 下一个."""

_OF_THAT_AGE = re.compile(r"(\d{2}岁)的?那个")
_COUPLE = re.compile(r"我(?:跟|和|与|同)我?(?:老公|老婆|爱人|对象|媳妇|先生|丈夫|妻子|男朋友|女朋友)(?=都|两|各|[^,。;]{0,12}[,。;]?(?:一人|各))")
"""我跟老公都是…，一人注册了一个: two of them."""
_FIRST_ONES = regex(r"(?<=[,。;])前[{numeral}俩仨]+{of_people}")
_EACH_ONE = re.compile(r"(?:一人|每人|每个人|各自)(?:都)?(?=(?:去|来)?(?:注册|登记|开|办)了?[一1]?[个家间])")
"""一人注册了一个: each one of their own."""
_OTHER = re.compile(r"另(?=[一1][个名位](?!问题|事|情况|方面|政策|补|月|公司|单位|店|厂|镇|县|城))")
"""另一个也是应届生: a number like 另外一个."""


def counted(text: str) -> str:
    """A text in normal form with people who are named, or meant by 个 alone, as numbers of people."""
    text = _ONE.sub(lambda m: "有一个" if m[0].startswith("有") else "一个", text)
    text = _OTHER.sub("另外", text)
    if len(_OF_THAT_AGE.findall(text)) > 1:
        text = _OF_THAT_AGE.sub(r"一个\1的", text)  # 29岁那个学化学，33岁那个学法律
    if _FIRST_ONES.search(text) and len(set(NAME.findall(text))) == 1:
        text = NAME.sub("剩下一个", text, count=1)  # 前三个6月来的…；小韦9月才来
    text = _EACH_ONE.sub("各", _COUPLE.sub("我们2个人", text))
    return _unnamed(_LEFT.sub("的", _RUN_TOGETHER.sub(",", text)))


def _unnamed(text: str) -> str:
    """小陆还剩四个月，小农还剩一个月: people told apart by their names are one each, 小韦跟小黄 are two.

    Who of them is meant where more is told of somebody named before is not kept track of: UnclearGroupError.
    """
    names = NAME.findall(text)
    if len(set(names)) < 2:
        return text
    known: set[str] = set()
    for name in NAME.finditer(text):
        if name[0] in known and _TELLING.match(text, name.end()):
            raise UnclearGroupError
        known.add(name[0])
    known.clear()
    return _NAMES.sub(lambda run: _so_many(run, known), text)


_TELLING = re.compile(r"[^,。;!?\s]*?(?:\d|[二两三四五六七八九十]|没|未|不|合同|签|社保|险|岁|失业|毕业|应届)")
"""Something of the case: not 老李还带了仪器来."""


def _so_many(names: re.Match[str], known: set[str]) -> str:
    """The names as a number of people, with what was told of their number besides; those known already stay."""
    called = re.findall(rf"{_CALLED}|[甲乙丙]", names[1])
    if known.issuperset(called):
        return names[0]
    known.update(called)
    number = len(called)
    told = names[2] and ("二三四五六".find(names[2]) + 2 if names[2] in "二三四五六" else 3 if names[2] == "仨" else 2)
    apart = "," if re.search(r"[\d元块万]$", names.string[: names.start()]) else ""  # 甲5200元乙4800元
    return f"{apart}{number}个" + ("" if told in (None, number) else names[0].removeprefix(names[1]))
