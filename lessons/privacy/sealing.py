"""Sealing: what tells of a person is encrypted under that person's key, which a master key wraps.

Whoever destroys a person's key erases every body sealed under it, wherever it was copied to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from lessons.errors import InvalidInput, LecternError

KEY_BYTES = 32
"""AES-256."""

NONCE_BYTES = 12
"""Random; NIST SP 800-38D allows 2^32 bodies under one key with random nonces of 96 bits."""

MINIMUM_SECRET_CHARACTERS = 32


class SealBroken(LecternError):
    """A sealed body is not what was sealed: a byte was changed, or it lies in another place."""

    code = "seal_broken"


class WrongMasterKey(LecternError):
    """A person's key was wrapped by another master key than this process has."""

    code = "wrong_master_key"


@dataclass(frozen=True, slots=True, repr=False)
class SubjectKey:
    """One person's key. Seals with AES-256-GCM (NIST SP 800-38D); keep it in memory only.

    Attributes:
        person_id: whose key it is.
        secret: 32 random bytes.
    """

    person_id: str
    secret: bytes
    _cipher: AESGCM = field(init=False, compare=False)
    _digest_key: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(_derived(self.secret, b"body")))
        object.__setattr__(self, "_digest_key", _derived(self.secret, b"digest"))

    @classmethod
    def new(cls, person_id: str) -> Self:
        """Return a fresh random key."""
        return cls(person_id, os.urandom(KEY_BYTES))

    def seal(self, body: bytes, place: str) -> bytes:
        """Return nonce, ciphertext and tag.

        Args:
            place: where the sealed body will lie; it opens nowhere else.
        """
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, body, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return the body.

        Raises:
            SealBroken: it was changed, moved, or sealed under another key.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"The sealed body at {place} was changed.") from error

    def digest(self, body: bytes) -> bytes:
        """Return an HMAC-SHA-256 (RFC 2104) of a body: nobody can guess at it without the key."""
        return hmac.digest(self._digest_key, body, "sha256")


class MasterKey:
    """The installation's own key, which wraps the keys of persons. It never enters the database.

    Args:
        secret: text of at least 32 characters, such as the file `master_key` in the data folder.

    Attributes:
        id: short name of the key, stored with whatever it wrapped; tells nothing of the key.

    Raises:
        InvalidInput: the text is too short.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < MINIMUM_SECRET_CHARACTERS:
            raise InvalidInput(
                f"It has fewer than {MINIMUM_SECRET_CHARACTERS} characters.",
                field="LECTERN_MASTER_KEY",
                fix="Make one with `openssl rand -base64 48`.",
            )
        root = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"lectern master key").derive(
            secret.encode()
        )
        self._cipher = AESGCM(_derived(root, b"wrap"))
        self._signing_key = _derived(root, b"sign")
        self._secrets = AESGCM(_derived(root, b"secrets"))
        self.id = hashlib.sha256(_derived(root, b"name")).hexdigest()[:16]

    def wrap(self, key: SubjectKey, tenant_id: str) -> bytes:
        """Return the key encrypted for the store, bound to its tenant and person."""
        nonce = os.urandom(NONCE_BYTES)
        place = _key_place(tenant_id, key.person_id)
        return nonce + self._cipher.encrypt(nonce, key.secret, place)

    def unwrap(self, wrapped: bytes, tenant_id: str, person_id: str) -> SubjectKey:
        """Return the key as it was before `wrap`.

        Raises:
            SealBroken: the wrapped key was changed, or is another person's.
        """
        place = _key_place(tenant_id, person_id)
        try:
            secret = self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"The stored key of {person_id} was changed.") from error
        return SubjectKey(person_id, secret)

    def seal_text(self, text: str, place: str) -> str:
        """Return a secret of an operator's as base64 of nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._secrets.encrypt(nonce, text.encode(), place.encode())
        return base64.b64encode(sealed).decode("ascii")

    def open_text(self, sealed: str, place: str) -> str:
        """Return the secret.

        Raises:
            SealBroken: it was changed, moved, or sealed under another master key.
        """
        raw = base64.b64decode(sealed)
        try:
            text = self._secrets.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"The sealed secret {place} cannot be opened.") from error
        return text.decode()

    def sign(self, message: bytes) -> bytes:
        """Return an HMAC-SHA-256 of a message by a key that only this installation has."""
        return hmac.digest(self._signing_key, message, "sha256")


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """Return a key of its own for each purpose (HKDF, RFC 5869)."""
    return HKDFExpand(hashes.SHA256(), KEY_BYTES, info=b"lectern " + purpose).derive(secret)


def _key_place(tenant_id: str, person_id: str) -> bytes:
    return f"{tenant_id}/{person_id}".encode()
