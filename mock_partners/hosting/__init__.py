"""Mock networks in a process of their own, for tests of national systems.

``process`` is that process: it runs networks and takes one line of JSON for each thing that is to be done with them.
``network`` is the other end, in the process that tests. It needs nothing but Python's own library, so the tests may
have any stubs, any event loop or none (docs/decisions/0027). ``mock_partners.pytest_plugin`` makes fixtures of it.
"""
