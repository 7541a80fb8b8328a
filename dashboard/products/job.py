"""One order for a product: the data, the question, its answer, and the words and choices that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.drawing import Drawing, draw
from dashboard.products.content import Words, words_for
from dashboard.products.layout import retitled
from dashboard.products.options import PageOptions
from dashboard.products.profile import redacted, redacted_options
from dashboard.products.recipe import Recipe, recipe_for
from dashboard.view import View
from geodata.answer import Answer
from geodata.dataset import Dataset
from geodata.store import Store


@dataclass(frozen=True, slots=True)
class Job:
    """All that a writer of a format needs, as the readers of its profile may see it; `drawing` groups nothing.

    Attributes
    ----------
    left_out
        Records of the view that the profile leaves out, by review state.
    """

    dataset: Dataset
    view: View
    answer: Answer
    drawing: Drawing
    words: Words
    options: PageOptions
    recipe: Recipe
    left_out: Mapping[str, int]

    @property
    def store(self) -> Store:
        """The records."""
        return self.dataset.store


def job_for(dataset: Dataset, view: View, options: PageOptions, format_name: str) -> Job:
    """Ask the question of a view and write its words; `options` must have their day of production.

    Raises
    ------
    QueryError
        When the profile shows none of what the view asks for.
    """
    options = redacted_options(options)
    # The recipe keeps the view as it was asked: with the profile among its options it gives the same product again.
    recipe = recipe_for(dataset, view, options, format_name)
    shown = redacted(dataset, view, options.profile)
    answer = shown.dataset.store.ask(shown.view.selection, by=shown.view.colour_by)
    drawing = draw(shown.dataset.store, answer, shown.view)
    words = replace(words_for(shown.dataset, answer, drawing, shown.view), redaction=shown.note)
    return Job(shown.dataset, shown.view, answer, drawing, retitled(words, options), options, recipe, shown.left_out)
