"""The keys of one development state: made once, kept in its folder, readable by its owner alone."""

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kit.identity import new_seed, public_of
from scripts.engines.locks import exclusive

SIGNERS = ("gateway", "auth", "task", "notification", "worker")


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs internal tokens with which seed, and the key of access tokens."""

    seeds: dict[str, str]
    access: str

    @property
    def trusted(self) -> str:
        """The public halves of all seeds, for `TASKFLOW_INTERNAL_TRUSTED_KEYS`."""
        return ",".join(public_of(seed) for seed in self.seeds.values())


def load_or_make(folder: Path) -> Keys:
    """The keys of `folder`."""
    file = folder / "keys.json"
    with exclusive(folder / "keys.lock"):
        if file.exists():
            stored = json.loads(file.read_text())
            return Keys(dict(stored["seeds"]), str(stored["access"]))
        keys = Keys({signer: new_seed() for signer in SIGNERS}, _rsa_pem())
        unfinished = file.with_suffix(".part")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps({"seeds": keys.seeds, "access": keys.access}))
        unfinished.rename(file)
        return keys


def _rsa_pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
