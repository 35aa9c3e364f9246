// Every page at every width, with JavaScript and without it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { anotherCode, openBrowser } from "./portal.mjs";
import { fitsTheScreen, hasRoomInItsHead, isAccessible, isEasyToHit, isOneDocument, standsStill } from "./looks.mjs";
import { customersPages, publicPages, widths } from "./site.mjs";

const browser = await openBrowser();
after(() => browser.close());

const tine = await cookiesOf("tine@example.org");

// Pages that one comes to by doing something.
const steps = [
  ["sign in, refused", async (visitor) => {
    await visitor.goes("/login");
    await visitor.fills("E-Mail-Adresse", "not an address");
    await visitor.presses("Anmeldecode anfordern");
  }],
  // Nobody who asks for codes elsewhere: an address gets ten an hour.
  ["code", (visitor) => visitor.asksForCode("lukas.gipfler@alpenhof.example")],
  ["code, refused", async (visitor) => {
    await visitor.entersCode(anotherCode(await visitor.asksForCode("karl.saumselig@example.org")));
  }],
  ["choice of the customer", (visitor) => visitor.signsIn("familie.teilen@example.org")],
];

for (const javaScript of [true, false]) {
  for (const [name, path, status = 200] of publicPages) {
    looksRight(name, { javaScript }, async (visitor) => assert.equal(await visitor.goes(path), status));
  }
  for (const [name, arrives] of steps) {
    looksRight(name, { javaScript }, arrives);
  }
  for (const [name, path, status = 200] of customersPages) {
    looksRight(name, { javaScript, cookies: tine }, async (visitor) => assert.equal(await visitor.goes(path), status));
  }
}

// One visit to a page; then the window changes its width.
function looksRight(name, circumstances, arrives) {
  const { javaScript } = circumstances;
  const how = javaScript ? "" : ", without JavaScript";
  describe(name + how, () => {
    let visitor;
    before(async () => {
      visitor = await browser.visitor({ ...circumstances, width: widths[0] });
      await arrives(visitor);
    });
    after(() => visitor?.leaves());

    test(`${name} comes whole and quietly${how}`, async () => {
      await isOneDocument(visitor);
      if (javaScript) await standsStill(visitor);
      visitor.hadNoComplaint();
    });
    for (const width of widths) {
      test(`${name} fits ${width} px${how}`, async () => {
        await visitor.page.setViewportSize({ width, height: 900 });
        await fitsTheScreen(visitor);
        await hasRoomInItsHead(visitor);
        await isEasyToHit(visitor);
      });
    }
    // axe needs scripts; the markup is the same without them.
    for (const width of javaScript ? [widths.at(0), widths.at(-1)] : []) {
      test(`${name} is accessible at ${width} px`, async () => {
        await visitor.page.setViewportSize({ width, height: 900 });
        await isAccessible(visitor);
      });
    }
  });
}

async function cookiesOf(email) {
  const visitor = await browser.visitor();
  await visitor.signsIn(email);
  const cookies = await visitor.cookies();
  await visitor.leaves();
  return cookies;
}
