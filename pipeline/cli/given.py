"""What every command is given: the settings, or one line that says what is wrong."""

from pipeline import settings
from pipeline.cli import terminal


def read_settings(**overrides: object) -> settings.Settings:
    """The settings, or exit 2 with one line that names what is wrong."""
    try:
        return settings.read(**overrides)
    except settings.WrongSetting as error:
        terminal.fail(str(error), code=2)
