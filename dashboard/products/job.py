"""One order for a product: the data, the question, its answer, and the words and choices that go with it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.drawing import Drawing, draw
from dashboard.products.content import Words, words_for
from dashboard.products.layout import retitled
from dashboard.products.options import PageOptions
from dashboard.products.recipe import Recipe, recipe_for
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.release import released
from geodata.store import Answer, Store


@dataclass(frozen=True, slots=True)
class Job:
    """All that a writer of a format needs; `drawing` groups nothing."""

    dataset: Dataset
    view: View
    answer: Answer
    drawing: Drawing
    words: Words
    options: PageOptions
    recipe: Recipe

    @property
    def store(self) -> Store:
        """The records."""
        return self.dataset.store


def job_for(dataset: Dataset, view: View, options: PageOptions, format_name: str) -> Job:
    """Ask the question of a view and write its words; `options` must have their day of production."""
    dataset = released(dataset, public=view.public)
    answer = dataset.store.ask(view.selection, by=view.colour_by)
    drawing = draw(dataset.store, answer, view)
    words = retitled(words_for(dataset, answer, drawing, view), options)
    return Job(dataset, view, answer, drawing, words, options, recipe_for(dataset, view, options, format_name))
