"""What is not answered from the plan: other places, other subjects, and what has to be refused."""

import re
from datetime import date

from assistant.embedded.deciding.decision import Decision
from assistant.embedded.deciding.nearness import FAIRLY_NEAR
from assistant.embedded.deciding.questions import QUESTION, kinds_of_question
from assistant.embedded.deciding.topics import Aside, Topic, find_aside, named_benefits, named_places
from assistant.embedded.patterns import alternation, load_data, regex
from assistant.embedded.understanding.mentions import find_mentions
from assistant.embedded.understanding.words import asks


def elsewhere_than_here(text: str) -> str:
    """The place outside Guangxi that a question is about; empty if there is none."""
    data = load_data("regions")
    places = "|".join(data["elsewhere"].split())
    home = "|".join(data["guangxi"].split())
    named = [place.group() for place in re.finditer(places, text)]
    if not named:
        return ""
    # 我在佛山上班，想问广东招应届生的补助: the first that is not only where somebody was.
    origins = [alternation(data["origin"].replace("{place}", place)) for place in named]
    place = next((place for place, origin in zip(named, origins, strict=True) if not origin.search(text)), named[0])
    compared = asks("difference", text) or "一样" in text or alternation(data["there"].replace("{place}", place)).search(text)
    for other in named:
        if re.search(rf"{other}(?:省|市)?(?:(?:那边|那里|那头)[^,。]{{0,8}}(?:补|贷|政策|标准)|的?(?:规定|政策|标准))", text):
            return other
    if re.search(home, _DENIED_HOME.sub("", text)) and not compared:
        return ""
    return "" if all(origin.search(text) for origin in origins) else place


_DENIED_HOME = re.compile(r"不(?:是|在)(?:广西|区内|本区|我区)[^,。?]{0,4}")
_TAKEN_UP = re.compile(r"^(?:那么?|还有|哦|对了|,)*([^,。?]{2,12}?)呢")


def asks_outside(text: str, *, near: bool) -> Aside | None:
    """我妈72年的…几岁能退休: what is asked, not a word beside it, is of another subject.

    Where the message stands ``near`` to the plan, only what it takes up by name counts: 那公积金呢，个人要交百分之几.
    """
    taken_up = _TAKEN_UP.match(text)
    asking = [part for part in re.split(r"[,。;?\s]", text) if QUESTION.search(part) and not near]
    turned_to = re.match(r"那么?(?!个|种|些|我|他|她|边|这)[^,。;?]+", text)  # 那小微企业的企业所得税怎么算
    parts = [taken_up[1]] if taken_up else asking or ([turned_to[0]] if turned_to else [])
    return next((aside for part in parts if (aside := find_aside(part, "out_of_scope"))), None)


def honest_part(text: str, refused: Aside, as_of: date) -> str:
    """What is left of a message without the part that is refused, if that is a question about a benefit."""
    stops = r"(?<=[。!?;])" if refused.id == "fraud" else r"(?<=[,。!?;:])"
    kept = [part for part in re.split(stops, text) if not (find_aside(part, "refused") or refused.touches(part) or _CLAIM.search(part))]
    rest = "".join(kept).strip(" ,。!?;:")
    told = bool(find_mentions(rest, as_of))
    if not rest or not (told or kinds_of_question(rest)):
        return ""
    # The benefit may have been named in the part that is left out.
    names = named_places(text)
    return rest if named_benefits(rest) else f"{text[slice(*names[0][:2])]},{rest}" if names and told else ""


_CLAIM = regex(r"(?:标准|补助|补贴|返还|每[人户月]|一个人?)(?:现在)?(?:是|为|给|补|按)?[{numeral}百千万]{2,}(?:元|块|万|%)")
"""高级技师每人20000元, beside a made-up source, is no fact of a case."""


def declined(reason: str, aside: Aside) -> Decision:
    intent = {"reply": aside.reply, "near": list(aside.near)}
    return Decision([("decline", {"reason": reason, "topic": aside.id})], intent=intent)


def declined_topic(topic: Topic) -> Decision:
    known = topic.similarity >= FAIRLY_NEAR + 0.02
    kind = "refused" if topic.kind == "refused" and topic.similarity >= 0.94 else "out_of_scope"
    known = known and topic.kind == "out_of_scope"
    return Decision([("decline", {"reason": kind, "topic": topic.id if known and kind == "out_of_scope" else ""})])
