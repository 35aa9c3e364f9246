// A customer reads an offer, asks about it, accepts it and has that on paper; on a phone, with JavaScript and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openHouse, wordsOfPdf } from "./house.mjs";
import { looksGood } from "./looks.mjs";
import { mailAbout, openBrowser } from "./portal.mjs";

let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openHouse()])));
after(() => browser.close());

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  async function signedIn() {
    const visitor = await browser.visitor({ at: house.at, javaScript, width: 360 });
    const customer = await house.customer();
    const number = await house.offers(customer);
    await visitor.goes(await house.linkFor(customer));
    await visitor.presses("Kundencenter öffnen");
    return { visitor, customer, number, page: `/documents/offer/${number}` };
  }

  test(`an offer is asked about and accepted${how}`, async () => {
    const { visitor, customer, number, page } = await signedIn();
    await visitor.goes("/documents");
    await visitor.follows(`Angebot ${number}`);
    await visitor.sees("119,00 €", "Offen");
    await visitor.presses("Kommentar senden");
    await visitor.sees("Schreiben Sie, was Sie uns sagen möchten.");
    assert.match(await visitor.page.title(), /^Fehler: /);
    await looksGood(visitor, { javaScript });
    await visitor.fills("Ihr Kommentar", "Kommen Sie am Montag?\n<b>Danke</b>");
    await visitor.presses("Kommentar senden");
    await visitor.isAt(page);
    await visitor.sees("Ihr Kommentar ist bei uns.", "Kommen Sie am Montag?\n<b>Danke</b>");
    await house.api.post(`/documents/offer/${number}/comments`, { text: "Gern.", name: "Frau Petersen" });
    await visitor.reloads();
    await visitor.sees("Frau Petersen, Probierhaus AG", "Gern.");
    await looksGood(visitor, { javaScript });

    const late = await visitor.anotherTab();
    await late.goes(`${page}/accept`);
    await visitor.follows("Angebot annehmen");
    await looksGood(visitor, { javaScript });
    await visitor.presses("Angebot zahlungspflichtig annehmen");
    await visitor.sees("Geben Sie Ihren Vor- und Nachnamen ein.", "Setzen Sie das Häkchen");
    await looksGood(visitor, { javaScript });
    await visitor.fills("Ihr Vor- und Nachname", "Petra Zahlmann");
    await visitor.field("Ich nehme das Angebot verbindlich an.").check();
    await visitor.presses("Angebot zahlungspflichtig annehmen");
    await visitor.isAt(`${page}/confirmation`);
    await visitor.sees("Sie haben das Angebot angenommen", "Petra Zahlmann");
    await looksGood(visitor, { javaScript });
    const words = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("Bestätigung als PDF herunterladen")));
    const mail = await mailAbout(customer.email, `Angebot ${number} angenommen`);
    for (const paper of [words, await wordsOfPdf(mail.bytes)]) {
      assert.ok(paper.includes("Annahme unseres Angebots") && paper.includes("Petra Zahlmann"), paper);
    }

    // Whoever presses the button in an older tab sees what was decided.
    await late.fills("Ihr Vor- und Nachname", "Otto Anders");
    await late.field("Ich nehme das Angebot verbindlich an.").check();
    await late.presses("Angebot zahlungspflichtig annehmen");
    await late.isAt(`${page}/confirmation`);
    await late.sees("Petra Zahlmann");
    await late.doesNotSee("Otto Anders");
    await visitor.goes("/documents");
    await visitor.sees("Angenommen");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`an offer is declined${how}`, async () => {
    const { visitor, page } = await signedIn();
    await visitor.goes(page);
    await visitor.follows("Angebot ablehnen");
    await looksGood(visitor, { javaScript });
    await visitor.fills("Grund (freiwillig)", "Wir haben es uns anders überlegt.");
    await visitor.presses("Angebot jetzt ablehnen");
    await visitor.isAt(`${page}/confirmation`);
    await visitor.sees("Sie haben das Angebot abgelehnt", "Wir haben es uns anders überlegt.");
    await looksGood(visitor, { javaScript });
    await visitor.leaves();
  });
}
