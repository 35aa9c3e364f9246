// A browser, its visitors, and the mailbox: what the journeys are told with.
// BASE is the tenant's address (http://webhosting-ag.localhost:9000), MAILBOX the mailbox's (http://localhost:9001).

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const setting = (name) => process.env[name]?.replace(/\/$/, "") ?? assert.fail(`${name} is not set`);
export const base = setting("BASE");
const mailbox = setting("MAILBOX");

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

// Debian's Chromium, with a new and empty profile.
export async function openBrowser() {
  const chrome = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  return {
    // Somebody with cookies of their own; `cookies` of an earlier visitor sign this one in.
    async visitor({ width = 1280, javaScript = true, language = "de", scheme = "light", forcedColors, cookies } = {}) {
      const context = await chrome.newContext({
        baseURL: base,
        viewport: { width, height: 900 },
        javaScriptEnabled: javaScript,
        locale: language,
        colorScheme: scheme,
        forcedColors,
        storageState: cookies,
      });
      return new Visitor(context, await context.newPage());
    },
    close: () => chrome.close(),
  };
}

class Visitor {
  constructor(context, page) {
    Object.assign(this, { context, page, complaints: [] });
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
      if (isLoaded && url.origin !== base) this.complaints.push(`foreign host: ${request.url()}`);
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

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  fills(label, text) {
    return this.field(label).fill(text);
  }

  // A button that sends a form leads to a page, any other changes the present one.
  async presses(name) {
    const button = this.page.getByRole("button", { name, exact: true });
    const sends = await button.evaluate((element) => element.type === "submit" && element.form !== null);
    await (sends ? this.#arrivesBy(button) : button.click());
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

async function mailsTo(email) {
  const answer = await fetch(`${mailbox}/api/messages?to=${encodeURIComponent(email)}`);
  return answer.json();
}

// The code of the first mail that was not there before, from its last line `@host #482193`.
async function newestCode(email, seen) {
  const known = new Set(seen.map((mail) => mail.id));
  for (let tries = 0; tries < 100; tries++) {
    const mail = (await mailsTo(email)).find((mail) => !known.has(mail.id));
    if (mail) return mail.text.match(/#(\d+)\s*$/)[1];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`no mail came for ${email}`);
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

// Six digits that are not this code.
export const anotherCode = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
