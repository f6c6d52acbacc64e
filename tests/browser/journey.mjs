// Walks through the pages as a visitor would, and fails on anything that a visitor would trip over.
//
//   node journey.mjs BASE_URL [OUT_DIR] [--text COLLECTION] [--whole COLLECTION]
//
// On one layer with text ids and one with whole-number ids (found by itself unless named): landing page → collection → its map
// draws features → a click on one leads to its item, which answers 200. A filter is written with the keyboard alone, first a broken one,
// of which the page marks the fault, then a good one. In French and in English, axe finds nothing to object to on any kind of page.
// Meanwhile nothing is written to the console as an error and no request leaves the origin.

import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const MAP_MS = 45_000; // software rendering on a busy machine
const PAGE_MS = 30_000;
const FLAGS = [
  '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const BROKEN = 'TRUE AND ('; // a filter; the page that refuses it answers 400
const LANGUAGES = { fr: 'fr-FR', en: 'en-GB' };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { text: { type: 'string' }, whole: { type: 'string' } },
});
if (positionals.length < 1 || positionals.length > 2) {
  console.error('usage: journey.mjs BASE_URL [OUT_DIR] [--text COLLECTION] [--whole COLLECTION]');
  process.exit(2);
}
const base = positionals[0].replace(/\/+$/, '');
const origin = new URL(base).origin;
const out = positionals[1] ?? mkdtempSync(join(tmpdir(), 'guichet-browser-'));
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let faults = 0;
function report(good, sentence, details = []) {
  console.log(`browser: ${good ? 'ok' : 'FAILED'}: ${sentence}`);
  for (const detail of details) console.log(`browser:   ${detail}`);
  if (!good) faults += 1;
}

async function json(path, type = 'application/json') {
  const answer = await fetch(base + path, { headers: { Accept: type } });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

/** One collection with text ids and one with whole-number ids, both with geometry. */
async function collectionsToVisit() {
  const visit = { string: options.text, number: options.whole };
  const { collections } = await json('/collections');
  for (const { id } of collections) {
    if (visit.string && visit.number) break;
    const page = await json(`/collections/${encodeURIComponent(id)}/items?limit=1`, 'application/geo+json');
    const first = page.features.find((feature) => feature.geometry);
    if (first) visit[typeof first.id] ??= id;
  }
  return visit;
}

/** A fresh browser of one language; everything that goes wrong in it is noted. */
async function openBrowser(locale) {
  const profile = mkdtempSync(join(tmpdir(), 'guichet-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    locale,
    viewport: { width: 1280, height: 900 },
  });
  const troubles = [];
  const foreign = (url) => /^(https?|wss?):$/.test(url.protocol) && url.origin !== origin;
  await context.route(foreign, (route) => route.abort());
  context.on('request', (request) => {
    if (foreign(new URL(request.url()))) troubles.push(`a request left the origin: ${request.url()}`);
  });
  const isRefusal = (url) => url.startsWith(base) && new URL(url).searchParams.get('filter') === BROKEN;
  context.on('response', (response) => {
    if (response.status() >= 400 && !isRefusal(response.url())) troubles.push(`${response.status()} for ${response.url()}`);
  });
  context.on('requestfailed', (request) => {
    // Leaving a page breaks off what it was still loading.
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') troubles.push(`${why} for ${request.url()}`);
  });
  context.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal(message.location().url)) troubles.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => troubles.push(`uncaught: ${error.error().message}`));
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(PAGE_MS);
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { page, troubles, close };
}

async function visit(page, path) {
  const answer = await page.goto(base + path, { waitUntil: 'load' });
  const type = answer.headers()['content-type'] ?? '';
  report(answer.status() === 200 && type.startsWith('text/html'), `${path} is a page (${answer.status()}, ${type})`);
}

/** Follows a link of the page to `path`, if there is one. */
async function follow(page, path) {
  const links = page.locator('a[href]');
  const index = await links.evaluateAll(
    (all, wanted) => all.findIndex((a) => decodeURIComponent(new URL(a.href).pathname) === wanted && a.checkVisibility()),
    new URL(base + path).pathname,
  );
  if (index < 0) return false;
  await Promise.all([page.waitForURL((url) => decodeURIComponent(url.pathname) === new URL(base + path).pathname), links.nth(index).click()]);
  return true;
}

/** Waits until the map has come to rest; the number of features that it draws of a collection. */
async function drawn(page, collection) {
  const atRest = () => {
    const map = window.guichetMap;
    return Boolean(map?.loaded() && map.areTilesLoaded() && !map.isMoving());
  };
  const count = (name) => window.guichetMap.queryRenderedFeatures().filter((f) => f.sourceLayer === name).length;
  await page.waitForFunction(atRest, null, { timeout: MAP_MS });
  await page.waitForFunction((name) => window.guichetMap.queryRenderedFeatures().some((f) => f.sourceLayer === name), collection, { timeout: MAP_MS })
    .catch(() => {});
  return page.evaluate(count, collection);
}

/** A place on the screen where the map shows a feature of the collection, nearest to the middle, with what is there. */
async function placeToClick(page, collection) {
  return page.evaluate((name) => {
    const map = window.guichetMap;
    const canvas = map.getCanvas();
    const frame = canvas.getBoundingClientRect();
    const places = [];
    const first = (nested) => (typeof nested[0] === 'number' ? nested : first(nested[Math.floor(nested.length / 2)]));
    for (const feature of map.queryRenderedFeatures()) {
      if (feature.sourceLayer === name) places.push(map.project(first(feature.geometry.coordinates)));
    }
    for (let i = 1; i < 40; i += 1) {
      for (let j = 1; j < 30; j += 1) places.push({ x: (frame.width * i) / 40, y: (frame.height * j) / 30 });
    }
    const away = (p) => Math.hypot(p.x - frame.width / 2, p.y - frame.height / 2);
    places.sort((a, b) => away(a) - away(b));
    for (const place of places) {
      // A mouse stands on whole pixels of the page.
      const [x, y] = [Math.round(frame.left + place.x), Math.round(frame.top + place.y)];
      const there = map.queryRenderedFeatures([x - frame.left, y - frame.top]).filter((f) => f.sourceLayer === name);
      // Nothing of the page may lie over the map there.
      if (there.length && document.elementFromPoint(x, y) === canvas) {
        return { x, y, names: there.flatMap((f) => [f.id, ...Object.values(f.properties)]).map(String) };
      }
    }
    return null;
  }, collection);
}

/** Clicks on the map; the address of the item that the page then leads to. */
async function itemClicked(page, place, collection) {
  await page.evaluate(() => {
    window.linksBefore = new Map([...document.querySelectorAll('a[href]')].map((a) => [a, a.href]));
  });
  await page.mouse.click(place.x, place.y);
  const found = await page.waitForFunction((path) => {
    const leads = (href) => decodeURIComponent(new URL(href).pathname).startsWith(path);
    if (leads(location.href)) return location.href;
    const link = [...document.querySelectorAll('a[href]')].find(
      (a) => leads(a.href) && window.linksBefore?.get(a) !== a.href && a.checkVisibility(),
    );
    return link?.href;
  }, `${new URL(base).pathname.replace(/\/$/, '')}/collections/${collection}/items/`);
  return found.jsonValue();
}

async function journey(page, collection, idType, shot) {
  const encoded = encodeURIComponent(collection);
  await visit(page, '/');
  await page.screenshot({ path: join(out, `${shot}-1-landing.png`), fullPage: true });
  if (!(await follow(page, `/collections/${collection}`))) {
    const listed = await follow(page, '/collections');
    const reached = listed && (await follow(page, `/collections/${collection}`));
    report(reached, `links lead from the landing page to ${collection}`);
    if (!reached) await visit(page, `/collections/${encoded}`);
  }
  const map = await page.waitForFunction(() => window.guichetMap?.getCanvas(), null, { timeout: MAP_MS }).catch(() => null);
  if (!map) return report(false, `${collection}: the page has no map (window.guichetMap)`);
  await map.asElement().scrollIntoViewIfNeeded();
  const features = await drawn(page, collection);
  await page.screenshot({ path: join(out, `${shot}-2-map.png`) });
  report(features > 0, `${collection}: the map came to rest and draws ${features} features`);
  if (!features) return;

  const place = await placeToClick(page, collection);
  if (!place) return report(false, `${collection}: no feature of the map can be clicked`);
  const href = await itemClicked(page, place, collection);
  await page.screenshot({ path: join(out, `${shot}-3-clicked.png`) });
  const id = decodeURIComponent(new URL(href).pathname.split('/').pop());
  report(place.names.includes(id), `${collection}: a click leads to item ${id}, which is drawn where it was clicked`);
  const item = await json(`/collections/${encoded}/items/${encodeURIComponent(id)}`, 'application/geo+json');
  report(typeof item.id === idType && String(item.id) === id, `${collection}: item ${id} answers 200 with the ${idType} ${JSON.stringify(item.id)}`);
  const answer = await page.goto(href, { waitUntil: 'load' });
  await page.screenshot({ path: join(out, `${shot}-4-item.png`), fullPage: true });
  report(answer.status() === 200 && (answer.headers()['content-type'] ?? '').startsWith('text/html'), `${collection}: its page answers ${answer.status()}`);
}

/** Writes a filter into the form and sends it, without touching the mouse. */
async function filtered(page, filter) {
  await page.focus('#filter');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(filter);
  const answered = page.waitForResponse((response) => new URL(response.url()).searchParams.get('filter') === filter);
  // Waited for from before the key: once the answer is in, the page that is left still counts as loaded.
  const loaded = page.waitForEvent('load');
  const isSubmit = () => document.activeElement?.matches('form.filter button[type=submit]');
  for (let stops = 0; stops < 20 && !(await page.evaluate(isSubmit)); stops += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const status = (await answered).status();
  await loaded;
  return status;
}

async function filterByKeyboard(page, collection) {
  await visit(page, `/collections/${encodeURIComponent(collection)}/items`);
  const refused = await filtered(page, BROKEN);
  const shown = await page.evaluate(() => {
    const field = document.querySelector('#filter');
    const described = (field.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id));
    return {
      kept: field.value,
      invalid: field.getAttribute('aria-invalid'),
      told: described.length > 0 && described.every((element) => element?.textContent.trim()),
      mark: document.querySelectorAll('#filter-error mark').length,
    };
  });
  const good = refused === 400 && shown.kept === BROKEN && shown.invalid === 'true' && shown.told && shown.mark === 1;
  report(good, `${collection}: a broken filter is marked where it breaks (${refused}, ${JSON.stringify(shown)})`);
  await page.screenshot({ path: join(out, 'filter-refused.png'), fullPage: true });
  const accepted = await filtered(page, 'NOT FALSE');
  const rows = await page.locator('tbody tr').count();
  report(accepted === 200 && rows > 0, `${collection}: a good one selects ${rows} rows (${accepted})`);
}

/** Runs axe on the page and checks its language. */
async function inspect(page, language, path) {
  const spoken = await page.evaluate(() => document.documentElement.lang);
  report(spoken.startsWith(language), `${path} speaks ${language} (lang="${spoken}")`);
  // Evaluated by the debugger, so that the page's content security policy stays as strict as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const details = violations.flatMap((v) => [`${v.id} (${v.impact}): ${v.help}`, ...v.nodes.slice(0, 3).map((n) => `  ${n.target}: ${n.html.slice(0, 160)}`)]);
  report(violations.length === 0, `${path} in ${language}: axe finds ${violations.length} violations`, details);
}

async function inspectAll(page, language, collections) {
  const paths = ['/', '/collections', '/functions'];
  for (const collection of collections) {
    const path = `/collections/${encodeURIComponent(collection)}`;
    const { features } = await json(`${path}/items?limit=1`, 'application/geo+json');
    paths.push(path, `${path}/queryables`, `${path}/items?filter=TRUE`, `${path}/items`, `${path}/items/${encodeURIComponent(features[0].id)}`);
  }
  for (const path of paths) {
    await visit(page, path);
    if (await page.evaluate(() => 'guichetMap' in window)) {
      await page.waitForFunction(() => window.guichetMap?.loaded(), null, { timeout: MAP_MS });
    }
    await inspect(page, language, path);
    const shot = path === '/' ? 'landing' : path.slice(1).replaceAll(/[^A-Za-z0-9.]+/g, '-');
    await page.screenshot({ path: join(out, `axe-${language}-${shot}.png`), fullPage: true });
  }
  const refused = `/collections/${encodeURIComponent(collections[0])}/items?filter=${encodeURIComponent(BROKEN)}`;
  await page.goto(base + refused, { waitUntil: 'load' });
  await inspect(page, language, refused);
}

async function withBrowser(locale, what, walk) {
  const { page, troubles, close } = await openBrowser(locale);
  try {
    await walk(page);
  } catch (error) {
    await page.screenshot({ path: join(out, 'broken-off.png') }).catch(() => {});
    report(false, `${what} broke off: ${error.message.split('\n')[0]} (at ${page.url()})`);
  } finally {
    report(troubles.length === 0, `${what}: ${troubles.length} console errors, failed or foreign requests`, [...new Set(troubles)].slice(0, 10));
    await close();
  }
}

const { string: text, number: whole } = await collectionsToVisit();
report(Boolean(text), `a collection with text ids: ${text ?? 'none'}`);
report(Boolean(whole), `a collection with whole-number ids: ${whole ?? 'none'}`);
const both = [text, whole].filter(Boolean);
if (text) await withBrowser(LANGUAGES.fr, `journey to ${text}`, (page) => journey(page, text, 'string', 'text'));
if (whole) await withBrowser(LANGUAGES.en, `journey to ${whole}`, (page) => journey(page, whole, 'number', 'whole'));
if (text) await withBrowser(LANGUAGES.fr, `a filter on ${text}`, (page) => filterByKeyboard(page, text));
for (const [language, locale] of Object.entries(LANGUAGES)) {
  await withBrowser(locale, `pages in ${language}`, (page) => inspectAll(page, language, both));
}
// A link in another language than the browser's own must hold.
await withBrowser(LANGUAGES.fr, '?lang=en for a French browser', async (page) => {
  await visit(page, '/?lang=en');
  await inspect(page, 'en', '/?lang=en');
});
console.log(`browser: screenshots in ${out}`);
console.log(`browser: ${faults} faults`);
process.exit(faults ? 1 : 0);
