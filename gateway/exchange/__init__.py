"""How it travels: from a submission to a receipt that anybody can check (docs/story.md).

===============================================  =====================================================================
``submission``, ``release``, ``urgency``         what the national system says, and the forms in which it leaves
``session``                                      one session of a link, from Hello to Goodbye: read its docstring first
``greeting``, ``hello``, ``log_comparison``      both sides show who they are and what they hold
``issuing``, ``window``                          this side's log on its way to the partner
``holding``, ``batches``                         the partner's log on its way here: checks 1 to 4
``arrival``, ``judging``, ``judgements``         checks 5 to 7: judged, committed, receipted
``line``, ``farewell``, ``reasons``              when a session ends, in which words, and what the link does then
``export``                                       a record's proof, as a file
``trust_keeper``                                 the present state of trust, and how it changes
===============================================  =====================================================================
"""
