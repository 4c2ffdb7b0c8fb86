"""A catalogue speaks the language of its site."""

import pytest

from pipeline.sandbox.world import catalogue
from pipeline.sandbox.world.sites import SITES


@pytest.mark.parametrize(
    ("site_id", "its_words", "their_words", "its_colours"),
    [
        ("MLB", {"Cadeira", "Tênis"}, {"Silla"}, {"Vermelho", "Azul", "Preto"}),
        ("MLA", {"Silla", "Zapatillas"}, {"Cadeira"}, {"Rojo", "Azul", "Negro"}),
    ],
)
def test_titles_and_colours_are_in_the_language_of_the_site(
    site_id: str, its_words: set[str], their_words: set[str], its_colours: set[str]
) -> None:
    items = [catalogue.item(1, 0, SITES[site_id], rank) for rank in range(200)]
    first_words = {item.title.split()[0] for item in items}
    assert its_words <= first_words
    assert not their_words & first_words
    assert {item.colour[0] for item in items if item.colour} == its_colours
