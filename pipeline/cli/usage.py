"""How `--help` and what is wrong with a value read: no words of a programmer.

Not here: the sentences (`main.py`).
"""

from typing import Any

from typer import BadParameter
from typer.core import TyperArgument, TyperCommand, TyperGroup

from pipeline.settings import first_in_words


class Commands(TyperGroup):
    """A list of commands that breaks sentences instead of cutting them."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with the whole first sentence of its help."""
        commands = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (command.name or "", command.get_short_help_str(limit=1_000))
                    for command in commands
                    if command is not None and not command.hidden
                ]
            )


class Command(TyperCommand):
    """A command whose arguments have names and sentences, but no types."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say what is wrong with a value as settings say it."""
        try:
            return super().parse_args(ctx, args)
        except BadParameter as error:
            error.message = first_in_words(error.__cause__) or error.message
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`FILE`, not `{FILE}`; one that may be left out stays in brackets."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options."""
        parameters = self.get_params(ctx)
        arguments = [
            (one.metavar or one.name or "", one.help or "")
            for one in parameters
            if isinstance(one, TyperArgument)
        ]
        options = [
            one.get_help_record(ctx)
            for one in parameters
            if not isinstance(one, TyperArgument)
        ]
        for title, rows in (("Arguments", arguments), ("Options", options)):
            if shown := [row for row in rows if row is not None]:
                with formatter.section(title):
                    formatter.write_dl(shown)
