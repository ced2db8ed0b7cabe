"""What it is worth: may we rely on their control, for which threats, and what is left to check?

A decision is a pure function of facts that were gathered in one read (docs/recognition.md). For each check that our own
risk assessment requires, every possible basis is held against every rule, and every result is told.

===================  ============================================================================================
``question``         what is asked, checked and in normal form
``gathering``        the one read: which records bear on it, and what is kept of them
``surroundings``     what is the same for every question: partners, suspensions, agreements
``facts``            what the rules look at
``matching``         are they the same goods?
``seals``            was the container closed all the way?
``policy``           what the agreement equates, and how it weighs
``in_force``         which of the agreements count at a time, laid out for looking up
``bases``            on what could a required check be left out? claims, each held against every check
``rules``            the eleven rules, each a pure function; the registry ``RULES``
``outcome``          from results to an answer: outcome, conditions, what remains
``sampling``         who is checked all the same
``decider``          all of this in order; replay
``reasons``          the stable names; ``texts`` the sentences for them
===================  ============================================================================================
"""
