"""``python -m mock_partners.hosting``."""

from mock_partners.hosting.process import main

main()
