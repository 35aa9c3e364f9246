// A tenant of our own: whoever pays here pays nobody's invoice of the demo. Set up over the APIs as a platform and an
// integrator do it; KEYS is the file with their keys that `cargo portal` writes (<data>/keys.json).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { asks, base, today } from "./portal.mjs";

const { port } = new URL(base);
const ownIban = "DE02120300000000202051";
const customersIban = "DE89370400440532013000";
const home = { line1: "Exempel Gasse 1", postal_code: "56789", city: "Rosahausen", country: "DE" };

// With a bank account and every method; a fresh one at each call.
export async function openHouse(name = "Probierhaus AG") {
  const slug = `haus-${Date.now().toString(36)}`;
  const keys = JSON.parse(await readFile(process.env.KEYS ?? assert.fail("KEYS is not set"), "utf8"));
  const platform = new Api(`http://localhost:${port}`, keys.platform);
  await platform.put(`/tenants/${slug}`, { name });
  const { key } = await platform.post(`/tenants/${slug}/keys`, { label: "browser" });
  const house = new House(name, slug, key);
  const bank = { holder: name, iban: ownIban, bic: "BYLADEM1001", bank: "Musterbank" };
  const address = { street: "Musterweg 1", postal_code: "12345", city: "Musterhausen", country: "DE" };
  const company = { name, ...address, email: "service@probierhaus.example", vat_id: "DE123456788", bank };
  await house.api.put("/settings/company", company);
  await house.api.put("/settings/payments", { methods: ["sandbox", "bank_transfer", "balance"] });
  return house;
}

class House {
  #statements = 0;

  constructor(name, slug, key) {
    const at = `http://${slug}.localhost:${port}`;
    Object.assign(this, { name, slug, at, api: new Api(at, key), customers: [] });
  }

  // A customer who owes these amounts in cents, the first one since ten days, and perhaps some Swiss francs; perhaps with an
  // empty prepaid account.
  async customer({ owes = [], francs, prepaid = false } = {}) {
    const place = this.customers.length + 1;
    const customer = { number: `K${100 + place}`, email: `k${100 + place}@${this.slug}.example` };
    this.customers.push(customer);
    customer.account = `${customer.number}-EUR`;
    customer.prepaid = `00001${100 + place}`;
    customer.invoices = owes.map((_, position) => `RE${100 + place}${position + 1}`);
    await this.api.put(`/customers/${customer.number}`, {
      salutation: "frau", first_name: "Petra", last_name: `Zahlmann ${place}`, email: customer.email,
      billing_address: home, tax_region: "domestic",
    });
    for (const [position, cents] of owes.entries()) {
      const [issued, due] = position === 0 ? [-40, -10] : [-30 + position, 10 + position];
      await this.api.put(`/invoices/${customer.invoices[position]}`, await invoice(customer, cents, issued, due));
    }
    if (francs) await this.api.put(`/invoices/CH${100 + place}`, await invoice(customer, francs, -20, 20, "CHF"));
    if (prepaid) await this.api.put(`/accounts/${customer.prepaid}`, { customer: customer.number, name: "Reserve" });
    return customer;
  }

  // An offer of 119 € to a customer, valid for two weeks; answers its number.
  async offers(customer) {
    const { buyer, lines, taxes, net, tax, gross } = await invoice(customer, 119_00, 0, 0);
    const number = `AN${customer.number.slice(1)}`;
    const facts = { customer: customer.number, issued_on: await today(), valid_until: await today(14), subject: "Umzug" };
    await this.api.put(`/documents/offer/${number}`, { ...facts, buyer, lines, taxes, net, tax, gross });
    return number;
  }

  // The bank's file of today with one transfer in it; answers what became of it.
  async getsTransfer(cents, text) {
    const file = statement(++this.#statements, await today(), decimal(cents), text);
    const { entries } = await this.api.post("/bank-statements", file);
    return entries[0];
  }

  // Money on the prepaid account, by a transfer that staff assign.
  async fills({ number, prepaid }, cents) {
    const { id } = await this.getsTransfer(cents, "ohne Nummer");
    await this.api.post(`/bank-entries/${id}:assign`, { customer: number, account: prepaid });
  }

  // Links to hand out, without the host: into the portal, and to the first invoice's payment.
  async linkFor({ number }) {
    return this.#link({ purpose: "portal", customer: number });
  }

  async payLinkFor({ number, invoices: [document] }) {
    return this.#link({ purpose: "pay", customer: number, document });
  }

  // And to adding a payment method.
  async methodLinkFor({ number }) {
    return this.#link({ purpose: "add_method", customer: number });
  }

  // To the first invoice as a document, and to a contract.
  async documentLinkFor({ number, invoices: [document] }) {
    return this.#link({ purpose: "document", customer: number, document });
  }

  async contractLinkFor({ number }) {
    const month = { count: 1, unit: "month" };
    await this.api.put(`/customers/${number}/subscriptions/1`, {
      plan: "Webhosting Basis", concluded_on: "2026-03-01", starts_on: "2026-03-01", interval: month,
      notice: { period: month, to: "month_end" }, price: { amount: "15.91", currency: "EUR" }, phase: { name: "active" },
    });
    return this.#link({ purpose: "contract", customer: number, subscription: "1" });
  }

  // For a frame on a page that the house names; with the host, as that page says it.
  async frameLinkFor({ number }) {
    const { url } = await this.api.post("/links", { purpose: "portal", customer: number, embed: true });
    return url;
  }

  // One for a payment, taken back.
  async endedPayLinkFor({ number, invoices: [document] }) {
    const { id, url } = await this.api.post("/links", { purpose: "pay", customer: number, document });
    await this.api.delete("/links", { id, customer: number });
    return url.slice(this.at.length);
  }

  async #link(facts) {
    const { url } = await this.api.post("/links", facts);
    return url.slice(this.at.length);
  }

  // What the integrator reads of invoices.
  async open(...numbers) {
    const invoices = await Promise.all(numbers.map((number) => this.api.get(`/invoices/${number}`)));
    return invoices.map(({ state }) => state.open.amount).join(" ");
  }

  // Waits until so much is open: what follows from something is done a moment later.
  async opens(numbers, wanted) {
    const end = Date.now() + 20_000;
    while ((await this.open(...numbers)) !== wanted) {
      assert.ok(Date.now() < end, `${await this.open(...numbers)} is open of ${numbers}, not ${wanted}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  // Every balance follows from its entries.
  async isBalanced() {
    const { balanced, faulty } = await this.api.post("/ledger:check", {});
    assert.ok(balanced, JSON.stringify(faulty));
  }
}

// The integrator's API of a tenant, or the platform's.
class Api {
  constructor(at, key) {
    Object.assign(this, { at, key });
  }

  get(path) {
    return this.#asks("GET", path);
  }

  put(path, body) {
    return this.#asks("PUT", path, body);
  }

  post(path, body) {
    return this.#asks("POST", path, body);
  }

  delete(path, body) {
    return this.#asks("DELETE", path, body);
  }

  // A body that is text is a file.
  async #asks(method, path, body) {
    const isFile = typeof body === "string";
    const { status, bytes } = await asks(`${this.at}/api/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        "content-type": isFile ? "application/octet-stream" : "application/json",
      },
      body: isFile || body === undefined ? body : JSON.stringify(body),
    });
    assert.ok([200, 201, 204].includes(status), `${method} ${path}: ${status} ${bytes}`);
    return bytes.length > 0 && JSON.parse(bytes);
  }
}

// One line with 19 % VAT.
async function invoice({ number }, cents, issued, due, currency = "EUR") {
  const net = Math.round(cents / 1.19);
  const [day, amount] = [await today(issued), (cents) => ({ amount: decimal(cents), currency })];
  const sums = { net: amount(net), tax: amount(cents - net) };
  return {
    customer: number, issued_on: day, due_on: await today(due), period: { from: day, to: day },
    buyer: { person: "Petra Zahlmann", ...home },
    lines: [{
      description: "Webhosting", quantity: "1", unit: "C62", unit_price: decimal(net),
      tax_category: "S", tax_rate: "19", net: amount(net),
    }],
    taxes: [{ category: "S", rate: "19", ...sums }],
    ...sums,
    gross: amount(cents),
  };
}

// camt.053 as banks send it.
function statement(number, day, amount, text) {
  const payer = "<Dbtr><Pty><Nm>Petra Zahlmann</Nm></Pty></Dbtr>";
  const party = `${payer}<DbtrAcct><Id><IBAN>${customersIban}</IBAN></Id></DbtrAcct>`;
  const sum = `<Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M${number}</MsgId><CreDtTm>${day}T20:00:00+01:00</CreDtTm></GrpHdr>
<Stmt><Id>S${number}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb><CreDtTm>${day}T20:00:00+01:00</CreDtTm>
<Acct><Id><IBAN>${ownIban}</IBAN></Id></Acct>
<Ntry>${sum}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>${sum}<RltdPties>${party}</RltdPties>
<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>`;
}

// The last page before the money: an address of its own, so that not everybody walks the four steps to it.
export async function goesToCheck(visitor, amount = "119", method = "sandbox") {
  await visitor.goes(`/settle?step=check&how=amount&amount=${amount}&method=${method}`);
}

// Answers where the payment stands.
export async function goesToPayment(visitor) {
  await goesToCheck(visitor);
  await visitor.presses("Bezahlvorgang durchführen");
  return visitor.path();
}

// Answers the address of the provider's page.
export async function goesToPay(visitor) {
  await goesToPayment(visitor);
  await visitor.follows("Zur Zahlungsseite");
  return visitor.page.url();
}

// Somebody pays on the provider's page and never comes back; `messages` is how often the merchant is told.
export async function paysAndLeaves(checkout, messages) {
  const [{ origin }, body] = [new URL(checkout), new URLSearchParams({ action: "pay", messages })];
  const answer = await fetch(checkout, { method: "POST", headers: { origin }, body, redirect: "manual" });
  assert.equal(answer.status, 303, await answer.text());
}

// 17500 → "175.00", and as pages say it: "175,00 €".
const decimal = (cents) => (cents / 100).toFixed(2);
export const euros = (cents) =>
  (cents / 100).toLocaleString("de-DE", { style: "currency", currency: "EUR" }).replaceAll("\u00a0", " ");

// The words of a PDF, with ordinary spaces.
export async function wordsOfPdf(bytes) {
  const reader = spawn("pdftotext", ["-layout", "-", "-"]);
  reader.stdin.end(bytes);
  const words = Buffer.concat(await reader.stdout.toArray()).toString();
  assert.notEqual(words, "", "no PDF");
  return words.replaceAll("\u00a0", " ");
}
