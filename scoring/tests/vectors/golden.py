#!/usr/bin/python3
"""A sealed and a locked file, made without any code of ours: Python's own hashlib and the package
`cryptography` (apt-get install python3-cryptography). Usage: python3 golden.py > golden.json"""
import base64, hashlib, json
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def public(key):
    return b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def thumbprint(crv, x):
    return b64(hashlib.sha256(canonical({"crv": crv, "kty": "OKP", "x": x}).encode()).digest())


def encrypt(key, iv, header, content, **members):
    protected = b64(canonical(header).encode())
    sealed = AESGCM(key).encrypt(iv, content, protected.encode())
    return canonical({"protected": protected, "iv": b64(iv), "ciphertext": b64(sealed[:-16]),
                      "tag": b64(sealed[-16:]), **members})


# RFC 8037 appendix A.6: the ephemeral key, and Bob's (RFC 7748 section 6.1 prints his private half).
ALICE = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
BOB = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")


def sealed(content):
    alice, bob = (x25519.X25519PrivateKey.from_private_bytes(key) for key in (ALICE, BOB))
    z = alice.exchange(bob.public_key())
    u32 = lambda number: number.to_bytes(4, "big")
    # RFC 7518 section 4.6.2: round number, Z, AlgorithmID, PartyUInfo, PartyVInfo, SuppPubInfo
    info = u32(7) + b"A256GCM" + u32(0) + u32(0) + u32(256)
    key = hashlib.sha256(u32(1) + z + info).digest()
    epk = {"crv": "X25519", "kty": "OKP", "x": public(alice)}
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "typ": "survey-result-enc+jwe", "cty": "jose+json",
              "kid": thumbprint("X25519", public(bob)), "epk": epk}
    return encrypt(key, bytes(range(12)), header, content)


def locked(passphrase, iterations):
    def jwk(crv, kind, seed, use):
        x = public(kind.from_private_bytes(seed))
        return {"crv": crv, "d": b64(seed), "kid": thumbprint(crv, x), "kty": "OKP",
                "use": use, "x": x}

    sign = jwk("Ed25519", ed25519.Ed25519PrivateKey, bytes([1] * 32), "sig")
    seal = jwk("X25519", x25519.X25519PrivateKey, bytes([2] * 32), "enc")
    salt, content_key = bytes([3] * 16), bytes([4] * 32)
    # RFC 7518 section 4.8: the salt is the algorithm's name, a zero byte, and p2s.
    full_salt = b"PBES2-HS512+A256KW\0" + salt
    wrapping = hashlib.pbkdf2_hmac("sha512", passphrase.encode(), full_salt, iterations, 32)
    header = {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "typ": "survey-coach-key+jwe",
              "cty": "jwk-set+json", "kid": sign["kid"], "p2c": iterations, "p2s": b64(salt)}
    return encrypt(content_key, bytes([5] * 12), header, canonical({"keys": [sign, seal]}).encode(),
                   encrypted_key=b64(aes_key_wrap(wrapping, content_key)))


print(json.dumps({
    "sealed": sealed("any content, even ✓".encode()),
    "locked": locked("a published passphrase", 210000),
}, indent=1))
