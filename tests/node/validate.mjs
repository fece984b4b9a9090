// Validates documents against a JSON Schema (2020-12) with npm `ajv`, in strict mode (but a oneOf may require what
// its parent describes).
// Usage: node validate.mjs SCHEMA < documents    where documents is a JSON list.
// Prints a JSON list: null for a valid document, else the first faults as text.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Ajv2020 } from "ajv/dist/2020.js";

const schema = JSON.parse(await readFile(process.argv[2], "utf8"));
const documents = JSON.parse(await text(process.stdin));
const ajv = new Ajv2020({ strict: true, strictRequired: false });
const validate = ajv.compile(schema);
const results = documents.map((document) =>
  validate(document) ? null : ajv.errorsText(validate.errors, { dataVar: "document" }),
);
console.log(JSON.stringify(results));
