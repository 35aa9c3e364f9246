// A browser, its visitors, and the mailbox: what the journeys are told with.
// BASE is the tenant's address (http://webhosting-ag.localhost:9000), MAILBOX the mailbox's (http://localhost:9001).

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { chromium } from "playwright-core";

const setting = (name) => process.env[name]?.replace(/\/$/, "") ?? assert.fail(`${name} is not set`);
export const base = setting("BASE");
const mailbox = setting("MAILBOX");

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

// Debian's Chromium, with a new and empty profile; further flags make it another one.
export async function openBrowser(...further) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const chrome = await chromium.launch({ executablePath, args: [...flags, ...further] });
  return {
    // Somebody with cookies of their own; `cookies` of an earlier visitor sign this one in. `at` is a tenant's address.
    async visitor({ at = base, width = 1280, javaScript = true, language = "de", cookies, ...eyes } = {}) {
      const { scheme = "light", forcedColors } = eyes;
      const context = await chrome.newContext({
        baseURL: at,
        viewport: { width, height: 900 },
        javaScriptEnabled: javaScript,
        locale: language,
        colorScheme: scheme,
        forcedColors,
        storageState: cookies,
      });
      return new Visitor(context, await context.newPage(), at);
    },
    close: () => chrome.close(),
  };
}

class Visitor {
  constructor(context, page, at) {
    Object.assign(this, { context, page, at, complaints: [] });
    // The status of the page itself is each test's own matter.
    const isForThePage = (message) => message.location().url === page.url() && /status of [45]/.test(message.text());
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !isForThePage(message)) {
        this.complaints.push(`console: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.complaints.push(`script: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const isLoaded = url.protocol !== "data:" && !request.isNavigationRequest();
      // Whoever is led to a payment provider sees its page with what belongs to it.
      const isAtHome = () => url.origin === at || url.origin === new URL(request.frame().url()).origin;
      if (isLoaded && !isAtHome()) this.complaints.push(`foreign host: ${request.url()}`);
    });
    page.on("requestfailed", (request) => {
      const reason = request.failure().errorText;
      // A page that is left early, and a download, end their request.
      if (reason !== "net::ERR_ABORTED") this.complaints.push(`${reason}: ${request.url()}`);
    });
  }

  // Opens a page; answers its HTTP status.
  async goes(path) {
    const answer = await this.page.goto(path, { waitUntil: "load" });
    return answer.status();
  }

  // Opens what is no page but a file; answers its name and bytes.
  async downloads(path) {
    const arriving = this.page.waitForEvent("download");
    await this.page.goto(path).catch((error) => assert.match(error.message, /Download is starting|ERR_ABORTED/));
    const file = await arriving;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  }

  // Asks for what the browser shows in its own viewer; answers kind and name of what it was led to.
  async showsFile(path) {
    const arriving = this.page.waitForResponse((answer) => answer.ok() && "content-disposition" in answer.headers());
    await this.page.goto(path).catch((error) => assert.match(error.message, /Download is starting|ERR_ABORTED/));
    const headers = (await arriving).headers();
    return { kind: headers["content-type"], name: headers["content-disposition"].match(/filename="(.*?)"/)[1] };
  }

  // What a program with this visitor's cookies is answered; a file that lies elsewhere is asked for there.
  async fetches(path) {
    const answer = await asks(this.at + path, { headers: { cookie: await this.#cookiesFor(this.at) } });
    const { status, bytes } = answer.status === 303 ? await asks(answer.headers.location) : answer;
    assert.equal(status, 200, path);
    return bytes;
  }

  async #cookiesFor(address) {
    const cookies = await this.context.cookies(address);
    return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  // The same browser, one tab more.
  async anotherTab() {
    return new Visitor(this.context, await this.context.newPage(), this.at);
  }

  async goesBack() {
    await this.page.goBack({ waitUntil: "load" });
  }

  async reloads() {
    await this.page.reload({ waitUntil: "load" });
  }

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  fills(label, text) {
    return this.field(label).fill(text);
  }

  // A radio button whose label begins so.
  picks(label) {
    return this.page.getByRole("radio", { name: new RegExp(`^${label}`) }).check();
  }

  // Where the link leads, without following it.
  linkTo(name) {
    return this.page.getByRole("link", { name }).first().getAttribute("href");
  }

  // A button that sends a form leads to a page, any other changes the present one.
  async presses(name) {
    const button = this.page.getByRole("button", { name, exact: true });
    const sends = await button.evaluate((element) => element.type === "submit" && element.form !== null);
    await (sends ? this.#arrivesBy(button) : button.click());
  }

  // Twice while the first answer is on its way: both reach the server, and the browser waits for the second.
  async pressesTwice(name) {
    const button = this.page.getByRole("button", { name, exact: true });
    await button.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await button.boundingBox();
    // The mouse alone: Playwright's own click would wait for the answer.
    const clicks = () => this.page.mouse.click(x + width / 2, y + height / 2);
    const sent = this.page.waitForRequest((request) => request.method() === "POST");
    await this.page.route("**", () => {}, { times: 1 });
    await clicks();
    const form = await sent;
    const headers = { ...form.headers(), "sec-fetch-site": "same-origin", cookie: await this.#cookiesFor(form.url()) };
    const { status } = await asks(form.url(), { method: "POST", headers, body: form.postData() });
    assert.equal(status, 303, `${name}, pressed for the first time`);
    await Promise.all([this.page.waitForEvent("load"), clicks()]);
  }

  follows(name) {
    return this.#arrivesBy(this.page.getByRole("link", { name }).first());
  }

  // Asking for the state after the click would be too early on a slow machine: the old page is still loaded then.
  async #arrivesBy(target) {
    await Promise.all([this.page.waitForEvent("load"), target.click()]);
  }

  // The words of the page as people read them, with ordinary spaces.
  async words() {
    return (await this.page.locator("body").innerText()).replaceAll("\u00a0", " ");
  }

  // The page's table: a list of cells for each line; of a cell the first line of its words.
  async table() {
    const lines = this.page.locator("main table").first().locator("tbody tr, tfoot tr");
    const all = await lines.evaluateAll((lines) => lines.map(({ cells }) => [...cells].map((cell) => cell.innerText)));
    return all.map((cells) => cells.map((cell) => cell.trim().split("\n")[0].replaceAll("\u00a0", " ")));
  }

  async sees(...texts) {
    const words = await this.words();
    for (const text of texts) assert.ok(words.includes(text), `${this.path()} does not show “${text}” but\n${words}`);
  }

  async doesNotSee(...texts) {
    const words = await this.words();
    for (const text of texts) assert.ok(!words.includes(text), `${this.path()} shows “${text}”`);
  }

  path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  async isAt(path) {
    assert.equal(this.path(), path);
  }

  cookies() {
    return this.context.storageState();
  }

  hadNoComplaint() {
    assert.deepEqual(this.complaints.splice(0), []);
  }

  leaves() {
    return this.context.close();
  }

  // Asks for a code, in the words of the page's language, and takes it from the mailbox.
  async asksForCode(email, words = german) {
    await this.goes("/login");
    return this.asksForCodeHere(email, words);
  }

  async asksForCodeHere(email, words = german) {
    const seen = await mailsTo(email);
    await this.fills(words.email, email);
    await this.presses(words.request);
    return newestCode(email, seen);
  }

  async entersCode(code, words = german) {
    await this.fills(words.code, code);
    await this.presses(words.submit);
  }

  async signsIn(email, words = german) {
    await this.entersCode(await this.asksForCode(email, words), words);
  }
}

export const german = {
  email: "E-Mail-Adresse", request: "Anmeldecode anfordern", code: "Anmeldecode", submit: "Anmelden", out: "Abmelden",
};
export const english = {
  email: "E-mail address", request: "Request sign-in code", code: "Sign-in code", submit: "Sign in", out: "Sign out",
};

// Newest first.
async function mailsTo(email) {
  const answer = await fetch(`${mailbox}/api/messages?to=${encodeURIComponent(email)}`);
  return answer.json();
}

// Node knows no names below localhost: a program connects to this machine and says the host.
export async function asks(address, { method = "GET", headers, body } = {}) {
  const { host, port, pathname, search } = new URL(address);
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const path = pathname + search;
  const asked = request({ host: "127.0.0.1", port, method, path, headers: { host, ...length, ...headers } });
  asked.end(body);
  const [answer] = await once(asked, "response");
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(await answer.toArray()) };
}

// The newest mail of this kind, as soon as it is there.
async function arrival(email, isWanted) {
  for (let tries = 0; tries < 100; tries++) {
    const mail = (await mailsTo(email)).find(isWanted);
    if (mail) return mail;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`no mail came for ${email}`);
}

// The code of the first mail that was not there before, from its last line `@host #482193`.
async function newestCode(email, seen) {
  const known = new Set(seen.map((mail) => mail.id));
  const mail = await arrival(email, ({ id }) => !known.has(id));
  return mail.text.match(/#(\d+)\s*$/)[1];
}

// The mail with this in its subject, in ordinary spaces, and the file that hangs on it.
export async function mailAbout(email, subject) {
  const plain = (text) => text.replaceAll("\u00a0", " ");
  const mail = await arrival(email, (mail) => plain(mail.subject).includes(subject));
  const file = mail.attachments[0];
  return { words: plain(mail.text), bytes: file && (await asks(file.url)).bytes };
}

// Subjects of all that came but codes, oldest first.
export async function subjectsTo(email) {
  const subjects = (await mailsTo(email)).map(({ subject }) => subject.replaceAll("\u00a0", " ")).reverse();
  return subjects.filter((subject) => !/code/i.test(subject));
}

// Moves the clock of the whole portal.
export async function timePasses(seconds) {
  const answer = await fetch(`${mailbox}/api/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

// The portal's day in Germany, and so many days later.
export async function today(later = 0) {
  const { now } = await (await fetch(`${mailbox}/api/clock`)).json();
  const then = new Date(Date.parse(now) + later * 24 * 60 * 60 * 1000);
  return then.toLocaleDateString("sv-SE", { timeZone: "Europe/Berlin" });
}

// Six digits that are not this code.
export const anotherCode = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
