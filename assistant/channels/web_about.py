"""关于: what the assistant can and cannot do, where its figures come from, and who answers."""

from assistant.channels.web_html import Html, day_words, el, texts
from assistant.settings import Settings
from corpus import load_plan
from tools.catalogue import catalogue


def about_view(settings: Settings) -> Html:
    """The page's sections, and the facts about this installation."""
    said = texts()["about"]
    sections = [
        el("section", el("h3", part["title"]), el("ul", [el("li", point.format(days=settings.keep_days)) for point in part["points"]]))
        for part in said["sections"]
    ]
    names = said["fields"]
    rows = [el("div", el("dt", names[name]), el("dd", value)) for name, value in _facts(settings).items()]
    plan = el("section", el("h3", said["plan"]), el("dl", rows), el("p", said["issuer_note"], class_="help"))
    return el("div", el("h2", said["heading"], tabindex="-1"), el("div", sections, class_="sections"), plan, class_="view-inner")


def _facts(settings: Settings) -> dict[str, str]:
    said, plan = texts()["about"], load_plan()
    ends = [max(found) for tool in catalogue().values() if (found := [w.valid_until for w in tool.benefit.windows if w.valid_until])]
    model = said["language_model"].format(name=settings.model.partition(":")[2] or settings.model) if settings.model else said["embedded"]
    return {
        "document": plan.title,
        "issuer": plan.issuer,
        "published": day_words(plan.published),
        "source": plan.source,
        "clauses": said["clause_count"].format(count=len(plan.clauses)),
        "tools": said["tool_count"].format(count=len(catalogue())),
        "periods": said["period_count"].format(count=len(ends), day=day_words(max(ends))),
        "model": model,
    }
