// The demonstration as the README tells it: one layer of parcels, looked at by three people.
//
//   node demonstration.mjs BINARY [OUT_DIR]
//
// Without a key there are cells with counts; `guichet demo-keys` prints two keys, and each is typed on a page by its holder. Everybody's map
// draws something as soon as the page is open, tables have the columns that the key opens and no others, and axe finds nothing. A wrong key
// is refused on the page, and once the keys are made anew, whoever goes on with an old one sees what everybody sees.

import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Report, START_MS, launch, pause, serve } from './own_server.mjs';

const [binary, out = mkdtempSync(join(tmpdir(), 'guichet-demonstration-'))] = process.argv.slice(2);
if (!binary) {
  console.error('usage: demonstration.mjs BINARY [OUT_DIR]');
  process.exit(2);
}
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LAYER = 'region-sud.parcelles';
const PAGE = `/collections/${LAYER}`;
const report = new Report('demonstration');

async function inspect(page, who, shot) {
  await page.screenshot({ path: join(out, `${shot}.png`) });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  report.check(violations.length === 0, `${who}: ${new URL(page.url()).pathname}: axe finds ${violations.map((v) => v.id).join(', ') || 'nothing'}`);
}

/** Types a key where the page offers it. */
async function signIn(page, base, key) {
  await page.goto(base + PAGE, { waitUntil: 'load' });
  await Promise.all([page.waitForURL(/\/session/), page.locator('a[href*="/session"]').first().click()]);
  await page.fill('input[name=key]', key);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  const loaded = page.waitForEvent('load');
  await page.keyboard.press('Enter');
  const status = (await answered).status();
  await loaded;
  return status;
}

/** What the layer's page and table show to whoever looks at them. */
async function look(page, base, who, { shown, hidden }) {
  await page.goto(base + PAGE, { waitUntil: 'load' });
  await page.waitForFunction(() => window.guichetMap?.loaded() && window.guichetMap.areTilesLoaded(), null, { timeout: START_MS });
  const drawn = () => page.evaluate((layer) => window.guichetMap.queryRenderedFeatures().filter((f) => f.sourceLayer === layer).length, LAYER);
  let count = 0;
  for (let tries = 0; tries < 30 && !count; tries += 1) {
    await pause(200);
    count = await drawn();
  }
  report.check(count > 0, `${who}: the map draws ${count} features at once`);
  await inspect(page, who, `${who}-map`);
  await page.goto(`${base}${PAGE}/items`, { waitUntil: 'load' });
  const columns = await page.locator('thead th').allTextContents();
  const has = (name) => columns.some((column) => column.trim() === name);
  const wrong = [...shown.filter((name) => !has(name)), ...hidden.filter(has)];
  report.check(wrong.length === 0, `${who}: the table has ${columns.map((c) => c.trim()).join(', ')}${wrong.length ? `; wrong: ${wrong}` : ''}`);
  await inspect(page, who, `${who}-table`);
}

const folder = mkdtempSync(join(tmpdir(), 'guichet-demonstration-'));
mkdirSync(out, { recursive: true });
const guichet = await serve(binary, folder);
const browser = await launch();
/** Somebody with a browser of their own. */
async function somebody(walk) {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1280, height: 900 } });
  try {
    await walk(await context.newPage());
  } finally {
    await context.close();
  }
}
try {
  const { base, command } = guichet;
  const keys = Object.fromEntries(JSON.parse(command('demo-keys', '--json')).map(({ organisation, key }) => [organisation, key]));
  await pause(1000);
  const [owner, number] = ['Propriétaire', 'Numéro'];
  await somebody((page) => look(page, base, 'public', { shown: ['cell', 'count'], hidden: [owner, number] }));
  await somebody(async (page) => {
    const status = await signIn(page, base, 'gch_live_00000000_wrong');
    report.check(status === 401 && (await page.locator('input[name=key]').count()) === 1, `a wrong key: the form comes back (${status})`);
    await signIn(page, base, keys['eau-de-provence']);
    await look(page, base, 'eau-de-provence', { shown: [number, 'count'], hidden: [owner] });
    command('demo-keys');
    await pause(1000);
    await page.goto(`${base}${PAGE}/items`, { waitUntil: 'load' });
    const columns = await page.locator('thead th').allTextContents();
    report.check(!columns.some((column) => column.trim() === number), `after new keys were made, the table has ${columns.map((c) => c.trim()).join(', ')}`);
  });
  const again = Object.fromEntries(JSON.parse(command('demo-keys', '--json')).map(({ organisation, key }) => [organisation, key]));
  await pause(1000);
  await somebody(async (page) => {
    await signIn(page, base, again.vaucluse);
    await look(page, base, 'vaucluse', { shown: [owner, number, 'count'], hidden: [] });
  });
} catch (error) {
  report.check(false, `broke off: ${error.message.split('\n')[0]}`);
} finally {
  await browser.close();
  guichet.end();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`browser: demonstration: ${report.faults} faults; screenshots in ${out}`);
process.exit(report.faults ? 1 : 0);
