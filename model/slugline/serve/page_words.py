"""Numbers and labels as the page writes them."""

from __future__ import annotations


def percent(probability: float) -> str:
    """A probability for a person; no classifier is certain, so none is 0 or 100 %.

    >>> percent(0.874), percent(0.9999), percent(0.0001)
    ('87 %', '>99 %', '<1 %')
    """
    if probability > 0.995:
        return ">99 %"
    return "<1 %" if probability < 0.005 else f"{100 * probability:.0f} %"


def signed(value: float) -> str:
    """A contribution for a person.

    >>> signed(-0.5), signed(0.254)
    ('−0.50', '+0.25')
    """
    return f"{value:+.2f}".replace("-", "−")


def type_name(label: str) -> str:
    """An event type as it is shown.

    >>> type_name("peace_process"), type_name("Law and crime"), type_name("none")
    ('Peace process', 'Law and crime', 'None')
    """
    plain = label.replace("_", " ")
    return plain[:1].upper() + plain[1:]
