"""One module a command, imported when the command is named, so that ``--help`` answers at once."""
