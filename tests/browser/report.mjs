// The report in a real browser: every kind of page, on phone, desk and projector, light and dark, with and without JavaScript.
// usage: node report.mjs BASE_URL PAGES CHROMIUM [SCREENSHOT_FOLDER]; PAGES is the output of `hotwash report --list-pages --json`
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, pagesFile, executablePath, folder] = process.argv.slice(2);
const AS_OF = "as_of=2026-06-30";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const began = Date.now();
const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);
process.on("uncaughtException", (error) => {
  console.error([...faults, `the test broke: ${error.stack}`].join("\n"));
  process.exit(1);
});

/** Data of a GraphQL answer. */
async function ask(query) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

const { events, correctiveActions } = await ask(
  `{ events(first: 1, filter: { kind: { eq: EXERCISE }, capabilityRatings: { rating: { eq: "M" } } }) { nodes { id } } correctiveActions(first: 1) { nodes { id } } }`,
);
const eventKey = Buffer.from(events.nodes[0].id, "base64url").toString().split(":")[1];
// Views with filters of their own, and pages that are not found or not shown.
const views = [
  "/regions/4AB", "/capabilities/PHEP/6", "/actions?status=all&due=overdue&region=2", `/events/${eventKey}`, "/metrics/capability_performance",
  "/metrics/action_time_to_close", "/records/capability_performance?region=3", `/record/${correctiveActions.nodes[0].id}`, "/?region=3&framework=PHEP",
  "/search?q=surge", "/regions/9", "/data?from=2026-01-01&to=2025-01-01",
];
// Every page of the registry is looked at: by the views above, or at its first path.
const segments = (path) => path.split("?")[0].split("/");
const fits = (pattern, path) => segments(pattern).length === segments(path).length && segments(pattern).every((one, at) => one.startsWith("{") || one === segments(path)[at]);
const registered = JSON.parse(readFileSync(pagesFile, "utf8"));
const unseen = registered.filter((page) => !views.some((view) => fits(page.path, view) && (page.path.includes("{") || view === page.path)));
const paths = [...unseen.map((page) => page.paths[0] ?? fault(page.path, "has no path to look at")), ...views].filter(Boolean);
const dated = (path) => (path.includes("from=") ? path : `${path}${path.includes("?") ? "&" : "?"}${AS_OF}`);

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });

/** A page that notes what must not happen. */
async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  // A busy machine is no fault of the page.
  page.setDefaultTimeout(120_000);
  page.on("console", (message) => {
    // The status of a page requested on purpose is not an error.
    if (message.type() === "error" && !/status of 40[04]/.test(message.text())) fault(page.url(), `console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(page.url(), `script: ${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) fault(page.url(), `asked another host: ${request.url()}`);
  });
  return page;
}

/** Nothing runs out of the page at the side. */
async function noSideways(page, where) {
  const beyond = await page.evaluate(() => {
    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over <= 0) return null;
    const widest = [...document.querySelectorAll("body *")].find((one) => one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest(".scroll"));
    return `${over} px, first ${widest?.tagName}.${widest?.getAttribute("class")}`;
  });
  if (beyond) fault(where, `scrolls sideways by ${beyond}`);
}

const name = (path) => path.split("?")[0].replace(/^\//, "").replaceAll(/[/:]/g, "-") || "overview";
const links = new Set();
const anchors = [];
let looks = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1280, 1920]) {
    const page = await open({ viewport: { width, height: 900 }, colorScheme });
    for (const path of paths) {
      const where = `${path} at ${width} ${colorScheme}`;
      const response = await page.goto(base + dated(path));
      looks += 1;
      const expected = path === "/regions/9" ? 404 : path.includes("from=") ? 400 : 200;
      if (response.status() !== expected) fault(where, `status ${response.status()}`);
      await noSideways(page, where);
      if (folder && !path.includes("?")) await page.screenshot({ path: `${folder}/${name(path)}-${width}-${colorScheme}.png`, fullPage: true });
      // The rules of axe depend on colors and on width; the projector's page is the desk's.
      if (width < 1920) {
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        for (const one of found.violations) {
          fault(where, `axe ${one.id} (${one.impact}): ${one.help}: ${one.nodes.slice(0, 2).map((node) => node.html.slice(0, 140)).join(" | ")}`);
        }
      }
      if (width === 1280 && colorScheme === "light") {
        for (const href of await page.$$eval('a[href]:not([href^="#"])', (all) => all.map((one) => new URL(one.getAttribute("href"), location).href))) links.add(href.split("#")[0]);
        anchors.push(...(await page.$$eval('a[href^="#"]', (all) => all.filter((one) => !document.querySelector(one.getAttribute("href"))).map((one) => `${location.pathname}${one.getAttribute("href")}`))));
      }
    }
    await page.context().close();
  }
}
if (anchors.length) fault("anchors", anchors.join(", "));

// On paper nothing is cut, and what only serves a screen is away.
{
  const page = await open({ viewport: { width: 794, height: 1123 } });
  await page.emulateMedia({ media: "print" });
  for (const path of paths) {
    await page.goto(base + dated(path));
    looks += 1;
    await noSideways(page, `${path} in print`);
    if (await page.locator("nav").first().isVisible()) fault(path, "the menu is printed");
    if (!(await page.locator("h1").isVisible())) fault(path, "the title is not printed");
  }
  await page.context().close();
}

// Without JavaScript every page has the same content.
{
  const page = await open({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  for (const path of paths) {
    const response = await page.goto(base + dated(path));
    const text = await page.locator("main").innerText();
    if (text.length < 60) fault(path, "is empty without JavaScript");
    const own = '<script src="/assets/report.js" defer></script>';
    if (/<script/i.test((await response.text()).replace(own, ""))) fault(path, "brings a script of another file");
  }
  await page.goto(`${base}/actions?${AS_OF}`);
  await page.locator(".filters.own select[name=due]").selectOption("overdue");
  await page.locator(".filters.own button").click();
  if (!page.url().includes("due=overdue") || !page.url().includes(AS_OF)) fault("/actions", `the form leads to ${page.url()}`);
  await page.context().close();
}

// The keyboard reaches every link, field and fold, and the focus is visible.
{
  const page = await open({ viewport: { width: 1280, height: 900 } });
  for (const path of ["/", "/regions/4AB", "/actions", "/metrics/capability_performance"]) {
    await page.goto(base + dated(path));
    const wanted = await page.evaluate(() =>
      [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")].filter((one) => one.checkVisibility() && one.getClientRects().length > 0).map((one, at) => {
        one.dataset.at = at;
        return at;
      }),
    );
    const reached = new Set();
    let hidden = 0;
    // A date has several fields within: more steps than elements.
    for (let step = 0; step < wanted.length + 40 && reached.size < wanted.length; step += 1) {
      await page.keyboard.press("Tab");
      const [at, seen] = await page.evaluate(() => {
        const one = document.activeElement;
        const style = getComputedStyle(one);
        const region = one.querySelector(".region");
        const marked = style.outlineStyle !== "none" || (region && getComputedStyle(region).strokeWidth === "4px");
        return [one.dataset.at, marked];
      });
      if (at !== undefined) reached.add(at);
      if (at !== undefined && !seen) hidden += 1;
    }
    if (reached.size < wanted.length) fault(path, `the keyboard reaches ${reached.size} of ${wanted.length}`);
    if (hidden) fault(path, `${hidden} stops of the keyboard are not to be seen`);
  }
  await page.context().close();
}

// Numbers on the page are the API's.
{
  const page = await open({ viewport: { width: 1280, height: 900 } });
  const percent = (share) => `${Math.round(share * 100)}%`;
  const period = `, from: "2025-07-01", to: "2026-06-30"`;
  const one = async (id, filter = "") => (await ask(`{ metric(id: "${id}", groupBy: [], asOf: "2026-06-30"${filter}) { rows { value n ciLow ciHigh } } }`)).metric.rows[0];
  for (const [path, filter] of [["/", ""], ["/regions/3", `, filter: { region: { eq: "3" } }`], ["/?region=3&framework=PHEP", `, filter: { region: { eq: "3" }, framework: { eq: "PHEP" } }`]]) {
    await page.goto(base + dated(path));
    const tiles = await page.$$eval(".tile", (all) => all.map((tile) => [tile.querySelector(".big").textContent, tile.querySelector(".detail").textContent]));
    const rated = await one("capability_performance", period + filter);
    if (tiles[0][0] !== percent(rated.value)) fault(path, `rated ${tiles[0][0]}, the API says ${rated.value}`);
    if (!tiles[0][1].includes(`${rated.n.toLocaleString("en-US")} ratings`)) fault(path, `${tiles[0][1]}, the API says n = ${rated.n}`);
    const overdue = await one("action_overdue", filter);
    if (tiles[2][0] !== overdue.value.toLocaleString("en-US")) fault(path, `overdue ${tiles[2][0]}, the API says ${overdue.value}`);
  }
  await page.goto(`${base}/metrics/action_closure?${AS_OF}`);
  const rows = (await ask(`{ metric(id: "action_closure", asOf: "2026-06-30"${period}) { rows { region value n } } }`)).metric.rows;
  await page.$$eval("details", (all) => all.forEach((one) => (one.open = true)));
  const listed = await page.$$eval("section.card table tbody tr", (all) => all.map((row) => row.innerText.replaceAll("\t", " | ")));
  for (const row of rows) {
    const wanted = `(${row.region}) | ${percent(row.value)}`;
    if (!listed.some((line) => line.includes(wanted) && line.includes(`| ${row.n} |`))) fault("/metrics/action_closure", `no row ${wanted}, n ${row.n} in ${listed[0]}`);
  }
  const total = (await ask(`{ correctiveActions(filter: { status: { in: [PROPOSED, OPEN, IN_PROGRESS, DEFERRED] } }) { totalCount } }`)).correctiveActions.totalCount;
  await page.goto(`${base}/actions?${AS_OF}`);
  if (!(await page.locator("main").innerText()).includes(`${total.toLocaleString("en-US")} actions in total.`)) fault("/actions", `the API counts ${total}`);
  await page.context().close();
}

// Links resolve: all of the report's pages, and some of each kind of single record.
{
  const kinds = new Map();
  const wanted = [...links].filter((href) => {
    if (!href.startsWith(base)) return !fault("links", `lead to another host: ${href}`);
    const kind = new URL(href).pathname.match(/^\/(records|record|events)\//)?.[1];
    if (!kind) return true;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    return kinds.get(kind) <= 12;
  });
  for (let at = 0; at < wanted.length; at += 4) {
    await Promise.all(wanted.slice(at, at + 4).map(async (href) => {
      const { status } = await fetch(href);
      if (status !== 200) fault(href, `a link is answered with ${status}`);
    }));
  }
  console.log(`${looks} looks at ${paths.length} pages, ${wanted.length} of ${links.size} links followed, ${((Date.now() - began) / 1000).toFixed(0)} s`);
}
await browser.close();
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
