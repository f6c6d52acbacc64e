// A server of a check's own, commands on its policy, and a browser without a screen.

import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
export const START_MS = 45_000; // of a map: software rendering on a busy machine

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Prints what was found; `faults` counts what was wrong. */
export class Report {
  faults = 0;

  constructor(name) {
    this.name = name;
  }

  check(good, sentence) {
    console.log(`browser: ${this.name}: ${good ? 'ok' : 'FAILED'}: ${sentence}`);
    if (!good) this.faults += 1;
  }
}

/** Starts `BINARY serve` in a folder, with a cache there; gives its address, what runs other commands on the same policy, and its end. */
export async function serve(binary, folder, ...words) {
  const options = { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: folder } };
  const server = spawn(resolve(binary), ['serve', ...words, '--listen', '127.0.0.1:0'], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  const base = await new Promise((found, lost) => {
    let said = '';
    server.stdout.on('data', (data) => {
      said += data;
      const address = said.match(/listening on (http:\S+)/);
      if (address) found(address[1].replace(/\/$/, ''));
    });
    server.on('exit', () => lost(new Error(`the server ended: ${said}`)));
  });
  const command = (...line) => {
    const done = spawnSync(resolve(binary), [...line, ...words], { ...options, encoding: 'utf8' });
    if (done.status) throw new Error(`guichet ${line.join(' ')}: ${done.stderr}`);
    return done.stdout;
  };
  return { base, command, end: () => server.kill() };
}

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
