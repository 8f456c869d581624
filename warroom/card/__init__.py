"""The model card as one page: facts in, HTML out."""

from warroom.card.page import render_card

__all__ = ["render_card"]
