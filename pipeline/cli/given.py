"""What every command is given: the settings, or one line that says what is wrong."""

from pipeline import settings
from pipeline.cli import terminal


def read_settings(*, writes: bool = False, **overrides: object) -> settings.Settings:
    """The settings, or exit 2 with one line that names what is wrong.

    The data folder is looked at too, unless it is an override: then it is no setting
    and the command that names it says what is wrong with it.

    Args:
        writes: whether the command writes into the data folder.
        overrides: settings that win over those of the environment.
    """
    try:
        found = settings.read(**overrides)
        if "data_dir" not in overrides:
            settings.check_folder(found.data_dir, is_written=writes)
    except settings.WrongSetting as error:
        terminal.fail(str(error), code=2)
    return found
