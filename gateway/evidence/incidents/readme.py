"""The text that every incident bundle carries. It is part of the format: another text is another version of it."""

from __future__ import annotations

from typing import Final

README: Final = """\
mutualrecognition/incident/v1

A link between two customs administrations was suspended. Here are the signed notes for which that happened, exactly as
they came and as they were kept. Where two of them contradict each other, they prove to anybody that whoever signed both
has signed two histories of one log. This can be checked without any gateway of either.

What is here
  incident.json       what the administration that made this file says of the incident: when, with whom, for which
                      reason. Nobody signed it: it is that administration's word, and proves nothing
  notes/              signed notes (c2sp.org/signed-note): checkpoints of a log (c2sp.org/tlog-checkpoint) with the
                      receipts on them (c2sp.org/tlog-cosignature), or descriptors
  growth/A-B.txt      a consistency proof (RFC 9162, 2.1.4) about the notes A and B: "old" and "new" are the two sizes,
                      the first hash is the root of the first "old" entries of the log of note B, the rest is the proof
  descriptors/        each administration's keys, signed by its root keys (c2sp.org/signed-note)

What must come from outside
  Nothing in this file says whom to believe. Get the SHA-256 digest of the newest descriptor of the administration that
  is accused over another channel. Without it the contradiction is there, but not proven to be that administration's.

How to check it
  1. Descriptors. The SHA-256 digest of the text (everything before the blank line in front of the signatures, its last
     line feed included) must be the digest that you got. The text names, as base64 of a type byte and a public key, the
     keys for logs and for receipts with the times from and until which they count.
  2. Signatures. The first line of a checkpoint is the name of the log. Its issuer is the administration whose domain
     begins that name and signs with log keys, under the log's name; the administration named after "links" signs
     receipts with receipt keys, under its domain and "/receipts".
  3. One size, two roots. Two notes of one log whose second lines are equal and whose third lines differ contradict each
     other. So do two descriptors of one administration with one version and different texts.
  4. Two sizes. Check the consistency proof between the first hash in growth/A-B.txt, as root of the old size, and the
     root in note B. If it holds and that first hash is not the root in note A, the two notes contradict each other: the
     log of note B does not begin with the entries of note A. If it is the root in note A, the two are one history.
  5. Whoever signed both notes of a contradiction, as issuer or as receiver, has signed two histories.

What it does not prove
  Which of two histories is the true one. That the records in either say what is true. Who held the key: where the
  descriptor says that a key has ended, it may have been stolen, and whoever stole it may have signed. Whether it was
  fraud, a mistake or a copy of a store put back: all three look the same.
  A note whose signature does not hold proves nothing, since anybody could have written it. Two sizes without a
  consistency proof prove nothing yet: ask the log's issuer for that proof. An issuer of one history can give it.
  Notes that are one history do not show that a log has become shorter: that one side now shows less than it signed
  before is the word of the administration that made this file.
  The notes show the number of entries in the logs, hence how much these two administrations exchange.
"""
