// The way in, around and out. Runs against `cargo portal` and, unchanged, against `cargo lambda watch`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { english, openBrowser } from "./portal.mjs";

const tine = "tine@example.org";
let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  test(`the code from the mail signs a customer in and out again${how}`, async () => {
    const visitor = await browser.visitor({ width: 360, javaScript });
    await visitor.goes("/");
    await visitor.isAt("/login");
    const code = await visitor.asksForCode(tine);
    await visitor.sees("Anmeldecode eingeben", tine);
    await visitor.entersCode(` ${code.slice(0, 3)} ${code.slice(3)} `);
    await visitor.isAt("/");
    await visitor.sees("Herzlich willkommen, Frau Exemplus Tine!", "K5003");
    visitor.hadNoComplaint();

    await pressesInMenu(visitor, "Abmelden");
    await visitor.sees("Sie sind abgemeldet.");
    await visitor.goes("/data");
    assert.match(visitor.path(), /^\/login/);
    visitor.hadNoComplaint();
    await visitor.leaves();
  });
}

test("whoever wanted a certain page comes there after signing in", async () => {
  const visitor = await browser.visitor();
  await visitor.goes("/invoices?filter=cancelled");
  assert.match(visitor.path(), /^\/login/);
  const code = await visitor.asksForCodeHere(tine);
  await visitor.entersCode(code);
  await visitor.isAt("/invoices?filter=cancelled");
  await visitor.sees("RE1000");
  await visitor.leaves();
});

test("every function answers a signed-in customer", async () => {
  const visitor = await browser.visitor();
  await visitor.signsIn(tine);
  const ofContracts = ["/contracts", "/contracts/1", "/invoices", "/invoices/RE1000"];
  for (const path of ["/", "/data", "/contact", ...ofContracts, "/accounts", "/settle", "/prepaid", "/sessions"]) {
    assert.equal(await visitor.goes(path), 200, path);
  }
  visitor.hadNoComplaint();
  const pdf = await visitor.showsFile("/invoices/RE1000/pdf");
  assert.deepEqual(pdf, { kind: "application/pdf", name: "Rechnung-RE1000.pdf" });
  const xml = await visitor.downloads("/invoices/RE1112/xml");
  assert.match(xml.name, /^Rechnung-RE1112.*\.xml$/);
  assert.match(xml.bytes.toString(), /CrossIndustryInvoice/);
  const list = await visitor.downloads("/invoices.csv");
  assert.match(list.name, /\.csv$/);
  assert.match(list.bytes.toString(), /RE1000/);
  await visitor.leaves();
});

test("another language keeps the page, and the choice lasts", async () => {
  const visitor = await browser.visitor();
  await visitor.signsIn(tine);
  await visitor.goes("/invoices?filter=open");
  await visitor.presses("English");
  await visitor.isAt("/invoices?filter=open");
  await visitor.sees("Invoices", "Sign out");
  await visitor.doesNotSee("Rechnungen", "Abmelden");
  await visitor.goes("/data");
  await visitor.sees("Your data");
  await visitor.presses("Deutsch");
  await visitor.isAt("/data");
  await visitor.sees("Abmelden");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("the browser's language is spoken before anybody chose one", async () => {
  const visitor = await browser.visitor({ language: "en-GB" });
  await visitor.goes("/login");
  await visitor.sees("Request sign-in code");
  await visitor.signsIn(tine, english);
  await visitor.sees("Welcome, Ms Exemplus Tine!");
  visitor.hadNoComplaint();
  await visitor.leaves();
});

// On a phone with JavaScript off the menu opens all the same: it is a popover of the browser.
async function pressesInMenu(visitor, name) {
  const button = visitor.page.getByRole("button", { name, exact: true });
  if (!(await button.isVisible())) await visitor.presses("Menü");
  await visitor.presses(name);
}
