// What a good page looks like, in numbers. Each function looks at a visitor's present page and names what is wrong.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export async function isOneDocument({ page }, brand = "Webhosting AG") {
  assert.match(await page.title(), new RegExp(`^.{3,} – ${brand}$`), "title");
  assert.equal(await page.locator("h1").count(), 1, "headings of the first level");
  assert.match(await page.locator("html").getAttribute("lang"), /^(de|en)$/, "language");
  assert.equal(await page.locator("[style], style, [onclick]").count(), 0, "inline styles and handlers");
  assert.ok((await page.locator(".button-primary").count()) <= 1, "more than one primary button");
  const words = await page.locator("body").innerText();
  assert.doesNotMatch(words, /\b(null|undefined|NaN|None|Some\()/, "words of a program");
}

// Neither the page nor anything on it is wider than the screen.
export async function fitsTheScreen({ page }) {
  const wide = await page.evaluate(() => {
    const screen = document.documentElement.clientWidth;
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className} “${element.textContent.trim().slice(0, 40)}”`;
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".hidden, .skip");
    const found = [...document.querySelectorAll("body *")].filter(isShown).filter((element) => {
      const box = element.getBoundingClientRect();
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      return box.right > screen + 0.5 || box.left < -0.5 || (scrolls && element.scrollWidth > element.clientWidth + 1);
    });
    if (document.documentElement.scrollWidth > screen) found.unshift(document.documentElement);
    return found.map(name);
  });
  assert.deepEqual(wide, [], "wider than the screen");
}

// What stands beside each other in the head of the page does not cover each other.
export async function hasRoomInItsHead({ page }) {
  const covered = await page.evaluate(() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
    const overlap = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
    const beside = shown("header.top .menu-button, header.top .person").map((element) => element.getBoundingClientRect());
    const ranges = shown("header.top .brand > *").map((element) => {
      const range = document.createRange();
      range.selectNode(element);
      return [element.textContent || element.tagName, range.getBoundingClientRect()];
    });
    return ranges.filter(([, box]) => box.width > 1 && beside.some((other) => overlap(box, other))).map(([words]) => words);
  });
  assert.deepEqual(covered, [], "covered in the head");
}

// Fingers hit everything: 24 px at least, 44 px for the primary button. Links within a sentence are excepted by WCAG.
export async function isEasyToHit({ page }) {
  const small = await page.evaluate(() => {
    const isInSentence = (link) =>
      getComputedStyle(link).display === "inline" &&
      [...link.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    const isLabelled = (control) => control.type === "radio" || control.type === "checkbox";
    return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, label.choice")]
      .filter((target) => target.checkVisibility({ visibilityProperty: true }) && !target.closest(".hidden, .skip"))
      .filter((target) => !isInSentence(target) && !isLabelled(target))
      .map((target) => {
        const { width, height } = target.getBoundingClientRect();
        const least = target.matches(".button-primary") ? 44 : 24;
        const isSmall = height < least - 0.1 || width < 24 - 0.1;
        return isSmall && `${width.toFixed(0)} × ${height.toFixed(0)}: “${target.textContent.trim().slice(0, 40)}” ${target.className}`;
      })
      .filter(Boolean);
  });
  assert.deepEqual(small, [], "small targets");
}

// axe's rules for WCAG 2.2 A and AA. Evaluated from outside, so the page's CSP stays as it is.
export async function isAccessible({ page }) {
  await page.evaluate(axe);
  const violations = await page.evaluate(
    async (values) => (await axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] })).violations,
    rules,
  );
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  assert.deepEqual(found, [], "axe");
}

// All of it. axe is a script itself, so it looks where scripts run; the markup is the same elsewhere.
export async function looksGood(visitor, { javaScript }) {
  await fitsTheScreen(visitor);
  await isEasyToHit(visitor);
  if (javaScript) await isAccessible(visitor);
}

// How much the page jumped while it came, as the browser counts it.
export async function standsStill({ page }) {
  const shift = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 50);
      }),
  );
  assert.ok(shift < 0.02, `the page jumped by ${shift}`);
}
