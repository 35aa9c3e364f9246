// Customers cancel a contract, take that back, pause and resume: the effect stands before the button, and what was done after
// it; on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse } from "./house.mjs";
import { looksGood } from "./looks.mjs";
import { openBrowser } from "./portal.mjs";

let browser, house;
before(async () => {
  [browser, house] = await Promise.all([openBrowser(), openHouse()]);
  await house.api.put("/settings/areas", { pause: "change" });
});
after(() => browser.close());

const monthly = { count: 1, unit: "month" };
const facts = {
  plan: "Webhosting Basis", concluded_on: "2019-03-01", starts_on: "2019-03-01", party: "business",
  notice: { period: monthly, to: "month_end" }, interval: monthly,
  price: { amount: "15.91", currency: "EUR" }, phase: { name: "active" },
};

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  async function signedIn() {
    const visitor = await browser.visitor({ at: house.at, javaScript, width: 360 });
    const customer = await house.customer();
    await house.api.put(`/customers/${customer.number}/subscriptions/1`, facts);
    await visitor.goes(await house.linkFor(customer));
    await visitor.presses("Kundencenter öffnen");
    await visitor.goes("/contracts/1");
    return visitor;
  }

  test(`a contract is cancelled and taken back${how}`, async () => {
    const visitor = await signedIn();
    await visitor.follows("Vertrag kündigen");
    await visitor.sees("Wenn Sie heute kündigen, endet der Vertrag am", "1 Monat zum Monatsende");
    await visitor.fills("Späterer Wunschtermin (freiwillig)", "2001-01-01");
    await visitor.fills("Grund (freiwillig)", "Wir ziehen um.");
    await visitor.presses("jetzt kündigen");
    await visitor.sees("Der nächste mögliche Tag ist der");
    assert.match(await visitor.page.title(), /^Fehler: /);
    assert.equal(await visitor.field("Grund (freiwillig)").inputValue(), "Wir ziehen um.");
    await looksGood(visitor, { javaScript });
    await visitor.fills("Späterer Wunschtermin (freiwillig)", "");
    await visitor.presses("jetzt kündigen");
    await visitor.isAt("/contracts/1/cancel/confirmation");
    await visitor.sees("Ihr Vertrag ist gekündigt", "Wir ziehen um.", "Kündigungsbestätigung herunterladen");
    await looksGood(visitor, { javaScript });
    await visitor.follows("Kündigung zurücknehmen");
    await looksGood(visitor, { javaScript });
    await visitor.presses("Kündigung zurücknehmen");
    await visitor.isAt("/contracts/1");
    await visitor.sees("Die Kündigung ist zurückgenommen.", "Aktiv");
    await visitor.leaves();
  });

  test(`a contract is paused and resumed${how}`, async () => {
    const visitor = await signedIn();
    await visitor.follows("Vertrag pausieren");
    await looksGood(visitor, { javaScript });
    await visitor.presses("jetzt pausieren");
    await visitor.isAt("/contracts/1");
    await visitor.sees("Die Pause hat begonnen.", "Pausiert", "Der Vertrag ruht, bis Sie ihn fortsetzen.");
    await looksGood(visitor, { javaScript });
    await visitor.presses("Vertrag fortsetzen");
    await visitor.sees("Die Pause ist beendet.", "Aktiv");
    await visitor.leaves();
  });
}
