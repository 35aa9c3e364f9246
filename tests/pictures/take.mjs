// Pictures of pages: NAME-WIDTH-LANGUAGE-SCHEME.png into the folder given.

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
    invoices: "/invoices",
    "invoices-overdue": "/invoices?filter=overdue",
    "invoices-search-empty": "/invoices?number=RE404",
    "invoice-overdue": "/invoices/RE1106",
    "invoice-cancelled": "/invoices/RE1000",
    "invoice-forty-lines": "/invoices/RE1112",
    sessions: "/sessions",
  },
  "anna.neuling@example.org": { "empty-start": "/", "empty-contracts": "/contracts", "empty-invoices": "/invoices" },
  "karl-theodor.hinterhofer-schwarzenbrunner@donaudampfschifffahrt.example": { "long-words-start": "/", "long-words-data": "/data" },
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

await browser.close();
