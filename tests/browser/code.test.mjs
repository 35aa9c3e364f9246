// What happens between „Anmeldecode anfordern“ and „Anmelden“ when it is not that simple.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { anotherCode, openBrowser, timePasses } from "./portal.mjs";

const max = "max@example.org";
let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  test(`a wrong code is told once above the form and once at the field${how}`, async () => {
    const visitor = await browser.visitor({ width: 360, javaScript });
    const code = await visitor.asksForCode(max);
    await visitor.entersCode(anotherCode(code));
    const error = "Der Anmeldecode stimmt nicht. Sie haben noch 4 Versuche.";
    await visitor.sees("Bitte prüfen Sie Ihre Eingabe", error);
    assert.match(await visitor.page.title(), /^Fehler: Anmeldecode eingeben – /);
    assert.equal(await visitor.field("Anmeldecode").getAttribute("aria-invalid"), "true");
    assert.ok((await described(visitor, "Anmeldecode")).includes(error), "the field is described by its error");
    if (javaScript) assert.equal(await focused(visitor), "alert", "the summary has the focus");
    await visitor.entersCode(code);
    await visitor.isAt("/");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a new code can be asked for after a minute, and the old one still works${how}`, async () => {
    const visitor = await browser.visitor({ javaScript });
    const first = await visitor.asksForCode(max);
    // Without JavaScript the page says the time, and the server keeps it.
    assert.match(await visitor.words(), /Einen neuen Code können Sie ab \d\d:\d\d:\d\d Uhr anfordern/);
    const resend = visitor.page.locator("form[action='/login/resend'] button");
    if (javaScript) {
      assert.match(await resend.textContent(), /^Neuer Anmeldecode in \d\d s$/);
      assert.ok(await resend.isDisabled());
    } else {
      await visitor.presses("Neuen Anmeldecode senden");
      assert.match(await visitor.words(), /Einen neuen Anmeldecode können Sie ab \d\d:\d\d:\d\d Uhr anfordern/);
    }
    await timePasses(61);
    await visitor.goes("/login/code");
    await visitor.presses("Neuen Anmeldecode senden");
    await visitor.sees("ist ein neuer Anmeldecode unterwegs");
    await visitor.entersCode(first);
    await visitor.isAt("/");
    await visitor.leaves();
  });
}

test("after ten minutes a code is over", async () => {
  const visitor = await browser.visitor();
  const code = await visitor.asksForCode(max);
  await timePasses(601);
  await visitor.entersCode(code);
  await visitor.sees("Dieser Anmeldecode gilt nicht mehr. Fordern Sie bitte einen neuen an.");
  await visitor.leaves();
});

test("a session that ended leads back to the page with the address filled in", async () => {
  const visitor = await browser.visitor();
  await visitor.signsIn(max);
  await visitor.goes("/contracts");
  await timePasses(31 * 60);
  await visitor.goes("/contracts");
  await visitor.sees("Ihre Anmeldung ist abgelaufen.");
  assert.equal(await visitor.field("E-Mail-Adresse").inputValue(), max);
  await visitor.entersCode(await visitor.asksForCodeHere(max));
  await visitor.isAt("/contracts");
  await visitor.leaves();
});

test("a code works only in the browser that asked for it", async () => {
  const asker = await browser.visitor();
  const thief = await browser.visitor();
  const code = await asker.asksForCode("anna.neuling@example.org");
  await thief.asksForCode("karl.saumselig@example.org");
  await thief.entersCode(code);
  await thief.sees("Der Anmeldecode stimmt nicht.");
  await asker.entersCode(code);
  await asker.isAt("/");
  await asker.leaves();
  await thief.leaves();
});

const focused = (visitor) => visitor.page.evaluate(() => document.activeElement.getAttribute("role"));

async function described(visitor, label) {
  const ids = (await visitor.field(label).getAttribute("aria-describedby")).split(" ");
  return (await Promise.all(ids.map((id) => visitor.page.locator(`#${id}`).textContent()))).join(" ");
}
