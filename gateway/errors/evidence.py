"""Notes, keys, proofs and documents that do not hold."""

from __future__ import annotations

from gateway.errors.families import Malformed, UntrustedEvidence


class NoteMalformed(Malformed):
    """Bytes that are not the one form of a signed note, checkpoint, proof or policy."""

    reason = "MALFORMED"
    act = "The sender's software must be mended: there is one encoding, and this is not it."


class KeyRefused(UntrustedEvidence):
    """A public key that no honest key ceremony gives, or that is used in two roles or by two owners."""

    reason = "KEY_REFUSED"
    act = "The key's owner must make a new key and issue a new descriptor."


class KeyNotValid(UntrustedEvidence):
    """Signed with a key outside its validity."""

    reason = "KEY_NOT_VALID"
    act = "The signer must use a key that its descriptor lists as valid now."


class SignatureInvalid(UntrustedEvidence):
    """A signature that does not verify, or a required one that is missing."""

    reason = "SIGNATURE_INVALID"
    act = "The signer's operator must find out who signs with its name; both resume a link that is suspended for it."


class InclusionInvalid(UntrustedEvidence):
    """A proof that does not lead from the leaf to the root."""

    reason = "INCLUSION_INVALID"
    act = "Do not rely on the entry; its issuer must show a proof that holds."


class ConsistencyInvalid(UntrustedEvidence):
    """A proof that does not show one tree to be the beginning of another."""

    reason = "CONSISTENCY_INVALID"
    act = "Do not rely on the newer checkpoint; the issuer must show a proof that holds."


class OfferRefused(UntrustedEvidence):
    """A document that a partner has not taken; the sentence has its reason, and who must act."""

    reason = "OFFER_REFUSED"
    act = "The partner's log has the refusal too, under the id that stands in this node's."


class DocumentInvalid(UntrustedEvidence):
    """A descriptor or an agreement that does not hold."""

    reason = "DOCUMENT_INVALID"
    act = "The document's owner must issue a correct one."


class WordsMisheard(UntrustedEvidence):
    """Words that no digest has: misheard or mistyped."""

    reason = "WORDS_MISHEARD"
    act = "Ask the partner to read the words again, slowly, and spell the one that is in doubt. Nothing was changed."


class WordsOfAnother(UntrustedEvidence):
    """Words of another document than the one at hand."""

    reason = "WORDS_OF_ANOTHER"
    act = (
        "Do not go on: somebody may have replaced the file. Get the partner's document anew, and call the partner at a "
        "number that did not come with it. Nothing was changed."
    )


class DescriptorFork(UntrustedEvidence):
    """Two descriptors of one administration with one version number."""

    reason = "DESCRIPTOR_FORK"
    act = "The descriptor's owner must say which one is real; the link stays suspended until both resume."


class EvidenceInvalid(UntrustedEvidence):
    """An evidence bundle that proves nothing."""

    reason = "EVIDENCE_INVALID"
    act = "Do not rely on it; ask its holder to export it again from its own node."
