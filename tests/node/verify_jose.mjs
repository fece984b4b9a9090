// Verifies a signed result with npm `jose`, as a reader would who knows RFC 7515 and nothing of us.
// Usage: node verify_jose.mjs FILE…    Prints one JSON line a file: {"header", "payload"} or {"error"}.
import { readFile } from "node:fs/promises";
import { EmbeddedJWK, calculateJwkThumbprint, flattenedVerify } from "jose";

for (const file of process.argv.slice(2)) {
  let result;
  try {
    const jws = JSON.parse(await readFile(file, "utf8"));
    const verified = await flattenedVerify(jws, EmbeddedJWK, { algorithms: ["EdDSA", "Ed25519"] });
    const header = verified.protectedHeader;
    const thumbprint = await calculateJwkThumbprint(header.jwk, "sha256");
    if (header.kid !== thumbprint) throw new Error(`kid ${header.kid} is not the thumbprint ${thumbprint}`);
    result = { header, payload: JSON.parse(new TextDecoder().decode(verified.payload)) };
  } catch (error) {
    result = { error: `${error.code ?? error.name}: ${error.message}` };
  }
  console.log(JSON.stringify(result));
}
