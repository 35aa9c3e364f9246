// The demo's people, each of whom is a way in which pages go wrong.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { english, german, openBrowser } from "./portal.mjs";
import { fitsTheScreen, isAccessible, isEasyToHit, isOneDocument } from "./looks.mjs";
import { widths } from "./site.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const people = [
  {
    who: "nothing yet",
    email: "anna.neuling@example.org",
    pages: {
      "/": ["Herzlich willkommen, Frau Anna Neuling!", "K5100", "Noch kein Vertrag", "Noch keine Rechnung"],
      "/data": ["Neuling"],
      "/contracts": [],
      "/invoices": ["Noch keine Rechnung"],
    },
  },
  {
    who: "many overdue invoices",
    email: "karl.saumselig@example.org",
    pages: {
      "/": ["Karl Saumselig", "überfällig", "Überfällig"],
      "/invoices": ["Überfällig", "überfällig"],
      "/invoices?filter=overdue": ["Überfällig"],
      "/contracts": [],
    },
  },
  {
    who: "ten thousand invoices",
    email: "buchhaltung@massenhaft.example",
    // They are loaded in the background, newest last; what is here now must do.
    pages: {
      "/": ["Massenhaft Versand GmbH", "BM0"],
      "/invoices": ["Ältere Rechnungen anzeigen", "BM0"],
      "/invoices?number=BM00007": ["BM00007"],
    },
  },
  {
    who: "very long words",
    email: "karl-theodor.hinterhofer-schwarzenbrunner@donaudampfschifffahrt.example",
    pages: { "/": ["Hinterhofer"], "/data": ["Unterbeamtenabteilung"], "/contracts": [], "/invoices": [], "/contact": [] },
    follows: ["/contracts/", "/invoices/"],
  },
  {
    who: "English",
    email: "aoife.osullivan@example.org",
    language: "en",
    pages: {
      "/": ["Welcome, Aoife O’Sullivan!", "K5106", "€"],
      "/data": ["14 Harbour View", "Ireland"],
      "/contracts": [],
      "/invoices": ["RE7002"],
    },
    follows: ["/contracts/", "/invoices/"],
  },
  {
    who: "reverse charge",
    email: "lukas.gipfler@alpenhof.example",
    pages: { "/": ["Lukas Gipfler"], "/invoices": [] },
    follows: ["/invoices/"],
  },
];

for (const person of people) {
  test(`${person.who}: every page stands at every width`, async (t) => {
    const visitor = await browser.visitor({ language: person.language, width: widths[0] });
    await visitor.signsIn(person.email, person.language === "en" ? english : german);
    const followed = [];
    for (const [path, words] of Object.entries(person.pages)) {
      await t.test(`${path}`, async () => {
        assert.equal(await visitor.goes(path), 200);
        await visitor.sees(...words);
        await looksRight(visitor);
      });
      for (const start of person.follows ?? []) followed.push(...(await firstLink(visitor, start)));
    }
    for (const path of new Set(followed)) {
      await t.test(path, async () => {
        assert.equal(await visitor.goes(path), 200);
        await looksRight(visitor);
      });
    }
    await visitor.leaves();
  });
}

test("two customers with one address choose, and each sees only their own", async () => {
  const visitor = await browser.visitor({ width: 360 });
  await visitor.signsIn("familie.teilen@example.org");
  await visitor.isAt("/login/choose");
  await visitor.sees("Petra Teilen", "Teilen & Söhne GbR", "Kundennummer K5104", "Kundennummer K5105");
  await visitor.page.getByRole("radio", { name: /K5104/ }).check();
  await visitor.presses("Anmelden");
  await visitor.isAt("/");
  await visitor.sees("K5104", "Petra Teilen");
  await visitor.doesNotSee("K5105", "Söhne");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("a list of ten thousand turns page by page and back to the newest", async () => {
  const visitor = await browser.visitor();
  await visitor.signsIn("buchhaltung@massenhaft.example");
  await visitor.goes("/invoices");
  const newest = await numbers(visitor);
  await visitor.follows("Ältere Rechnungen anzeigen");
  const older = await numbers(visitor);
  assert.ok(older[0] < newest.at(-1), `${older[0]} comes after ${newest.at(-1)}`);
  assert.deepEqual(older.filter((number) => newest.includes(number)), []);
  await visitor.follows("Zurück zu den neuesten Rechnungen");
  await visitor.isAt("/invoices");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

async function looksRight(visitor) {
  await isOneDocument(visitor);
  for (const width of widths) {
    await visitor.page.setViewportSize({ width, height: 900 });
    await fitsTheScreen(visitor);
    await isEasyToHit(visitor);
  }
  await isAccessible(visitor);
  visitor.hadNoComplaint();
}

// The first link of the page into this part of the portal.
async function firstLink(visitor, start) {
  const link = visitor.page.locator(`main a[href^="${start}"]:not([href$="/pdf"])`).first();
  return (await link.count()) ? [await link.getAttribute("href")] : [];
}

const numbers = (visitor) => visitor.page.locator("main tbody th").allInnerTexts();
