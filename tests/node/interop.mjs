// Reads and writes our files with npm `jose`, which knows the RFCs and nothing of us.
// Usage: node interop.mjs < requests    where requests is a JSON list; python/interop.py describes them.
// Prints a JSON list with one answer a request, or {"error"}.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { text } from "node:stream/consumers";
import {
  CompactSign, EmbeddedJWK, FlattenedEncrypt, calculateJwkThumbprint, compactVerify, flattenedDecrypt,
  flattenedVerify, importJWK,
} from "jose";

const algorithms = ["EdDSA", "Ed25519"];
const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);

const library = {
  async verify({ jws, key }) {
    const verify = typeof jws === "string" ? compactVerify : flattenedVerify;
    const verified = await verify(jws, key ? await importJWK(key, "EdDSA") : EmbeddedJWK, { algorithms });
    const header = verified.protectedHeader;
    if (header.jwk && header.kid !== (await calculateJwkThumbprint(header.jwk))) {
      throw new Error("kid is not the thumbprint");
    }
    return { header, payload: JSON.parse(decode(verified.payload)) };
  },

  async sign({ typ, payload, seed, with_key }) {
    // RFC 8410 section 7: an Ed25519 private key in PKCS #8.
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    const der = Buffer.concat([prefix, Buffer.from(seed, "base64url")]);
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const jwk = createPublicKey(key).export({ format: "jwk" });
    const kid = await calculateJwkThumbprint(jwk);
    const header = with_key ? { alg: "EdDSA", typ, kid, jwk } : { alg: "EdDSA", typ };
    const iss = `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${kid}`;
    const content = JSON.stringify("iss" in payload ? { ...payload, iss } : payload);
    return { compact: await new CompactSign(encode(content)).setProtectedHeader(header).sign(key) };
  },

  async seal({ content, to }) {
    const kid = await calculateJwkThumbprint(to);
    const header = { alg: "ECDH-ES", enc: "A256GCM", typ: "survey-result-enc+jwe", cty: "jose+json", kid };
    const key = await importJWK(to, "ECDH-ES");
    return { jwe: await new FlattenedEncrypt(encode(content)).setProtectedHeader(header).encrypt(key) };
  },

  async unseal({ jwe, key }) {
    return { content: decode((await flattenedDecrypt(jwe, await importJWK(key, "ECDH-ES"))).plaintext) };
  },

  async lock({ keys, kid, passphrase, p2c }) {
    const header = {
      alg: "PBES2-HS512+A256KW", enc: "A256GCM", typ: "survey-coach-key+jwe", cty: "jwk-set+json", kid,
    };
    const locked = new FlattenedEncrypt(encode(JSON.stringify(keys))).setProtectedHeader(header);
    return { jwe: await locked.setKeyManagementParameters({ p2c }).encrypt(encode(passphrase)) };
  },

  async unlock({ jwe, passphrase }) {
    // It refuses more than 10,000 iterations unless told otherwise; ours is OWASP's figure.
    const options = { keyManagementAlgorithms: ["PBES2-HS512+A256KW"], maxPBES2Count: 1_000_000 };
    const opened = await flattenedDecrypt(jwe, encode(passphrase), options);
    return { keys: JSON.parse(decode(opened.plaintext)) };
  },
};

const answers = [];
for (const request of JSON.parse(await text(process.stdin))) {
  try {
    answers.push(await library[request.do](request));
  } catch (error) {
    answers.push({ error: `${error.code ?? error.name}: ${error.message}` });
  }
}
console.log(JSON.stringify(answers));
