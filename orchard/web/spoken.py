"""Templates once for each language: what they say without parts is compiled into them."""

import re
from collections.abc import Callable, Iterator, MutableMapping
from functools import partial
from keyword import iskeyword
from typing import Any, Self, cast

from flask import g
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import markup_join
from markupsafe import Markup, escape

from orchard import words
from orchard.web import filters

SAYS = ("name", "lparen", "string", "rparen")  # t("some.key")
UNSAFE = re.compile("[&<>'\"]").search  # what escape() replaces


def shown(value: Any) -> Any:
    """Return a value as it stands on a page: what escape() returns, but as it is where it may be.

    A page has hundreds of values; making a Markup of each took a fifth of its time.
    """
    kind = type(value)
    return value if (kind is str and not UNSAFE(value)) or kind is Markup else escape(value)


def joined(parts: tuple[Any, ...]) -> Any:
    """Return parts put together with ~, as Jinja's markup_join() does."""
    return "".join(parts) if all(type(part) is str for part in parts) else markup_join(parts)


class Lean(CodeGenerator):
    """Jinja's compiler; values go out through shown(), and functions are called directly.

    Jinja would first ask each function, each time, whether it wants to know the template; none
    of ours does, and a macro takes what it was written under.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Write a call."""
        hard = node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs)
        if hard or forward_caller:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for part in (*node.args, *node.kwargs):
            self.visit(part, frame)
            self.write(", ")
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """Write parts that are put together."""
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super().visit_Concat(node, frame)
            return
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class Spoken(Environment):
    """Jinja that keeps an environment for each language.

    `t` and the filters that speak know it there, without a look at the reader.
    """

    code_generator_class = Lean
    shown = staticmethod(shown)
    joined = staticmethod(joined)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that a template knows: without own ones the environment's dict itself.

        Jinja's chain of two is copied for each page and compared for each import, name by name.
        """
        return super().make_globals(d) if d else self.globals

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
            for name, say in filters.SPOKEN.items():
                made.filters = {**made.filters, name: partial(say, locale)}
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
