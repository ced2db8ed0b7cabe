"""``python -m mock_partners``."""

from mock_partners.command import main

main()
