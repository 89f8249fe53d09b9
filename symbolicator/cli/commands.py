"""The commands there are: ours by table, those of plug-ins by entry point, each imported when it is needed."""

from importlib import import_module

import click
from msgspec import Struct


class Command(Struct, frozen=True):
    """Where one of our commands is, and its line in the list of commands."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "resolve": Command("symbolicator.cli.resolve", "resolve", "Shows a crash as one readable trace."),
    "group": Command("symbolicator.cli.group", "group", "Shows which crashes are the same bug."),
    "inspect": Command("symbolicator.cli.inspect", "inspect", "Shows what files are and what they can resolve."),
    "upload": Command("symbolicator.cli.upload", "upload", "Puts artifacts into a store."),
    "doctor": Command("symbolicator.cli.doctor", "doctor", "Shows what is installed and whether it works."),
}


class Commands(click.Group):
    """A group whose commands are loaded one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all commands, ours first."""
        from symbolicator import plugins  # noqa: PLC0415 - looking for entry points takes its time

        return [*COMMANDS, *(name for name in plugins.command_names() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Loads a command; None if there is none of that name."""
        ours = COMMANDS.get(cmd_name)
        if ours is None:
            return _of_plugin(cmd_name)
        loaded: click.Command = getattr(import_module(ours.module), ours.attribute)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing ours."""
        rows = [(name, _help_of(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _of_plugin(name: str) -> click.Command | None:
    from symbolicator import plugins  # noqa: PLC0415 - as above

    try:
        return plugins.command(name)
    except Exception as error:
        raise click.ClickException(
            f"The plug-in for the command {name} cannot be loaded ({type(error).__name__}: {error}). Reinstall it."
        ) from error


def _help_of(name: str) -> str:
    if name in COMMANDS:
        return COMMANDS[name].help
    try:
        command = _of_plugin(name)
    except click.ClickException:
        return "(cannot be loaded: see `symbolicator doctor`)"
    return command.get_short_help_str(limit=80) if command else ""
