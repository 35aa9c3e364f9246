// Paying: by card, by transfer, from a balance and by link; twice, late and not at all. The money is where it belongs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { euros, goesToCheck, goesToPay, goesToPayment, openHouse, paysAndLeaves, wordsOfPdf } from "./house.mjs";
import { mailAbout, openBrowser, subjectsTo, timePasses } from "./portal.mjs";

const paid = "Vielen Dank, Ihre Zahlung ist da";
let browser, house;
before(async () => ([browser, house] = await Promise.all([openBrowser(), openHouse()])));
after(async () => {
  await browser.close();
  await house.isBalanced();
});

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";
  const onPhone = { javaScript, width: 360 };

  test(`one amount over three invoices is distributed, paid and told to the cent${how}`, async () => {
    const petra = await house.customer({ owes: [119_00, 47_73, 15_91] });
    const [first, second, third] = petra.invoices;
    const visitor = await signsIn(petra, onPhone);
    await visitor.follows("Jetzt bezahlen");
    await visitor.sees("Kontostand (offene Forderungen)", "182,64 €");
    await visitor.picks("Ein anderer Betrag");
    await visitor.fills("Zahlbetrag", "175");
    await visitor.presses("Weiter zur Verteilung");
    assert.deepEqual(await visitor.table(), [
      [first, "119,00 €", "119,00 €", "0,00 €"],
      [second, "47,73 €", "47,73 €", "0,00 €"],
      [third, "15,91 €", "8,27 €", "7,64 €"],
      ["Summe", "182,64 €", "175,00 €", "7,64 €"],
    ]);
    const left = `Von Rechnung ${third} bleiben 7,64 € offen`;
    await visitor.sees("Nach dieser Zahlung sind 2 Rechnungen ausgeglichen.", left);
    await visitor.presses("Weiter zur Zahlungsmethode");
    await visitor.picks("Testzahlung");
    await visitor.presses("Weiter zum Prüfen");
    await visitor.sees("Sie zahlen jetzt 175,00 € mit Testzahlung", "175,00 € von 182,64 €");
    await visitor.presses("Bezahlvorgang durchführen");
    await visitor.sees("Weiter zur Zahlung", `${first}, ${second}, ${third}`);
    await visitor.follows("Zur Zahlungsseite");
    await visitor.sees("Hier wird kein Geld bewegt", house.name, "175,00 €", `${first}, ${second}, ${third}`);
    await visitor.presses("Bezahlen");
    await visitor.sees(paid, "175,00 €", "2 Rechnungen sind ausgeglichen.", left);
    assert.deepEqual(await amounts(visitor), [[first, "119,00 €"], [second, "47,73 €"], [third, "8,27 €"]]);

    const receipt = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("Quittung herunterladen")));
    const mail = await mailAbout(petra.email, "Zahlung über 175,00 € eingegangen");
    for (const words of [receipt, await wordsOfPdf(mail.bytes)]) {
      includes(words, "Betrag (EUR): 175,00", first, "119,00 €", second, "47,73 €", third, "8,27 €");
    }
    includes(mail.words, "Betrag: 175,00 €", first, second, third);

    await visitor.goes("/invoices?filter=paid");
    await visitor.sees(first, "119,00 €", second, "47,73 €");
    await visitor.doesNotSee(third);
    await visitor.goes("/invoices?filter=open");
    await visitor.sees(third, "7,64 €");
    await visitor.doesNotSee(first, second);
    await visitor.goes("/accounts");
    await visitor.sees("7,64 €");
    const entry = ["Zahlung per Testzahlung", "−175,00 €", "7,64 €"];
    assert.deepEqual(await newestEntry(visitor, petra.account), entry);
    assert.equal(await house.open(...petra.invoices), "0.00 0.00 7.64");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a cancelled payment says so and offers another try, which pays${how}`, async () => {
    const petra = await house.customer({ owes: [119_00] });
    const visitor = await signsIn(petra, onPhone);
    await goesToPay(visitor);
    await visitor.presses("Abbrechen");
    await visitor.sees("Sie haben die Zahlung abgebrochen", "119,00 €", "Es wurde nichts abgebucht.");
    await triesAgain(visitor, petra);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`back and reload after paying change nothing${how}`, async () => {
    const petra = await house.customer({ owes: [119_00] });
    const visitor = await signsIn(petra, onPhone);
    await goesToPay(visitor);
    await visitor.presses("Bezahlen");
    const place = visitor.path();
    await visitor.reloads();
    await visitor.sees(paid, "119,00 €");
    await visitor.goesBack();
    await visitor.sees("Stand", "bezahlt");
    await visitor.doesNotSee("Später bezahlen");
    await visitor.goesBack();
    await visitor.sees(paid, "119,00 €");
    assert.ok(place.startsWith(visitor.path()), `${visitor.path()} is another payment than ${place}`);
    await paidOnce(visitor, petra, 119_00);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`two tabs with the same check page pay once${how}`, async () => {
    const petra = await house.customer({ owes: [119_00] });
    const visitor = await signsIn(petra, onPhone);
    await goesToCheck(visitor);
    const other = await visitor.anotherTab();
    await other.goes(visitor.path());
    await Promise.all([visitor, other].map((tab) => tab.presses("Bezahlvorgang durchführen")));
    await other.isAt(visitor.path());
    for (const tab of [visitor, other]) await tab.follows("Zur Zahlungsseite");
    await Promise.all([visitor, other].map((tab) => tab.presses("Bezahlen")));
    for (const tab of [visitor, other]) await tab.sees(paid, "119,00 €");
    await paidOnce(visitor, petra, 119_00);
    for (const tab of [visitor, other]) tab.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a double click on each button is one payment${how}`, async () => {
    const petra = await house.customer({ owes: [119_00] });
    const visitor = await signsIn(petra, onPhone);
    await goesToCheck(visitor);
    await visitor.pressesTwice("Bezahlvorgang durchführen");
    await visitor.follows("Zur Zahlungsseite");
    await visitor.pressesTwice("Bezahlen");
    await visitor.sees(paid, "119,00 €");
    await paidOnce(visitor, petra, 119_00);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a top-up by card is on the account at once, with its paper and mail${how}`, async () => {
    const petra = await house.customer({ prepaid: true });
    const visitor = await signsIn(petra, onPhone);
    await visitor.goes("/accounts");
    await visitor.follows("Prepaid-Konto aufladen");
    await wantsToTopUp(visitor, "123,45", "Testzahlung");
    await visitor.sees("Sie zahlen jetzt 123,45 € mit Testzahlung", petra.prepaid, "Messe 7");
    await visitor.presses("Prepaid-Konto aufladen");
    await visitor.follows("Zur Zahlungsseite");
    await visitor.sees(`Aufladung von Konto ${petra.prepaid}`, "123,45 €");
    await visitor.presses("Bezahlen");
    await visitor.sees(paid, "123,45 €", `Das Geld steht auf Konto ${petra.prepaid} bereit.`, "Messe 7");
    const paper = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("Einzahlungsbestätigung (PDF)")));
    const mail = await mailAbout(petra.email, "Einzahlungsbestätigung");
    for (const words of [paper, await wordsOfPdf(mail.bytes)]) {
      includes(words, "Einzahlungsbestätigung", "123,45", petra.prepaid, "Messe 7");
    }
    includes(mail.words, "Betrag: 123,45 €", petra.prepaid);
    const entry = ["Einzahlung per Testzahlung", "123,45 €", "123,45 €"];
    assert.deepEqual(await newestEntry(visitor, petra.prepaid), entry);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a top-up by transfer is asked for, comes with the bank's file and is confirmed${how}`, async () => {
    const petra = await house.customer({ prepaid: true });
    const visitor = await signsIn(petra, onPhone);
    await visitor.goes("/prepaid");
    await wantsToTopUp(visitor, "250", "Banküberweisung");
    await visitor.sees("Sie zahlen 250,00 € per Banküberweisung", "Messe 7");
    await visitor.presses("Prepaid-Konto aufladen");
    const place = visitor.path();
    const number = place.split("/").at(-1);
    await visitor.sees("Bitte überweisen Sie 250,00 €", house.name, "DE02 1203 0000 0000 2020 51", "Messe 7");
    assert.ok(await isDrawn(visitor.page.getByAltText(/^GiroCode mit Empfänger/)), "the GiroCode is not drawn");
    const reference = await valueOf(visitor, "Verwendungszweck");
    assert.equal(reference.replaceAll(" ", "").slice(4), number);
    if (javaScript) assert.equal(await copied(visitor, "Verwendungszweck"), reference.replaceAll(" ", ""));

    const paper = await wordsOfPdf(await visitor.fetches(await visitor.linkTo("Einzahlungsaufforderung (PDF)")));
    const asking = await mailAbout(petra.email, `Einzahlungsaufforderung ${number}`);
    for (const words of [paper, await wordsOfPdf(asking.bytes)]) {
      includes(words, "Einzahlungsaufforderung", number, "Betrag (EUR): 250,00", petra.prepaid, "Messe 7");
    }
    includes(asking.words, "Betrag: 250,00 €", number);
    await visitor.goes(`/accounts/${petra.prepaid}`);
    await visitor.sees("Noch keine Buchung");

    // As people type it: with the blanks.
    const { outcome, amount } = await house.getsTransfer(250_00, reference);
    assert.deepEqual([outcome, amount.amount], ["booked", "250.00"]);
    await visitor.goes(place);
    await visitor.sees(paid, "250,00 €", `Das Geld steht auf Konto ${petra.prepaid} bereit.`);
    const entry = ["Einzahlung per Banküberweisung", "250,00 €", "250,00 €"];
    assert.deepEqual(await newestEntry(visitor, petra.prepaid), entry);
    const mail = await mailAbout(petra.email, `Einzahlungsbestätigung ${number}`);
    includes(await wordsOfPdf(mail.bytes), "Einzahlungsbestätigung", number, "250,00", petra.prepaid);
    includes(mail.words, "Betrag: 250,00 €", petra.prepaid);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a link pays its invoice without a login, and then says that nothing is left${how}`, async () => {
    const petra = await house.customer({ owes: [119_00, 47_73] });
    const link = await house.payLinkFor(petra);
    const visitor = await browser.visitor({ at: house.at, ...onPhone });
    const others = ["Zahlmann", petra.number, petra.email, petra.invoices[1]];
    await visitor.goes(link);
    await visitor.sees(`Rechnung ${petra.invoices[0]} bezahlen`, "119,00 €");
    await visitor.doesNotSee(...others);
    await visitor.picks("Testzahlung");
    await visitor.pressesTwice("Jetzt bezahlen");
    await visitor.follows("Zur Zahlungsseite");
    await visitor.presses("Bezahlen");
    await visitor.sees(paid, "119,00 €", "1 Rechnung ist ausgeglichen.");
    await visitor.doesNotSee(...others, "Quittung");
    await visitor.goes(link);
    await visitor.sees(`Rechnung ${petra.invoices[0]} ist bezahlt`, "Es ist nichts mehr zu zahlen.");
    await visitor.goes("/invoices");
    assert.match(visitor.path(), /^\/login/, "a link signs nobody in");
    await mailAbout(petra.email, "Zahlung über 119,00 € eingegangen");
    assert.equal(await house.open(...petra.invoices), "0.00 47.73");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });

  test(`a balance pays a chosen invoice, and nothing that is more than it${how}`, async () => {
    const petra = await house.customer({ owes: [119_00, 47_73], prepaid: true });
    const [dear, cheap] = petra.invoices;
    await house.fills(petra, 100_00);
    const visitor = await signsIn(petra, onPhone);
    await goesToCheck(visitor, "166,73", "balance");
    await visitor.presses("Bezahlvorgang durchführen");
    await visitor.sees("Das Guthaben reicht nicht.", "166,73 €");
    await visitor.goes("/settle");
    await visitor.page.getByRole("checkbox", { name: dear }).uncheck();
    await visitor.presses("Weiter zur Verteilung");
    assert.deepEqual((await visitor.table())[0], [cheap, "47,73 €", "47,73 €", "0,00 €"]);
    await visitor.presses("Weiter zur Zahlungsmethode");
    await visitor.picks(`Prepaid-Konto ${petra.prepaid}`);
    await visitor.presses("Weiter zum Prüfen");
    await visitor.sees(`Sie zahlen jetzt 47,73 € von Prepaid-Konto ${petra.prepaid}`);
    await visitor.presses("Bezahlvorgang durchführen");
    await visitor.sees(paid, "47,73 €", "1 Rechnung ist ausgeglichen.");
    const entry = [`Rechnung ${cheap} bezahlt`, "−47,73 €", "52,27 €"];
    assert.deepEqual(await newestEntry(visitor, petra.prepaid), entry);
    await visitor.goes("/accounts");
    await visitor.sees("119,00 €", "52,27 €");
    assert.equal(await house.open(...petra.invoices), "119.00 0.00");
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}

test("whoever goes back to the page before the money comes to the payment that was made", async () => {
  for (const owes of [[119_00], [119_00, 47_73]]) {
    const petra = await house.customer({ owes });
    const visitor = await signsIn(petra);
    await visitor.goes(`/settle?step=check&how=part&invoice=${petra.invoices[0]}&amount=119&method=sandbox`);
    const check = visitor.path();
    await visitor.presses("Bezahlvorgang durchführen");
    const place = visitor.path();
    await visitor.follows("Zur Zahlungsseite");
    await visitor.presses("Bezahlen");
    await visitor.sees(paid, "119,00 €");
    assert.equal(await visitor.goes(check), 200);
    await visitor.isAt(place);
    await visitor.sees(paid, "119,00 €");
    visitor.hadNoComplaint();
    await visitor.leaves();
  }
});

test("a declined payment says so and offers another try, which pays", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  await goesToPay(visitor);
  await visitor.presses("Ablehnen lassen");
  await visitor.sees("Die Zahlung wurde abgelehnt", "119,00 €", "Es wurde nichts abgebucht.");
  // Told after a moment, for who tries again at once knows it.
  await timePasses(3 * 60);
  const mail = await mailAbout(petra.email, "Zahlung über 119,00 € nicht ausgeführt");
  assert.ok(mail.words.includes(petra.invoices[0]), mail.words);
  await triesAgain(visitor, petra);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("a payment that ran out of time says so and offers another try, which pays", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  await goesToPay(visitor);
  await visitor.presses("Ablaufen lassen");
  await visitor.sees("abgelaufen");
  await visitor.follows(`Zurück zu ${house.name}`);
  await visitor.sees("Die Zeit für diese Zahlung ist abgelaufen", "119,00 €", "Es wurde nichts abgebucht.");
  await triesAgain(visitor, petra);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("what was declined may be paid late, and then it is paid", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const checkout = await goesToPay(visitor);
  await visitor.presses("Ablehnen lassen");
  await visitor.sees("Die Zahlung wurde abgelehnt", "Kommt das Geld doch noch an, buchen wir es");
  await visitor.goes(checkout);
  await visitor.sees("abgelehnt");
  await visitor.presses("Bezahlen");
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("who pays later sees what is awaited, and then the money", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const checkout = await goesToPay(visitor);
  await visitor.presses("Später bezahlen");
  await visitor.sees("Ihre Zahlung wird bestätigt", "119,00 €", petra.email);
  await visitor.follows("Stand neu laden");
  await visitor.sees("Ihre Zahlung wird bestätigt");
  await paysAndLeaves(checkout, "once");
  await visitor.follows("Stand neu laden");
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("a message that comes twice, and once more by hand, is one payment", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const checkout = await goesToPay(visitor);
  await visitor.picks("zweimal");
  await visitor.presses("Bezahlen");
  await visitor.sees(paid, "119,00 €");
  await visitor.goes(checkout);
  await visitor.sees("gesendet: 2-mal, letzte Antwort: 200");
  await visitor.presses(/^Noch einmal senden/);
  await visitor.sees("gesendet: 3-mal, letzte Antwort: 200");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("who comes back before the message is told the truth, and the message changes nothing", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const checkout = await goesToPay(visitor);
  await visitor.picks("jetzt nicht");
  await visitor.presses("Bezahlen");
  await visitor.sees(paid, "119,00 €");
  const place = visitor.path();
  await visitor.goes(checkout);
  await visitor.sees("noch nicht gesendet");
  await visitor.presses(/^Jetzt senden/);
  await visitor.sees("gesendet: 1-mal, letzte Antwort: 200");
  await visitor.goes(place);
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("who comes back after the message finds the money there", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const place = await goesToPayment(visitor);
  await paysAndLeaves(await visitor.linkTo("Zur Zahlungsseite"), "once");
  await mailAbout(petra.email, "Zahlung über 119,00 € eingegangen");
  await visitor.goes(place);
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("who never comes back, and of whom no message tells, has paid after some minutes all the same", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const place = await goesToPayment(visitor);
  await paysAndLeaves(await visitor.linkTo("Zur Zahlungsseite"), "later");
  await visitor.goes(place);
  await visitor.sees("Weiter zur Zahlung");
  await timePasses(3 * 60);
  await mailAbout(petra.email, "Zahlung über 119,00 € eingegangen");
  await visitor.goes(place);
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, petra, 119_00);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("what is paid twice by mistake is credit, and is said", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  await goesToPay(visitor);
  await visitor.presses("Zweimal bezahlen");
  await visitor.sees(paid, "Angefordert waren 119,00 €, angekommen sind 238,00 €", "119,00 € sind Guthaben");
  await visitor.goes("/accounts");
  await visitor.sees("Guthaben 119,00 €");
  const entry = ["Zahlung per Testzahlung", "−119,00 €", "−119,00 €"];
  assert.deepEqual(await newestEntry(visitor, petra.account), entry);
  assert.equal(await house.open(...petra.invoices), "0.00");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("a payment that runs is said before another one is begun", async () => {
  const petra = await house.customer({ owes: [119_00] });
  const visitor = await signsIn(petra);
  const place = await goesToPayment(visitor);
  await goesToCheck(visitor);
  await visitor.sees("Eine Zahlung über 119,00 € läuft bereits.");
  await visitor.follows("Stand ansehen");
  assert.equal(visitor.path().split("?")[0], place);
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("what an amount does shows while one types, and is said", async () => {
  const petra = await house.customer({ owes: [119_00, 47_73] });
  const [first, second] = petra.invoices;
  const visitor = await signsIn(petra);
  await visitor.goes("/settle?step=allocation&how=amount&amount=10");
  await visitor.sees(`Von Rechnung ${first} bleiben 109,00 € offen`);
  await visitor.fills("Zahlbetrag", "150,5");
  await visitor.page.locator("#preview").getByText(`Von Rechnung ${second} bleiben 16,23`).waitFor();
  assert.deepEqual(await visitor.table(), [
    [first, "119,00 €", "119,00 €", "0,00 €"],
    [second, "47,73 €", "31,50 €", "16,23 €"],
    ["Summe", "166,73 €", "150,50 €", "16,23 €"],
  ]);
  assert.match(await visitor.page.getByRole("status").last().textContent(), /bleiben 16,23/);
  await visitor.presses("Weiter zur Zahlungsmethode");
  await visitor.sees("−150,50 €", "16,23 €");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("nobody was told anything twice, and of a refusal only whose payment stayed refused", async () => {
  await timePasses(3 * 60);
  const told = await Promise.all(house.customers.map(({ email }) => subjectsTo(email)));
  for (const subjects of told) assert.deepEqual(subjects, [...new Set(subjects)]);
  assert.equal(told.flat().filter((subject) => subject.includes("nicht ausgeführt")).length, 1);
});

// By a personal link, as mails carry them.
async function signsIn(customer, circumstances) {
  const visitor = await browser.visitor({ at: house.at, ...circumstances });
  await visitor.goes(await house.linkFor(customer));
  await visitor.presses("Kundencenter öffnen");
  return visitor;
}

// Nothing was paid; the link on the page leads to a payment that is.
async function triesAgain(visitor, customer) {
  assert.equal(await house.open(...customer.invoices), "119.00");
  await visitor.follows("Erneut versuchen");
  await visitor.sees("Womit möchten Sie bezahlen?", "119,00 €");
  await visitor.presses("Weiter zum Prüfen");
  await visitor.presses("Bezahlvorgang durchführen");
  await visitor.follows("Zur Zahlungsseite");
  await visitor.presses("Bezahlen");
  await visitor.sees(paid, "119,00 €");
  await paidOnce(visitor, customer, 119_00);
}

async function wantsToTopUp(visitor, amount, method) {
  await visitor.picks("Anderer");
  await visitor.fills("Anderer Betrag", amount);
  await visitor.picks(method);
  await visitor.fills("Referenz-Text (freiwillig)", "Messe 7");
  await visitor.presses("Weiter zum Prüfen");
}

// One payment reached the account, one mail told of it, and nothing is owed any more.
async function paidOnce(visitor, { email, account, invoices }, cents) {
  const { items } = JSON.parse(await visitor.fetches("/api/v1/payments"));
  assert.equal(items.filter(({ state }) => state.name === "paid").length, 1, JSON.stringify(items));
  await visitor.goes(`/accounts/${account}`);
  const entries = (await visitor.table()).filter(([what]) => what === "Zahlung per Testzahlung");
  assert.deepEqual(entries.map((entry) => entry.at(-2)), [`−${euros(cents)}`]);
  assert.equal(await house.open(...invoices), "0.00");
  await mailAbout(email, `Zahlung über ${euros(cents)} eingegangen`);
  const told = (await subjectsTo(email)).filter((subject) => subject.includes("eingegangen"));
  assert.equal(told.length, 1, told.join(", "));
}

// What happened, by how much, and the balance after it.
async function newestEntry(visitor, account) {
  await visitor.goes(`/accounts/${account}`);
  const [what, , , amount, balance] = (await visitor.table())[0];
  return [what, amount, balance];
}

const amounts = async (visitor) => (await visitor.table()).map(([number, , amount]) => [number, amount]);

const isDrawn = (picture) => picture.evaluate((image) => image.complete && image.naturalWidth > 0);

const row = (visitor, word) => visitor.page.locator(".copy").filter({ hasText: word });

const valueOf = (visitor, word) => row(visitor, word).locator("dd").first().innerText();

async function copied(visitor, word) {
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visitor.presses(`Kopieren ${word}`);
  await row(visitor, word).getByText("Kopiert", { exact: true }).waitFor();
  return visitor.page.evaluate(() => navigator.clipboard.readText());
}

function includes(words, ...parts) {
  for (const part of parts) assert.ok(words.includes(part), `“${part}” is missing in\n${words}`);
}
