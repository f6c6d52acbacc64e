// A web map of another site with a key for browsers, over three expiries of its signed URLs and a change of its grants.
//
//   node signed.mjs BINARY [OUT_DIR]
//
// Runs the JavaScript that README.md gives, word for word, with MapLibre in Chromium. The page is of another origin than the server, whose
// signatures expire every few seconds (limits.signature_seconds). After each expiry and each change the map is moved to where it has not
// been: within a few seconds it must show every parcel that the key opens there, as the items of the same box say, with the attributes of the
// moment. In the end the key is revoked: nothing more is shown, and the page does not go on asking.

import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Report, START_MS, launch, pause, serve } from './own_server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const [binary, out = mkdtempSync(join(tmpdir(), 'guichet-signed-'))] = process.argv.slice(2);
if (!binary) {
  console.error('usage: signed.mjs BINARY [OUT_DIR]');
  process.exit(2);
}
const WINDOW_SECONDS = 5; // the shortest that can be set: a signature holds for 10 to 15 seconds
const LINES = 15; // of the documented code
const LAYER = 'ville.parcelles';
const WHOLE_MS = 5_000; // until the map is whole again
// Each needs tiles at this zoom that none before it needed.
const ZOOM = 14;
const PLACES = [[5.40, 43.42], [5.47, 43.42], [5.40, 43.46], [5.47, 43.46], [5.40, 43.50], [5.49, 43.53], [5.49, 43.48]];

const report = new Report('signed');

/** The JavaScript of the README that speaks of `transformRequest`. */
function documented() {
  const text = readFileSync(join(here, '../../README.md'), 'utf8');
  const blocks = [...text.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1]).filter((block) => block.includes('transformRequest'));
  if (blocks.length !== 1) throw new Error(`README.md has ${blocks.length} blocks of JavaScript with transformRequest`);
  const lines = blocks[0].split('\n').findIndex((line) => line.startsWith('const map ='));
  report.check(lines > 0 && lines <= LINES, `README.md renews signatures in ${lines} lines`);
  return blocks[0];
}

/** A town and a server of it. */
async function start(folder) {
  const world = spawnSync('python3', [join(here, '../clients/keyed_world.py'), folder, '--bin', binary, '--limits', `signature_seconds = ${WINDOW_SECONDS}`]);
  if (world.status) throw new Error(String(world.stderr));
  const { config, keys } = JSON.parse(world.stdout);
  const server = await serve(binary, folder, '--config', config);
  return { ...server, key: keys.browser };
}

/** The site of somebody else, with its map. */
async function site(guichet, key) {
  const page = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/maplibre/maplibre-gl.css">
<style>html, body, #map { height: 100%; margin: 0 }</style><div id="map"></div>
<script type="module">
import * as maplibregl from '/maplibre/maplibre-gl.mjs';
maplibregl.setWorkerUrl('/maplibre/maplibre-gl-worker.mjs');
const GUICHET = '${guichet}', KEY = '${key}';
const style = {
  version: 8,
  center: ${JSON.stringify(PLACES[0])}, zoom: ${ZOOM},
  sources: { parcels: { type: 'vector', url: '${guichet}/xyz/${LAYER}.json' } },
  layers: [{ id: 'parcels', type: 'fill', source: 'parcels', 'source-layer': '${LAYER}', paint: { 'fill-color': '#0b5cad', 'fill-outline-color': '#fff' } }],
};
${documented()}
window.theMap = map;
</script>`;
  const types = { '.mjs': 'text/javascript', '.css': 'text/css' };
  const server = createServer((request, response) => {
    if (request.url === '/') return response.setHeader('Content-Type', 'text/html').end(page);
    const name = request.url.match(/^\/maplibre\/([\w.-]+)$/)?.[1];
    try {
      response.setHeader('Content-Type', types[extname(name ?? '')] ?? 'text/plain');
      return response.end(readFileSync(join(here, 'node_modules/maplibre-gl/dist', name)));
    } catch {
      response.statusCode = 404;
      return response.end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, end: () => server.close() };
}

/** What the server says lies in the visible box, to the same key. */
async function there(page, base, key) {
  const box = await page.evaluate(() => theMap.getBounds().toArray().flat());
  const answer = await fetch(`${base}/collections/${LAYER}/items?limit=10000&bbox=${box}`, { headers: { 'X-API-Key': key } });
  if (!answer.ok) throw new Error(`the items answer ${answer.status}`);
  return (await answer.json()).features;
}

/** Waits until the map draws all parcels of the box with this property in them or not; the milliseconds, and how many it draws. */
async function whole(page, wanted, owner) {
  const ids = wanted.map((feature) => feature.id);
  const began = Date.now();
  const missing = ({ ids, owner }) => {
    const drawn = new Map(theMap.queryRenderedFeatures({ layers: ['parcels'] }).map((f) => [f.properties.id, f.properties]));
    return ids.filter((id) => !drawn.has(id) || ('proprietaire' in drawn.get(id)) !== owner).length;
  };
  let left = ids.length;
  while (Date.now() - began < WHOLE_MS) {
    left = await page.evaluate(missing, { ids, owner });
    if (left === 0) break;
    await pause(100);
  }
  return { left, took: Date.now() - began, count: ids.length };
}

/** When a signature expires, in milliseconds since 1970: it is written in it. */
const expiry = (sig) => Buffer.from(sig, 'base64url').readUInt32BE(5) * 1000;

async function journey(page, guichet, seen) {
  const { base, key, command } = guichet;
  let place = 0;
  const moveOn = async (what, owner) => {
    seen.refused.length = 0;
    place += 1;
    await page.evaluate((center) => theMap.jumpTo({ center }), PLACES[place]);
    const { left, took, count } = await whole(page, await there(page, base, key), owner);
    await page.screenshot({ path: join(out, `signed-${place}.png`) });
    report.check(left === 0 && count > 10, `${what}: ${count - left} of ${count} parcels are drawn, ${took} ms after the map was moved`);
    return [...seen.refused];
  };
  const first = await whole(page, await there(page, base, key), false);
  report.check(first.left === 0 && first.count > 10, `the map draws ${first.count - first.left} of ${first.count} parcels`);
  report.check(seen.sigs.size > 0 && seen.unsigned.length === 0, `all tiles were asked for with a signature (${seen.unsigned.length} were not)`);
  for (let times = 1; times <= 3; times += 1) {
    const last = Math.max(...[...seen.sigs].map(expiry));
    await pause(Math.max(0, last - Date.now()) + 200);
    const refused = await moveOn(`expiry ${times}`, false);
    report.check(refused.includes('signature-expired'), `expiry ${times}: ${refused.length} tiles were refused before, as ${[...new Set(refused)]}`);
  }
  const before = new Set(JSON.parse(command('grant', 'list', '--json')).map((grant) => grant.id));
  command('grant', 'add', '--to', 'organisation:eau', '--layers', LAYER, '--profile', 'tout', '--actions', 'discover,tiles,items');
  const grant = JSON.parse(command('grant', 'list', '--json')).map((grant) => grant.id).find((id) => !before.has(id));
  await pause(1000);
  const wider = await moveOn('after a grant of more', true);
  report.check(wider.includes('signature-invalid'), `after a grant of more: ${wider.length} tiles were refused before, as ${[...new Set(wider)]}`);
  command('grant', 'revoke', grant);
  await pause(1000);
  const narrower = await moveOn('after it was revoked', false);
  report.check(narrower.includes('signature-invalid'), `after it was revoked: ${narrower.length} tiles were refused before, as ${[...new Set(narrower)]}`);
  command('key', 'revoke', key.slice(9, 17));
  await pause(1000);
  seen.asked = 0;
  seen.served = 0;
  await page.evaluate((center) => theMap.jumpTo({ center }), PLACES[place + 1]);
  await pause(3000);
  const asked = seen.asked;
  await pause(2000);
  report.check(asked > 0 && seen.served === 0, `after the key was revoked, ${seen.served} of ${asked} requests are served`);
  report.check(seen.asked === asked && asked < 50, `the page asked ${asked} times and gave up (${seen.asked - asked} times later)`);
}

const folder = mkdtempSync(join(tmpdir(), 'guichet-signed-'));
mkdirSync(out, { recursive: true });
const guichet = await start(folder);
const elsewhere = await site(guichet.base, guichet.key);
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 700, height: 500 } });
  const seen = { sigs: new Set(), refused: [], unsigned: [], asked: 0, served: 0 };
  page.on('response', async (response) => {
    const url = new URL(response.url());
    if (!response.url().startsWith(guichet.base) || response.request().method() === 'OPTIONS') return;
    seen.asked += 1;
    if (response.ok()) seen.served += 1;
    const sig = url.searchParams.get('sig');
    if (url.pathname.endsWith('.mvt') && !sig) seen.unsigned.push(url.pathname);
    if (sig) seen.sigs.add(sig);
    if (response.status() === 401) {
      // Of what a worker fetched the debugger keeps no body: the same address is asked once more.
      const problem = await (await fetch(url)).json();
      seen.refused.push(String(problem.type).split(':').pop());
    }
  });
  page.on('pageerror', (error) => report.check(false, `the page throws: ${error.message}`));
  await page.goto(elsewhere.url);
  await page.waitForFunction(() => window.theMap?.loaded(), null, { timeout: START_MS });
  await journey(page, guichet, seen);
  report.check(seen.sigs.size >= 5, `${seen.sigs.size} signatures were used`);
} catch (error) {
  report.check(false, `broke off: ${error.message.split('\n')[0]}`);
} finally {
  await browser.close();
  guichet.end();
  elsewhere.end();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`browser: signed: ${report.faults} faults; screenshots in ${out}`);
process.exit(report.faults ? 1 : 0);
