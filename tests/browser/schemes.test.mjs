// Dark mode, forced colours, reduced motion and twice the size: the same pages for other eyes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./portal.mjs";
import { fitsTheScreen, isAccessible } from "./looks.mjs";

const pages = ["/", "/data", "/contracts/1", "/invoices", "/invoices/RE1106", "/imprint", "/nowhere"];
let browser, tine;
before(async () => {
  browser = await openBrowser();
  const visitor = await browser.visitor();
  await visitor.signsIn("tine@example.org");
  tine = await visitor.cookies();
});
after(() => browser.close());

for (const path of ["/login", ...pages]) {
  const cookies = () => (path === "/login" ? undefined : tine);

  test(`${path} is dark and legible in dark mode`, async () => {
    const visitor = await browser.visitor({ cookies: cookies(), scheme: "dark", width: 360 });
    await visitor.goes(path);
    assert.ok((await brightness(visitor, "background-color")) < 60, "the page is dark");
    assert.ok((await brightness(visitor, "color")) > 180, "its text is bright");
    await isAccessible(visitor);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`${path} keeps its contours in forced colours`, async () => {
    const visitor = await browser.visitor({ cookies: cookies(), forcedColors: "active", width: 360 });
    await visitor.goes(path);
    for (const button of await visitor.page.locator("main .button:visible, main .input:visible").all()) {
      const edge = await button.evaluate((element) => getComputedStyle(element).borderTopWidth);
      assert.ok(parseFloat(edge) >= 1, `without an edge: ${await button.innerText()}`);
    }
    assert.ok((await visitor.page.screenshot()).length > 5000, "something is to be seen");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`${path} loses nothing at twice the size`, async () => {
    // 200 % zoom of a 1280 px window leaves 640 px; so does text of twice the size.
    const visitor = await browser.visitor({ cookies: cookies(), width: 640 });
    await visitor.goes(path);
    await fitsTheScreen(visitor);
    await visitor.leaves();
  });
}

// Of the root's background or text, 0 … 255.
async function brightness({ page }, property) {
  const colour = await page.evaluate(
    (property) => {
      const canvas = document.createElement("canvas").getContext("2d");
      canvas.fillStyle = getComputedStyle(property === "color" ? document.body : document.documentElement)[property];
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    },
    property,
  );
  return (colour[0] + colour[1] + colour[2]) / 3;
}
