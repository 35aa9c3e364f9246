// A customer takes along what is kept, reads an account between two days, and asks to be erased; on a phone, with
// JavaScript and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse, wordsOfPdf } from "./house.mjs";
import { looksGood } from "./looks.mjs";
import { openBrowser } from "./portal.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openHouse()])));
after(() => browser.close());

// How often a page is asked whether its files are ready, a second between.
const PATIENCE = 60;

// Asks for the page anew, as it says, until the files are there; answers the file.
async function waitsForFiles(visitor) {
  for (let time = 0; time < PATIENCE; time++) {
    if (await visitor.page.getByRole("heading", { name: "Ihre Dateien sind fertig" }).count()) {
      return visitor.downloads(await visitor.linkTo("Herunterladen (ZIP"));
    }
    await visitor.sees("Wir stellen Ihre Dateien zusammen");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await visitor.follows("Stand aktualisieren");
  }
  assert.fail("the files are never ready");
}

// Names stand in a ZIP as they are.
const holds = ({ bytes }, name) => assert.ok(bytes.includes(Buffer.from(name)), `${name} is missing`);

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  async function signedIn() {
    const visitor = await browser.visitor({ at: house.at, javaScript, width: 360 });
    const customer = await house.customer({ owes: [119_00] });
    const number = await house.offers(customer);
    await visitor.goes(await house.linkFor(customer));
    await visitor.presses("Kundencenter öffnen");
    return { visitor, number };
  }

  test(`everything that is kept is taken along, and erasure is asked for${how}`, async () => {
    const { visitor, number } = await signedIn();
    await visitor.goes("/data");
    await visitor.follows("Ihre Daten mitnehmen");
    await visitor.presses("Daten zusammenstellen");
    await visitor.isAt("/data/export");
    await looksGood(visitor, { javaScript });
    const file = await waitsForFiles(visitor);
    assert.match(file.name, /^Meine-Daten-.*-1\.zip$/);
    for (const name of ["customer.json", "documents.json", "events.json", `Angebot-${number}.pdf`]) holds(file, name);
    await looksGood(visitor, { javaScript });

    await visitor.follows("Löschung Ihrer Daten verlangen");
    await looksGood(visitor, { javaScript });
    await visitor.presses("Löschung verlangen");
    await visitor.isAt("/data/erasure");
    await visitor.sees("Unser Team weiß davon");
    assert.equal(await visitor.page.getByRole("button", { name: "Löschung verlangen" }).count(), 0);
    await looksGood(visitor, { javaScript });
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`documents of a period come in one file${how}`, async () => {
    const { visitor } = await signedIn();
    await visitor.goes("/documents");
    await visitor.follows("Belege herunterladen");
    await visitor.fills("Von", "2026-12-31");
    await visitor.fills("Bis", "2026-01-01");
    await visitor.presses("Belege zusammenstellen");
    await visitor.sees("der erste darf nicht nach dem zweiten liegen");
    await looksGood(visitor, { javaScript });
    await visitor.fills("Von", "2020-01-01");
    await visitor.fills("Bis", "2020-12-31");
    await visitor.presses("Belege zusammenstellen");
    holds(await waitsForFiles(visitor), "index.csv");
    await visitor.sees("Belege vom 01.01.2020 bis 31.12.2020");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`an account is read between two days, on the page and on paper${how}`, async () => {
    const { visitor } = await signedIn();
    await visitor.goes("/invoices");
    await visitor.follows("Kontoauszug");
    await visitor.fills("Von", "2026-01-01");
    await visitor.presses("Kontoauszug anzeigen");
    await visitor.sees("Anfangssaldo", "0,00 €", "Endsaldo", "119,00 €");
    await looksGood(visitor, { javaScript });
    const paper = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("PDF")));
    assert.ok(paper.includes("Kontoauszug") && paper.includes("Endsaldo"), paper);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}
