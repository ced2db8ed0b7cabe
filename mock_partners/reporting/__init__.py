"""Reports of what mock partners did and what honest nodes made of it: a table, JUnit XML, and a page with diagrams.

``sequence`` makes of a trace what is to be drawn, ``drawing`` gives it places, ``page`` writes the page that holds it
all; ``summary`` is for the terminal.
"""
