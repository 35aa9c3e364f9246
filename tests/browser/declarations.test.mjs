// „Verträge hier kündigen" and „Vertrag widerrufen": from the foot of any page to the confirmation, by anybody, on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { wordsOfPdf } from "./house.mjs";
import { mailAbout, openBrowser, subjectsTo } from "./portal.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";
  const address = `kuendigt-${javaScript}@example.net`;

  test(`somebody cancels without signing in${how}`, async () => {
    const visitor = await browser.visitor({ javaScript, width: 360 });
    await visitor.goes("/login");
    await visitor.follows("Verträge hier kündigen");
    await visitor.isAt("/cancel");
    await visitor.picks("Außerordentliche Kündigung");
    await visitor.fills("Vor- und Nachname", "Karl Kündig");
    await visitor.fills("Vertrag", "Vertrag Nr. 4711");
    await visitor.presses("jetzt kündigen");
    await visitor.sees("Nennen Sie den Grund der außerordentlichen Kündigung.", "Geben Sie Ihre E-Mail-Adresse oder Ihre Kundennummer ein.");
    assert.equal(await visitor.field("Vor- und Nachname").inputValue(), "Karl Kündig");
    await visitor.fills("Kündigungsgrund", "Seit Wochen gestört");
    await visitor.fills("E-Mail-Adresse oder Kundennummer", address);
    await visitor.fills("E-Mail-Adresse für die Bestätigung", address);
    await visitor.presses("jetzt kündigen");
    await visitor.sees("Ihre Kündigung ist eingegangen", "Karl Kündig", "Vertrag Nr. 4711", "Seit Wochen gestört", address);
    const words = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("Bestätigung als PDF herunterladen")));
    const mail = await mailAbout(address, "Ihre Kündigung ist eingegangen");
    for (const paper of [words, await wordsOfPdf(mail.bytes)]) {
      for (const word of ["Bestätigung Ihrer Kündigung", "Karl Kündig", "Seit Wochen gestört"]) {
        assert.ok(paper.includes(word), `${word} is missing in\n${paper}`);
      }
    }
    assert.ok(mail.words.includes("Karl Kündig"), mail.words);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}

test("a form that is sent twice is one declaration", async () => {
  const visitor = await browser.visitor();
  await visitor.goes("/login");
  await visitor.follows("Vertrag widerrufen");
  await visitor.fills("Vor- und Nachname", "Wanda Widerruf");
  await visitor.fills("Vertrag", "Domain-Paket");
  await visitor.fills("E-Mail-Adresse für die Bestätigung", "widerruft@example.net");
  await visitor.pressesTwice("Widerruf bestätigen");
  await visitor.sees("Ihr Widerruf ist eingegangen", "Wanda Widerruf");
  await mailAbout("widerruft@example.net", "Ihr Widerruf ist eingegangen");
  assert.equal((await subjectsTo("widerruft@example.net")).length, 1);
  visitor.hadNoComplaint();
  await visitor.leaves();
});
