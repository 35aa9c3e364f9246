// Every page at every width, with JavaScript and without it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openHouse } from "./house.mjs";
import { anotherCode, openBrowser } from "./portal.mjs";
import { fitsTheScreen, hasRoomInItsHead, isAccessible, isEasyToHit, isOneDocument, standsStill } from "./looks.mjs";
import { customersPages, publicPages, widths } from "./site.mjs";

const browser = await openBrowser();
after(() => browser.close());

const tine = await cookiesOf("tine@example.org");

// Who pays changes what the next one sees: in a house of its own, with money on the prepaid account.
const house = await openHouse("Webhosting AG");
const petra = await house.customer({ owes: [119_00, 47_73, 15_91], prepaid: true });
const ursina = await house.customer({ owes: [119_00], francs: 47_73 });
await house.fills(petra, 100_00);
const payer = await cookiesByLink(petra);
const twoCurrencies = await cookiesByLink(ursina);

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
  ["cancelling, refused", async (visitor) => {
    await visitor.goes("/cancel");
    await visitor.picks("Außerordentliche Kündigung");
    await visitor.presses("jetzt kündigen");
  }],
  ["withdrawing, confirmed", async (visitor) => {
    await visitor.goes("/withdraw");
    await visitor.fills("Vor- und Nachname", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft");
    await visitor.fills("Vertrag", "Domain-Paket");
    await visitor.fills("E-Mail-Adresse für die Bestätigung", "widerruf@example.net");
    await visitor.presses("Widerruf bestätigen");
  }],
];

// The same with money: an address, then what is pressed there and on the pages after it.
const check = (method, amount = "1") => `/settle?step=check&how=amount&amount=${amount}&method=${method}`;
const topUp = (method) => `/prepaid?check=1&account=${petra.prepaid}&amount=50.00&method=${method}`;
const [tops, pays, toProvider] = ["Prepaid-Konto aufladen", "Bezahlvorgang durchführen", "Zur Zahlungsseite"];
const moneySteps = [
  ["prepaid account", `/accounts/${petra.prepaid}`],
  ["top-up", "/prepaid"],
  ["top-up, refused", "/prepaid?check=1&amount=other&other=4,99&method=cash"],
  ["top-up, check", topUp("sandbox")],
  ["top-up by transfer", topUp("bank_transfer"), tops],
  ["top-up, paid", topUp("sandbox"), tops, toProvider, "Bezahlen"],
  ["paying, balance too low", check("balance", "150"), pays],
  ["payment by transfer", check("bank_transfer"), pays],
  ["payment, go on", check("sandbox"), pays],
  ["payment, awaited", check("sandbox"), pays, toProvider, "Später bezahlen"],
  ["payment, paid", check("sandbox"), pays, toProvider, "Bezahlen"],
  ["payment, declined", check("sandbox"), pays, toProvider, "Ablehnen lassen"],
  ["provider's page", check("sandbox"), pays, toProvider],
];
const accountSteps = [["paying, which account", "/settle"], ["login address, refused", "/data/email", "Bestätigung anfordern"]];
const linkSteps = [
  ["link for an invoice", await house.payLinkFor(ursina)],
  ["link for an invoice, payment", await house.payLinkFor(ursina), "Jetzt bezahlen"],
  ["link for a payment method", await house.methodLinkFor(ursina)],
  ["link for a document", await house.documentLinkFor(ursina)],
  ["link to a contract", await house.contractLinkFor(ursina)],
  ["link to a contract, opened", await house.contractLinkFor(ursina), "Kundencenter öffnen"],
  ["link for an invoice, ended", await house.endedPayLinkFor(ursina)],
];

async function walks(visitor, path, buttons) {
  await visitor.goes(path);
  for (const name of buttons) await (name === toProvider ? visitor.follows(name) : visitor.presses(name));
}

for (const javaScript of [true, false]) {
  for (const [name, path, status = 200] of publicPages) {
    looksRight(name, { javaScript }, async (visitor) => assert.equal(await visitor.goes(path), status));
  }
  for (const [name, arrives] of steps) {
    looksRight(name, { javaScript }, arrives);
  }
  for (const [steps, cookies] of [[moneySteps, payer], [accountSteps, twoCurrencies], [linkSteps, undefined]]) {
    for (const [name, path, ...buttons] of steps) {
      looksRight(name, { javaScript, at: house.at, cookies }, (visitor) => walks(visitor, path, buttons));
    }
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
  return takesCookiesAlong(visitor);
}

async function cookiesByLink(customer) {
  const visitor = await browser.visitor({ at: house.at });
  await visitor.goes(await house.linkFor(customer));
  await visitor.presses("Kundencenter öffnen");
  return takesCookiesAlong(visitor);
}

async function takesCookiesAlong(visitor) {
  const cookies = await visitor.cookies();
  await visitor.leaves();
  return cookies;
}
