// Payment methods that customers keep: added in the portal and by link, used, and taken away; on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse } from "./house.mjs";
import { openBrowser } from "./portal.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openHouse()])));
after(async () => {
  await browser.close();
  await house.isBalanced();
});

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";
  const onPhone = { javaScript, width: 360 };

  test(`what failed is paid by a method that is added by link, and becomes the default${how}`, async () => {
    const petra = await house.customer({ owes: [119_00] });
    const visitor = await browser.visitor({ at: house.at, ...onPhone });
    await visitor.goes(await house.linkFor(petra));
    await visitor.presses("Kundencenter öffnen");
    await visitor.goes("/payment-methods");
    await visitor.sees("Noch keine Zahlungsmethode");
    await visitor.follows("Zahlungsmethode hinzufügen");
    await visitor.presses("Weiter");
    await visitor.follows("Zur Seite des Zahlungsanbieters");
    await visitor.sees("Testzahlungsmethode", house.name);
    await visitor.picks("wird abgelehnt");
    await visitor.presses("Hinterlegen");
    await visitor.sees("Ihre Zahlungsmethode ist hinterlegt", "Testzahlung, wird abgelehnt");
    await visitor.follows("Zurück zu den Zahlungsmethoden");
    await visitor.sees("Testzahlung, wird abgelehnt", "Standard");

    await visitor.goes("/settle?step=method&how=amount&amount=119");
    await visitor.picks("Testzahlung, wird abgelehnt");
    await visitor.presses("Weiter zum Prüfen");
    await visitor.sees("Sie zahlen jetzt 119,00 € mit Testzahlung, wird abgelehnt");
    await visitor.presses("Bezahlvorgang durchführen");
    await visitor.sees("Die Zahlung wurde abgelehnt");
    assert.equal(await house.open(...petra.invoices), "119.00");

    const stranger = await browser.visitor({ at: house.at, ...onPhone });
    await stranger.goes(await house.methodLinkFor(petra));
    await stranger.sees("Zahlungsmethode hinzufügen", petra.number);
    await stranger.doesNotSee("119,00", "Zahlmann");
    await stranger.presses("Weiter");
    await stranger.follows("Zur Seite des Zahlungsanbieters");
    await stranger.presses("Hinterlegen");
    await stranger.sees("Ihre Zahlungsmethode ist hinterlegt", "Testzahlung, zahlt sofort", "künftige Verträge und Rechnungen");
    await house.opens(petra.invoices, "0.00");
    stranger.hadNoComplaint();
    await stranger.leaves();

    await visitor.goes("/payment-methods");
    await visitor.sees("Testzahlung, zahlt sofort", "Nicht mehr als Standard verwenden");
    await visitor.presses("Als Standard verwenden Testzahlung, wird abgelehnt");
    await visitor.sees("Gespeichert.");
    await visitor.follows("Entfernen Testzahlung, wird abgelehnt");
    await visitor.sees("Sie wird noch verwendet");
    await visitor.presses("Zahlungsmethode entfernen");
    await visitor.doesNotSee("wird abgelehnt");
    await visitor.sees("Testzahlung, zahlt sofort", "Standard");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}
