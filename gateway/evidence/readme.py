"""The text that every bundle carries. It is part of the format: another text is another version of the format."""

from __future__ import annotations

from typing import Final

README: Final = """\
mutualrecognition/evidence/v1

This file proves that one customs administration stated a record, and that another one received it. It can be
checked without any gateway of either, with tools for the published formats named below.

What is here
  record.bin          the record, byte for byte as it was issued (protobuf)
  record.json         the same for reading; it proves nothing by itself
  records.binpb       the protobuf descriptor set to read record.bin by; its type is
                      mutualrecognition.records.v1.Record
  record.tlog-proof   its place in the issuer's log, the signed checkpoint and the partner's receipt
                      (c2sp.org/tlog-proof, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature)
  trust-policy        whose signatures the checkpoint needs (c2sp.org/tlog-policy)
  descriptors/        each administration's keys, signed by its root keys (c2sp.org/signed-note)
  agreement.note      the agreement under which the record was given, signed by both (c2sp.org/signed-note);
                      absent for a judgement, which needs none
  judgements/         what the receiver has said of the record since, each with files as above

What must come from outside
  Nothing in this file says whom to believe. Get the SHA-256 digest of each administration's newest descriptor
  over another channel. Without both digests the file can only be found consistent, never proven.

How to check it
  1. Descriptors. Of each administration take the one with the highest version. The SHA-256 digest of the text
     (everything before the blank line in front of the signatures, its last line feed included) must be the digest
     that you got. It names, as base64 of a type byte and a public key, the keys for logs and for receipts with the
     times from and until which they count. An older version must have the digest that the next one names.
  2. Policy. Every key in trust-policy must stand in a descriptor: the log keys in that of the administration whose
     domain begins the log's name, the receipt keys in that of the administration named in it after "links". The
     time stated in the receipt (the first 8 bytes of its signatures, big-endian seconds since 1970) must lie within
     the keys' times.
  3. Commitment. The "extra" line of record.tlog-proof is a salt of 16 bytes. The log's entry is
     SHA-256(salt || record.bin), 32 bytes. The hash of its leaf is SHA-256(0x00 || entry) (RFC 9162).
  4. Proof. Check that entry with record.tlog-proof and trust-policy. Where the log's key in the policy is of type 6
     the checkpoint may bear a line of type 1 besides.
  5. Agreement. Its signatures must be by root keys in the descriptors, as many of each side as the line "threshold"
     says. The header of the record names the agreement's id and version; "issued_at" must lie between valid_from
     and valid_until; a [[flows]] table must name issuer, receiver, kind and purpose.
  6. Reading. Decode record.bin by records.binpb and compare with record.json.
  7. Judgements. Each is a record of the receiver, in the receiver's own log, receipted by the issuer: steps 2, 3, 4
     and 6 with the two sides exchanged. It must name the log and the index of the record. Of several that do, the
     last counts.

What it does not prove
  That what the record says is true. That no later record replaced it. That the receiver used it.
  The proof shows the number of entries in the log, hence how much these two administrations exchange.
"""
