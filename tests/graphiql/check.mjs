// Opens the query page in Chromium with every other host closed, runs a query and reads its answer: node check.mjs URL [PICTURE]
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const [url, picture] = process.argv.slice(2);
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
const faults = [];
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== new URL(url).host) faults.push(`asks ${request.url()}`);
  });
  page.on("requestfailed", (request) => faults.push(`not answered: ${request.url()}`));
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  await page.goto(`${url}/graphiql`);
  await page.locator(".graphiql-execute-button").click({ timeout: 60_000 });
  const answer = page.locator(".graphiql-response .view-lines");
  await answer.getByText("snapshotVersion").or(answer.getByText("incidentAggregate")).first().waitFor({ timeout: 60_000 });
  // The editor completes from the schema: its worker has run.
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByText("warehouseUpdated").or(page.getByText("Root Types")).first().waitFor({ timeout: 60_000 });
  if (picture) await page.screenshot({ path: picture });
} catch (error) {
  faults.push(error.message);
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
console.log(`query page: ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
