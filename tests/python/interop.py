"""Reads and writes our files with Python libraries that know the RFCs and nothing of us.

Usage: interop.py LIBRARY < requests    where LIBRARY is joserfc, jwcrypto or pynacl, and requests a JSON list.
Prints a JSON list with one answer a request, or {"error"}. The requests are those of node/interop.mjs:

  {"do": "verify", "jws", "key"?}                        {"header", "payload"}; key is for files that bring none
  {"do": "sign", "typ", "payload", "seed", "with_key"}   {"compact"}; with_key says whether the file brings its key
  {"do": "seal", "content", "to"}                        {"jwe"}, flattened
  {"do": "unseal", "jwe", "key"}                         {"content"}
  {"do": "lock", "keys", "kid", "passphrase", "p2c"}     {"jwe"}, flattened
  {"do": "unlock", "jwe", "passphrase"}                  {"keys"}
"""

import base64
import hashlib
import json
import sys

ALGORITHMS = ["EdDSA", "Ed25519"]
# More than these libraries open by default, because old defaults are low; ours is OWASP's figure.
MAX_ITERATIONS = 1_000_000


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(jws):
    """Protected header, payload and signature of either serialization."""
    if isinstance(jws, str):
        return jws.split(".")
    return [jws["protected"], jws["payload"], jws["signature"]]


def flattened(compact):
    """The flattened JSON serialization of a compact JWE (RFC 7516 section 7.2.2)."""
    names = ["protected", "encrypted_key", "iv", "ciphertext", "tag"]
    return {name: part for name, part in zip(names, compact.split(".")) if part}


def public(jwk):
    """The members of a public key that stand in our headers."""
    return {name: jwk[name] for name in ["crv", "kty", "x"]}


def headers(request, jwk, kid):
    """What we ask of the header and payload of a signed file. An issuer is the key as the library names it."""
    header = {"alg": "EdDSA", "typ": request["typ"]}
    payload = dict(request["payload"])
    if request["with_key"]:
        header |= {"kid": kid, "jwk": jwk}
    if "iss" in payload:
        payload["iss"] = f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{kid}"
    return header, json.dumps(payload).encode()


SEAL = {"alg": "ECDH-ES", "enc": "A256GCM", "typ": "survey-result-enc+jwe", "cty": "jose+json"}
LOCK = {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "typ": "survey-coach-key+jwe", "cty": "jwk-set+json"}


class Joserfc:
    def __init__(self):
        from joserfc import jwe, jwk, jws
        from joserfc.jwe import JWERegistry
        self.jwe, self.jwk, self.jws = jwe, jwk, jws
        self.seals = JWERegistry(algorithms=["ECDH-ES", "A256GCM"])
        self.locks = JWERegistry(algorithms=["PBES2-HS512+A256KW", "A256GCM"])

    def verify(self, request):
        jws = request["jws"]
        def key(signed):
            return self.jwk.OKPKey.import_key(request.get("key") or signed.headers()["jwk"])
        read = self.jws.deserialize_compact if isinstance(jws, str) else self.jws.deserialize_json
        signed = read(jws, key, algorithms=ALGORITHMS)
        header = signed.headers()
        if "jwk" in header:
            assert header["kid"] == key(signed).thumbprint(), "kid is not the thumbprint"
        return {"header": header, "payload": json.loads(signed.payload)}

    def sign(self, request):
        key = self.jwk.OKPKey.import_key(private(request["seed"]))
        header, payload = headers(request, public(key.as_dict(private=False)), key.thumbprint())
        return {"compact": self.jws.serialize_compact(header, payload, key, algorithms=ALGORITHMS)}

    def seal(self, request):
        key = self.jwk.OKPKey.import_key(request["to"])
        sealed = self.jwe.encrypt_compact(
            SEAL | {"kid": key.thumbprint()}, request["content"].encode(), key, registry=self.seals)
        return {"jwe": flattened(sealed)}

    def unseal(self, request):
        key = self.jwk.OKPKey.import_key(request["key"])
        opened = self.jwe.decrypt_json(request["jwe"], key, registry=self.seals)
        return {"content": opened.plaintext.decode()}

    def lock(self, request):
        key = self.jwk.OctKey.import_key(request["passphrase"])
        header = LOCK | {"kid": request["kid"], "p2c": request["p2c"]}
        locked = self.jwe.encrypt_compact(header, json.dumps(request["keys"]).encode(), key, registry=self.locks)
        return {"jwe": flattened(locked)}

    def unlock(self, request):
        key = self.jwk.OctKey.import_key(request["passphrase"])
        opened = self.jwe.decrypt_json(request["jwe"], key, registry=self.locks)
        return {"keys": json.loads(opened.plaintext)}


class Jwcrypto:
    def __init__(self):
        from jwcrypto import jwa, jwe, jwk, jws
        self.jwe, self.jwk, self.jws = jwe, jwk, jws
        jwa.default_max_pbkdf2_iterations = MAX_ITERATIONS

    def verify(self, request):
        jws = request["jws"]
        signed = self.jws.JWS()
        signed.allowed_algs = ALGORITHMS
        signed.deserialize(jws if isinstance(jws, str) else json.dumps(jws))
        header = signed.jose_header
        key = self.jwk.JWK(**(request.get("key") or header["jwk"]))
        signed.verify(key)
        if "jwk" in header:
            assert header["kid"] == key.thumbprint(), "kid is not the thumbprint"
        return {"header": header, "payload": json.loads(signed.payload)}

    def sign(self, request):
        key = self.jwk.JWK(**private(request["seed"]))
        header, payload = headers(request, key.export_public(as_dict=True), key.thumbprint())
        signed = self.jws.JWS(payload)
        signed.allowed_algs = ALGORITHMS
        signed.add_signature(key, protected=json.dumps(header))
        return {"compact": signed.serialize(compact=True)}

    def seal(self, request):
        key = self.jwk.JWK(**request["to"])
        header = SEAL | {"kid": key.thumbprint()}
        sealed = self.jwe.JWE(request["content"].encode(), json.dumps(header), recipient=key)
        return {"jwe": flattened(sealed.serialize(compact=True))}

    def unseal(self, request):
        opened = self.jwe.JWE()
        opened.deserialize(json.dumps(request["jwe"]), key=self.jwk.JWK(**request["key"]))
        return {"content": opened.payload.decode()}

    def lock(self, request):
        header = LOCK | {"kid": request["kid"], "p2c": request["p2c"]}
        key = self.jwk.JWK.from_password(request["passphrase"])
        locked = self.jwe.JWE(json.dumps(request["keys"]).encode(), json.dumps(header), recipient=key)
        return {"jwe": flattened(locked.serialize(compact=True))}

    def unlock(self, request):
        opened = self.jwe.JWE()
        opened.allowed_algs = ["PBES2-HS512+A256KW", "A256GCM"]
        opened.deserialize(json.dumps(request["jwe"]), key=self.jwk.JWK.from_password(request["passphrase"]))
        return {"keys": json.loads(opened.payload)}


class Pynacl:
    """Ed25519 alone: what a reader does that has no JOSE library."""

    def __init__(self):
        from nacl.signing import SigningKey, VerifyKey
        self.SigningKey, self.VerifyKey = SigningKey, VerifyKey

    def verify(self, request):
        protected, payload, signature = parts(request["jws"])
        header = json.loads(decode(protected))
        jwk = request.get("key") or header["jwk"]
        self.VerifyKey(decode(jwk["x"])).verify(f"{protected}.{payload}".encode(), decode(signature))
        if "jwk" in header:
            assert header["kid"] == thumbprint(jwk), "kid is not the thumbprint"
        return {"header": header, "payload": json.loads(decode(payload))}

    def sign(self, request):
        key = self.SigningKey(decode(request["seed"]))
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode(bytes(key.verify_key))}
        header, payload = headers(request, jwk, thumbprint(jwk))
        signed = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
        return {"compact": f"{signed}.{encode(key.sign(signed.encode()).signature)}"}


def thumbprint(jwk):
    """RFC 7638 section 3."""
    return encode(hashlib.sha256(json.dumps(public(jwk), separators=(",", ":"), sort_keys=True).encode()).digest())


def private(seed):
    """A private Ed25519 JWK; its public half comes from a library that is none of those tested here."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    x = Ed25519PrivateKey.from_private_bytes(decode(seed)).public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "d": seed, "x": encode(x)}


def answer(library, request):
    try:
        return getattr(library, request["do"])(request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


library = {"joserfc": Joserfc, "jwcrypto": Jwcrypto, "pynacl": Pynacl}[sys.argv[1]]()
print(json.dumps([answer(library, request) for request in json.load(sys.stdin)]))
