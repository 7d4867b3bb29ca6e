"""Templates once for each language: what they say without parts is compiled into them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Self, cast

from flask import g
from flask.templating import Environment
from jinja2 import Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from orchard import words

SAYS = ("name", "lparen", "string", "rparen")  # t("some.key")


class Spoken(Environment):
    """Jinja that keeps an environment for each language; `t` there needs no look at the reader."""

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: Any = None
    ) -> Template:
        """Return the template in the reader's language."""
        if self.overlayed:
            return super().get_template(name, parent, globals)
        return self._in(g.get("locale", words.LOCALES[0])).get_template(name, parent, globals)

    def _in(self, locale: str) -> Self:
        spoken: dict[str, Self] = self.__dict__.setdefault("_spoken", {})
        if locale not in spoken:
            made = self.overlay(extensions=[Sentences])
            made.globals = {**self.globals, "t": partial(words.text, locale)}
            spoken[locale] = made
        return spoken[locale]


class Sentences(Extension):
    """Puts the sentence in the place of t("some.key"); it is escaped as any other word."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Return the tokens of a template with such calls replaced."""
        say = cast(Callable[[str], str], self.environment.globals["t"])
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            kinds = tuple(each.type for each in tokens[at : at + 4])
            if token.value == "t" and kinds == SAYS and tokens[at - 1].type != "dot":
                yield Token(token.lineno, "string", say(tokens[at + 2].value))
                at += 4
            else:
                yield token
                at += 1
