// How much a page brings along: the bodies as they come over the wire, into an empty cache.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./portal.mjs";
import { customersPages, publicPages } from "./site.mjs";

const kilobytes = 1000;
let browser, tine;
before(async () => {
  browser = await openBrowser();
  const visitor = await browser.visitor();
  await visitor.signsIn("tine@example.org");
  tine = await visitor.cookies();
});
after(() => browser.close());

test("the first page brings 30 kB at most, with everything", async () => {
  assert.ok((await weightOf("/login")) <= 30 * kilobytes);
});

for (const [name, path] of publicPages) {
  test(`${name} brings less than 50 kB`, async () => assert.ok((await weightOf(path)) < 50 * kilobytes));
}

for (const [name, path] of customersPages) {
  test(`${name} brings less than 50 kB`, async () => assert.ok((await weightOf(path, tine)) < 50 * kilobytes));
}

// The sum of all answers' bodies, each printed, so that a heavy page says what is heavy.
async function weightOf(path, cookies) {
  const visitor = await browser.visitor({ cookies });
  const answers = [];
  visitor.page.on("requestfinished", (request) => answers.push(request));
  await visitor.goes(path);
  const bodies = await Promise.all(answers.map(async (request) => [request.url(), (await request.sizes()).responseBodySize]));
  const sum = bodies.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(`${path}: ${sum} B`, bodies.map(([url, bytes]) => `${new URL(url).pathname} ${bytes}`).join(", "));
  visitor.hadNoComplaint();
  await visitor.leaves();
  return sum;
}
