// Customers change their data and keep billing addresses: what is wrong is told where it is, and nothing typed is lost; on a
// phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse } from "./house.mjs";
import { looksGood } from "./looks.mjs";
import { openBrowser } from "./portal.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openHouse()])));
after(() => browser.close());

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";
  const onPhone = { javaScript, width: 360 };

  async function signedIn() {
    const visitor = await browser.visitor({ at: house.at, ...onPhone });
    await visitor.goes(await house.linkFor(await house.customer()));
    await visitor.presses("Kundencenter öffnen");
    return visitor;
  }

  test(`data are changed, and of two at once nobody loses anything${how}`, async () => {
    const visitor = await signedIn();
    await visitor.goes("/data");
    await visitor.follows("Daten ändern");
    await visitor.fills("Firma (freiwillig)", "Neue GmbH");
    await visitor.fills("PLZ", "5678");
    await visitor.presses("Daten speichern");
    await visitor.sees("Geben Sie die PLZ mit 5 Ziffern ein, zum Beispiel 56789.");
    assert.match(await visitor.page.title(), /^Fehler: /);
    assert.equal(await visitor.field("Firma (freiwillig)").inputValue(), "Neue GmbH");
    await looksGood(visitor, { javaScript });

    const other = await visitor.anotherTab();
    await other.goes("/data/edit");
    await other.fills("Ort", "Neustadt");
    await other.presses("Daten speichern");
    await other.sees("Gespeichert.", "Neustadt");

    await visitor.fills("PLZ", "56789");
    await visitor.presses("Daten speichern");
    await visitor.sees("Inzwischen gespeichert: Neustadt");
    assert.equal(await visitor.field("Firma (freiwillig)").inputValue(), "Neue GmbH");
    await looksGood(visitor, { javaScript });
    await visitor.fills("Ort", "Neustadt");
    await visitor.presses("Daten speichern");
    await visitor.isAt("/data");
    await visitor.sees("Gespeichert.", "Neue GmbH", "Neustadt");
    await visitor.leaves();
  });

  test(`a billing address is added, becomes the default and goes${how}`, async () => {
    const visitor = await signedIn();
    const own = `Petra Zahlmann ${house.customers.length}, Rosahausen`;
    await visitor.goes("/data/addresses");
    await visitor.follows("Rechnungsadresse hinzufügen");
    await visitor.presses("Rechnungsadresse speichern");
    await visitor.sees("Geben Sie eine Firma oder einen Namen ein.", "Füllen Sie „Ort“ aus.");
    await looksGood(visitor, { javaScript });
    const address = { Name: "Buchhaltung", "Adresse 1": "Nebenweg 2", PLZ: "1010", Ort: "Wien" };
    for (const [label, text] of Object.entries(address)) await visitor.fills(label, text);
    await visitor.field("Land").selectOption("Österreich");
    await visitor.presses("Rechnungsadresse speichern");
    await visitor.sees("Gespeichert.", "Buchhaltung", "1010 Wien", "Österreich");
    await visitor.presses("Als Standard verwenden Buchhaltung, Wien");
    await looksGood(visitor, { javaScript });
    await visitor.follows("Entfernen Buchhaltung, Wien");
    await visitor.sees("Das ist Ihre Standard-Adresse.");
    await looksGood(visitor, { javaScript });
    await visitor.follows("Zurück zu den Rechnungsadressen");
    await visitor.presses(`Als Standard verwenden ${own}`);
    await visitor.follows("Entfernen Buchhaltung, Wien");
    await visitor.presses("Rechnungsadresse entfernen");
    await visitor.isAt("/data/addresses");
    await visitor.doesNotSee("Buchhaltung");
    await visitor.leaves();
  });
}
