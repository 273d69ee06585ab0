"""The vault: what may be personal data, encrypted under one key per case.

Destroying a case's key is how a closed case is forgotten; look-ups go through keyed hashes.
"""

from rightsflow.vault.key_files import create_key_file, load_master_key
from rightsflow.vault.keys import CaseKey, Keyring, MasterKey
from rightsflow.vault.streams import decrypt_stream, encrypt_stream, plain_size

__all__ = [
    "CaseKey",
    "Keyring",
    "MasterKey",
    "create_key_file",
    "decrypt_stream",
    "encrypt_stream",
    "load_master_key",
    "plain_size",
]
