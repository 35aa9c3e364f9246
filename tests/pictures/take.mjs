// Pictures of pages: NAME-WIDTH-LANGUAGE-SCHEME.png into the folder given.

import { writeFile } from "node:fs/promises";
import { openHouse } from "../browser/house.mjs";
import { anotherCode, base, english, german, openBrowser } from "../browser/portal.mjs";

const folder = process.argv[2];
const words = { de: german, en: english };
const stadtwerke = base.replace("webhosting-ag", "stadtwerke-muster");

// Dark is shown once per page: the colours are the same everywhere.
const looks = [
  ...["de", "en"].flatMap((language) => [360, 1280].map((width) => ({ language, width, scheme: "light" }))),
  { language: "de", width: 360, scheme: "dark" },
];

const open = (path) => (visitor) => visitor.goes(path);

// Pages without a customer; each look is a visitor of its own.
const doors = {
  login: open("/login"),
  "login-error": async (visitor, words) => {
    await visitor.goes("/login");
    await visitor.presses(words.request);
  },
  code: (visitor, words) => visitor.asksForCode("max@example.org", words),
  "code-error": async (visitor, words) => {
    await visitor.entersCode(anotherCode(await visitor.asksForCode("karl.saumselig@example.org", words)), words);
  },
  choose: (visitor, words) => visitor.signsIn("familie.teilen@example.org", words),
  imprint: open("/imprint"),
  privacy: open("/privacy"),
  accessibility: open("/accessibility"),
  cancel: open("/cancel"),
  "cancel-error": async (visitor) => {
    await visitor.goes("/cancel");
    await pressesOn(visitor);
  },
  "cancel-confirmed": async (visitor) => {
    await visitor.goes("/cancel");
    const typed = { name: "Tine Exemplus", identity: "K5003", contract: "Vertrag Nr. 1", email: "tine@example.org" };
    for (const [field, value] of Object.entries(typed)) await visitor.page.fill(`[name=${field}]`, value);
    await pressesOn(visitor);
  },
  withdraw: open("/withdraw"),
  "error-404": open("/nowhere"),
  "other-tenant-login": open(`${stadtwerke}/login`),
};

// Pages of a customer, who signs in once per language.
const rooms = {
  "tine@example.org": {
    start: "/",
    data: "/data",
    contact: "/contact",
    contracts: "/contracts",
    contract: "/contracts/1",
    "contract-cancel": "/contracts/1/cancel",
    "contract-cancelled": "/contracts/4",
    "contract-take-back": "/contracts/4/take-back",
    "contract-pause": "/contracts/1/pause",
    "contract-paused": "/contracts/3",
    invoices: "/invoices",
    "invoices-overdue": "/invoices?filter=overdue",
    "invoices-search-empty": "/invoices?number=RE404",
    "invoice-overdue": "/invoices/RE1106",
    "invoice-cancelled": "/invoices/RE1000",
    "invoice-forty-lines": "/invoices/RE1112",
    sessions: "/sessions",
    export: "/data/export",
    erasure: "/data/erasure",
    documents: "/documents",
    "documents-period": "/documents.zip",
    statement: "/statement",
    offer: "/documents/offer/AN-2026-7",
    "offer-accept": "/documents/offer/AN-2026-7/accept",
    "offer-decline": "/documents/offer/AN-2026-7/decline",
    "credit-note": "/documents/credit-note/GS-2026-3",
    dunning: "/documents/dunning/MA-2026-4",
    "delivery-note": "/documents/delivery-note/LS-2026-5",
    confirmation: "/documents/confirmation/AB-2026-6",
  },
  "anna.neuling@example.org": { "empty-start": "/", "empty-contracts": "/contracts", "empty-invoices": "/invoices" },
  "karl-theodor.hinterhofer-schwarzenbrunner@donaudampfschifffahrt.example": { "long-words-start": "/", "long-words-data": "/data" },
};

// Pages of somebody who pays, in a house of its own: an address, and how often its first button is pressed on the way.
const house = await openHouse("Webhosting AG");
const petra = await house.customer({ owes: [119_00, 47_73, 15_91], prepaid: true });
await house.fills(petra, 100_00);
const check = (method) => `/settle?step=check&how=amount&amount=1&method=${method}`;
const topUp = (method) => `/prepaid?check=1&account=${petra.prepaid}&amount=50.00&method=${method}`;
const money = {
  accounts: ["/accounts"],
  account: [`/accounts/${petra.prepaid}`],
  settle: ["/settle"],
  "settle-allocation": ["/settle?step=allocation&how=amount&amount=150"],
  "settle-method": ["/settle?step=method&how=amount&amount=150"],
  "settle-check": [check("sandbox")],
  payment: [check("sandbox"), 1],
  provider: [check("sandbox"), 2],
  "payment-paid": [check("sandbox"), 3],
  "payment-transfer": [check("bank_transfer"), 1],
  "top-up": ["/prepaid"],
  "top-up-check": [topUp("sandbox")],
  "top-up-transfer": [topUp("bank_transfer"), 1],
  "top-up-paid": [topUp("sandbox"), 3],
  "payment-method-add": ["/payment-methods/add"],
  "payment-method-go": ["/payment-methods/add", 1],
  "payment-method-provider": ["/payment-methods/add", 2],
  "payment-method-saved": ["/payment-methods/add", 3],
  "payment-methods": ["/payment-methods"],
  "settle-method-kept": ["/settle?step=method&how=amount&amount=2"],
};

const browser = await openBrowser();

async function takes(visitor, name, { width, language, scheme }) {
  const path = `${folder}/${name}-${width}-${language}-${scheme}.png`;
  await visitor.page.screenshot({ path, fullPage: true, animations: "disabled" });
}

for (const [name, arrives] of Object.entries(doors)) {
  for (const look of looks) {
    const visitor = await browser.visitor(look);
    await arrives(visitor, words[look.language]);
    await takes(visitor, name, look);
    await visitor.leaves();
  }
}

for (const [email, pages] of Object.entries(rooms)) {
  for (const language of ["de", "en"]) {
    const first = await browser.visitor({ language });
    await first.signsIn(email, words[language]);
    const cookies = await first.cookies();
    for (const look of looks.filter((look) => look.language === language)) {
      const visitor = await browser.visitor({ ...look, cookies });
      for (const [name, path] of Object.entries(pages)) {
        await visitor.goes(path);
        await takes(visitor, name, look);
      }
      await visitor.leaves();
    }
    await first.leaves();
  }
}

// The language is a visitor's own choice here: both come by a link, as one person.
for (const look of looks) {
  const visitor = await browser.visitor({ ...look, at: house.at });
  await visitor.goes(await house.linkFor(petra));
  await pressesOn(visitor);
  for (const [name, [path, presses = 0]] of Object.entries(money)) {
    await visitor.goes(path);
    for (let pressed = 0; pressed < presses; pressed++) await pressesOn(visitor);
    await takes(visitor, name, look);
  }
  await visitor.goes(await house.payLinkFor(petra));
  await takes(visitor, "pay-link", look);
  await visitor.leaves();
}

// The papers of money, for papers.py.
const papers = {
  "paper-deposit-request": [topUp("bank_transfer"), 1, "Einzahlungsaufforderung"],
  "paper-deposit-confirmation": [topUp("sandbox"), 3, "Einzahlungsbestätigung"],
  "paper-receipt": [check("sandbox"), 3, "Quittung"],
};
const payer = await browser.visitor({ at: house.at });
await payer.goes(await house.linkFor(petra));
await pressesOn(payer);
for (const [name, [path, presses, link]] of Object.entries(papers)) {
  await payer.goes(path);
  for (let pressed = 0; pressed < presses; pressed++) await pressesOn(payer);
  await writeFile(`${folder}/${name}.pdf`, await payer.fetches(await payer.linkTo(link)));
}

// The way on, whatever it is called: the portal's main button or link, or the provider's.
async function pressesOn({ page }) {
  const button = page.locator("main .button-primary, main button.main").first();
  await Promise.all([page.waitForEvent("load"), button.click()]);
}

await browser.close();
