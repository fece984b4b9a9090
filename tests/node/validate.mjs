// Validates documents against a JSON Schema (2020-12) with npm `ajv`, in strict mode (but a oneOf may require what
// its parent describes).
// Usage: node validate.mjs SCHEMA < documents    where documents is a JSON list, and SCHEMA may end in #/$defs/… .
// Prints a JSON list: null for a valid document, else the first faults as text.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Ajv2020 } from "ajv/dist/2020.js";

const [file, part] = process.argv[2].split("#");
const schema = JSON.parse(await readFile(file, "utf8"));
const documents = JSON.parse(await text(process.stdin));
const ajv = new Ajv2020({ strict: true, strictRequired: false });
ajv.addSchema(schema);
const validate = ajv.getSchema(part ? `${schema.$id}#${part}` : schema.$id);
const results = documents.map((document) =>
  validate(document) ? null : ajv.errorsText(validate.errors, { dataVar: "document" }),
);
console.log(JSON.stringify(results));
