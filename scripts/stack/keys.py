"""The keys of one development state: made once, kept in its folder, readable by its owner alone."""

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kit.identity import new_seed, public_of
from scripts.engines.locks import exclusive

SIGNERS = ("gateway", "auth", "task", "notification", "worker")


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs internal tokens with which seed, the key of access tokens and that of Web Push."""

    seeds: dict[str, str]
    access: str
    vapid: str

    @property
    def trusted(self) -> str:
        """The public halves of all seeds, for `TASKFLOW_INTERNAL_TRUSTED_KEYS`."""
        return ",".join(public_of(seed) for seed in self.seeds.values())


def load_or_make(folder: Path) -> Keys:
    """The keys of `folder`."""
    file = folder / "keys.json"
    with exclusive(folder / "keys.lock"):
        stored = json.loads(file.read_text()) if file.exists() else {}
        keys = Keys(
            dict(stored.get("seeds") or {signer: new_seed() for signer in SIGNERS}),
            str(stored.get("access") or _rsa_pem()),
            str(stored.get("vapid") or _p256_scalar()),
        )
        if stored == asdict(keys):
            return keys
        unfinished = file.with_suffix(".part")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(keys)))
        unfinished.rename(file)
        return keys


def _rsa_pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _p256_scalar() -> str:
    secret = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(secret.to_bytes(32)).rstrip(b"=").decode()
