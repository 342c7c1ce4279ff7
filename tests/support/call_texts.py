"""One short call, written for these tests, in every layout."""

from __future__ import annotations

HEADER = "Tern Data (TRND) Q4 2024 Earnings Call\nJan 30, 2025, 5:00 p.m. ET\n"
PEOPLE = [
    ("Mara Lind", "Head of Investor Relations"),
    ("Jon K. Aster", "Chief Executive Officer"),
    ("Priya Venn", "Chief Financial Officer"),
    ("Tomas de Wit", "Harbour Bank -- Analyst"),
    ("Lee O'Dell", "Quay Securities -- Analyst"),
]
ROLES = dict(PEOPLE)
PREPARED = [
    ("Operator", "Good afternoon and welcome. I now hand over to Mara Lind."),
    ("Mara Lind", "Thank you. Remarks about the future involve risk."),
    ("Jon K. Aster", "We will double our spending.\nCheaper models bring more use: always."),
    ("Priya Venn", "Revenue was up 9%.\nMargins held."),
]
QUESTIONS = [
    ("Operator", "Our first question comes from the line of Tomas de Wit with Harbour Bank."),
    ("Tomas de Wit", "Is the spending safe if models get cheaper?"),
    ("Jon K. Aster", "I am sure of it."),
    ("Tomas de Wit", "Even so?"),
    ("Priya Venn", "Even so."),
    ("Operator", "The next question comes from Lee O'Dell with Quay Securities."),
    ("Lee O'Dell", "Who pays?"),
    ("Jon K. Aster", "Customers do."),
    ("Operator", "I would like to turn the call back over to Jon K. Aster."),
    ("Jon K. Aster", "Thank you all."),
]
SPEAKERS = [name for name, _ in PREPARED + QUESTIONS]


def _turn(layout: str, name: str, text: str) -> str:
    role = ROLES.get(name, "")
    if layout == "dashed":
        return f"{name} -- {role}\n{text}\n" if role else f"{name}\n{text}\n"
    if layout == "three lines":
        return f"{name}\n--\n{role}\n{text}" if role else f"{name}\n{text}"
    if layout == "colon":
        return f"{name}: {text}\n"
    if layout == "spaced colon":
        return f"{name} : {text}\n"
    if layout == "colon with role":
        return f"{name}, {role}: {text}\n" if role else f"{name}: {text}\n"
    if layout == "headings":
        return f"## {name}, {role}\n\n{text}\n" if role else f"## {name}\n\n{text}\n"
    if layout == "dots":
        mark = " Q" if "Analyst" in role else " A"
        head = f"{name}\n{role}{mark}" if role else f"{name}: "
        return f"{'.' * 60}\n{head}\n{text}" if role else f"{'.' * 60}\n{head}{text}"
    return f"{name}\n\n{text}\n"


LAYOUTS = (
    "dashed",
    "three lines",
    "colon",
    "spaced colon",
    "colon with role",
    "headings",
    "dots",
    "bare",
)


def call(layout: str, *, headings: bool = True, people: bool = True, header: str = HEADER) -> str:
    lines = [header]
    lines += ["Prepared Remarks:"] if headings else []
    lines += [_turn(layout, *turn) for turn in PREPARED]
    lines += ["Questions and Answers:"] if headings else []
    lines += [_turn(layout, *turn) for turn in QUESTIONS]
    if people:
        lines += ["Call participants:", *(f"{name} -- {role}" for name, role in PEOPLE)]
    return "\n".join(lines)
