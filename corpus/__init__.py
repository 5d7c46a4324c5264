"""What the policy says: the action plan as parsed data, and search over it.

Only the plan is imported here; search lives in `corpus.retrieval`, whose libraries take a while to import.
"""

from corpus.plan import (
    Action,
    Clause,
    Period,
    Plan,
    PlanFormatError,
    Sentence,
    chinese_numeral,
    clause_label,
    load_plan,
)

__all__ = [
    "Action",
    "Clause",
    "Period",
    "Plan",
    "PlanFormatError",
    "Sentence",
    "chinese_numeral",
    "clause_label",
    "load_plan",
]
