// Runs the parity module as WebAssembly, without any bindings.
// Usage: node parity.mjs MODULE DEFINITION…    Prints one digest in hexadecimal a definition.
import { readFile } from "node:fs/promises";

const [module, ...definitions] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(module), {});
const { memory, input, capacity, digest, output } = instance.exports;
for (const path of definitions) {
  const definition = await readFile(path);
  if (definition.length > capacity()) throw new Error(`${path} is larger than the module's input`);
  new Uint8Array(memory.buffer, input(), definition.length).set(definition);
  if (!digest(definition.length)) throw new Error(`${path} was not accepted as a definition`);
  console.log(Buffer.from(new Uint8Array(memory.buffer, output(), 32)).toString("hex"));
}
