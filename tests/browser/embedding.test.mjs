// The portal in a frame on a shop's page, in a browser that keeps the cookies of frames apart and gives them no others.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { openHouse } from "./house.mjs";
import { openBrowser, timePasses } from "./portal.mjs";

let browser, house, petra, shop, stranger;
before(async () => {
  browser = await openBrowser("--test-third-party-cookie-phaseout");
  house = await openHouse("Rahmenhaus AG");
  petra = await house.customer({ owes: [119_00, 47_73] });
  [shop, stranger] = [await opensShop(), await opensShop()];
  await house.api.put("/settings/embed", { origins: [shop.at] });
  // A host is believed for a minute.
  await timePasses(61);
});
after(() => {
  for (const { server } of [shop, stranger]) server.close();
  return browser.close();
});

// What everything below stands on: with cookies as they used to be it would prove nothing.
test("this browser gives a frame the cookies that are kept for it alone, and no others", async () => {
  const visitor = await browser.visitor({ at: shop.at });
  const foreign = shop.at.replace("127.0.0.1", "foreign.localhost");
  const sent = async () => {
    const frame = await shows(visitor, `${foreign}/cookies`);
    return frame.locator("p").innerText();
  };
  assert.equal(await sent(), "none");
  assert.equal(await sent(), "apart=1");
  await visitor.leaves();
});

for (const javaScript of [true, false]) {
  const how = javaScript ? "" : ", without JavaScript";

  test(`a customer reads in the frame, and pays in a window${how}`, async () => {
    const visitor = await browser.visitor({ at: shop.at, javaScript });
    const frame = await shows(visitor, await house.frameLinkFor(petra));
    await frame.getByRole("button", { name: "Kundencenter öffnen" }).click();
    await frame.getByText("Sie sind erfolgreich angemeldet.").waitFor();
    await frame.getByRole("heading", { name: "Herzlich willkommen" }).waitFor();

    await frame.locator("summary", { hasText: "Rechnungen" }).click();
    await frame.getByRole("navigation").getByRole("link", { name: "Alle Rechnungen" }).click();
    await frame.getByRole("heading", { name: "Rechnungen", level: 1 }).waitFor();
    for (const number of petra.invoices) await frame.getByRole("link", { name: number, exact: true }).waitFor();
    visitor.hadNoComplaint();

    const opening = visitor.context.waitForEvent("page");
    await frame.getByRole("link", { name: "Offene Rechnungen bezahlen" }).click();
    const window = await opening;
    await window.waitForLoadState();
    assert.equal(window.url(), `${house.at}/login?return_to=%2Fsettle`);
    assert.equal(await window.evaluate("window.opener"), null);
    await visitor.leaves();
  });
}

test("the frame stays signed in while the page around it is loaded again, and the window beside it is nobody's", async () => {
  const visitor = await browser.visitor({ at: shop.at });
  const address = await house.frameLinkFor(petra);
  const frame = await shows(visitor, address);
  await frame.getByRole("button", { name: "Kundencenter öffnen" }).click();
  await frame.getByRole("heading", { name: "Herzlich willkommen" }).waitFor();
  await visitor.reloads();
  await frame.getByRole("heading", { name: "Herzlich willkommen" }).waitFor();

  const tab = await visitor.anotherTab();
  await tab.goes(`${house.at}/data`);
  assert.equal(tab.path(), "/login?return_to=%2Fdata");
  await tab.doesNotSee(petra.number);

  await frame.getByRole("button", { name: "English" }).click();
  await frame.getByRole("button", { name: "Sign out" }).click();
  await frame.getByRole("heading", { name: "The customer portal is closed here" }).waitFor();
  visitor.hadNoComplaint();
  await visitor.leaves();
});

test("neither a page that is not named shows the portal, nor one that is named the login", async () => {
  const link = await house.frameLinkFor(petra);
  for (const [around, address] of [[stranger, link], [shop, `${house.at}/login`], [shop, `${house.at}/cancel`]]) {
    const visitor = await browser.visitor({ at: around.at });
    const frame = await shows(visitor, address);
    assert.equal(await frame.getByText(house.name).count(), 0, address);
    const refusals = visitor.complaints.splice(0).filter((complaint) => complaint.includes("frame-ancestors"));
    assert.ok(refusals.length > 0, `${address} in ${around.at}`);
    await visitor.leaves();
  }
});

// The visitor's page with an address in its frame.
async function shows(visitor, address) {
  assert.equal(await visitor.goes(`/?frame=${encodeURIComponent(address)}`), 200);
  return visitor.page.frameLocator("iframe");
}

// Somebody else's page on this machine, for browsers another site than the portal; and one that sets a cookie of each kind
// and says which came back.
async function opensShop() {
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url, "http://shop");
    answer.setHeader("content-type", "text/html; charset=utf-8");
    if (pathname === "/cookies") {
      const kept = "Secure; HttpOnly; SameSite=None; Path=/";
      answer.setHeader("set-cookie", [`shared=1; ${kept}`, `apart=1; ${kept}; Partitioned`]);
      answer.end(`<!doctype html><title>Cookies</title><p>${request.headers.cookie ?? "none"}</p>`);
      return;
    }
    const frame = `<iframe title="Kundencenter" width="1200" height="800" src="${searchParams.get("frame")}"></iframe>`;
    // A page without an icon is asked for one.
    const icon = '<link rel="icon" href="data:,">';
    answer.end(`<!doctype html><html lang="de"><title>Shop</title>${icon}<h1>Shop</h1>${frame}</html>`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, at: `http://127.0.0.1:${server.address().port}` };
}
