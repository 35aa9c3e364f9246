// Does GoCardless' own library take this message? gocardless.mjs SECRET FILE SIGNATURE

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const library = createRequire(new URL("../browser/", import.meta.url))("gocardless-nodejs/webhooks");
const [secret, file, signature] = process.argv.slice(2);
try {
  library.parse(await readFile(file), secret, signature);
} catch (error) {
  if (!(error instanceof library.InvalidSignatureError)) throw error;
  process.exit(1);
}
