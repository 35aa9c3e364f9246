// No dead link: what any page of a customer links to inside the portal answers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, openBrowser } from "./portal.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

for (const email of ["tine@example.org", "anna.neuling@example.org"]) {
  test(`every link that ${email} finds leads somewhere`, async () => {
    const visitor = await browser.visitor();
    await visitor.signsIn(email);
    const [seen, waiting] = [new Set(["/"]), ["/"]];
    const dead = [];
    while (waiting.length > 0) {
      const path = waiting.pop();
      if (/\/(pdf|xml)(\?|$)|\.csv/.test(path)) continue;
      if ((await visitor.goes(path)) !== 200) dead.push(path);
      for (const link of await linksOf(visitor)) {
        // Pages of one kind are alike: three of each are enough.
        const kind = link.replace(/\d+/g, "0");
        const alike = [...seen].filter((other) => other.replace(/\d+/g, "0") === kind);
        if (seen.has(link) || alike.length >= 3) continue;
        seen.add(link);
        waiting.push(link);
      }
    }
    assert.deepEqual(dead, []);
    assert.ok(seen.size >= 8, `only ${[...seen].join(" ")} were found`);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}

async function linksOf({ page }) {
  const links = await page.locator("a[href]").evaluateAll((links) => links.map((link) => link.href));
  return links.filter((link) => link.startsWith(`${base}/`)).map((link) => link.slice(base.length).split("#")[0]);
}
