"""The figures of an agreement for people and programs: a table, CSV, and one page that needs no network."""
