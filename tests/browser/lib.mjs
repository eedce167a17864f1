// What the browser tests share: photos, their page, and a browser in which
// nothing but that page is open.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const require = createRequire(process.env.VAM_BROWSER_MODULES + '/');
const {chromium} = require('playwright-core');

export {assert, fs, path};

const kTime = new Date('2024-01-01T00:00:00Z');

/** Writes a picture; the options are those of make_picture. */
export function photo(file, seed, ...options) {
  fs.mkdirSync(path.dirname(file), {recursive: true});
  execFileSync('make_picture', [file, '--seed', String(seed), ...options]);
  fs.utimesSync(file, kTime, kTime);
}

export function copy(from, to) {
  fs.copyFileSync(from, to);
  fs.utimesSync(to, kTime, kTime);
}

/** Runs vam-analyze, quietly; returns what it prints. */
export function analyze(...args) {
  return execFileSync('vam-analyze', ['-q', ...args], {encoding: 'utf8'});
}

/** Runs vam-apply, which must refuse nothing. */
export function apply(...args) {
  execFileSync('vam-apply', ['-q', '--strict', ...args]);
}

/** Photos whose groups are of each kind, and the page of them in page/. */
export function makePage() {
  const similar = 'photos/phone/edited.jpg';
  photo('photos/2023/beach.jpg', 1, '--size', '640x480', '--make', 'Kamera',
        '--taken-at', '2023:07:01 10:00:00');
  copy('photos/2023/beach.jpg', 'photos/2023/beach (1).jpg');
  photo('photos/phone/beach-small.jpg', 1, '--size', '320x240');
  photo('photos/2023/town.jpg', 2, '--size', '600x800');
  photo('photos/phone/town.png', 2, '--size', '300x400');
  photo('photos/phone/scene.jpg', 3, '--size', '800x600');
  photo(similar, 3, '--size', '800x600', '--brighten', '30');
  analyze('photos', '--html', 'page');
}

/** The data of a page, as the page sees them. */
export function dataOf(page) {
  const window = {};
  new Function('window', fs.readFileSync(`${page}/data.js`, 'utf8'))(window);
  return window.vamReport;
}

/** Gives a page other groups: `groups` as in its data. */
export function writeData(page, groups) {
  const data = {...dataOf(page), groups};
  fs.writeFileSync(`${page}/data.js`,
      'window.vamReport = ' + JSON.stringify(data) + ';\n');
}

/** Runs a test on the page in this folder. In the end nothing may have been
 *  asked for but files, and the page may have no complaint in `tab.problems`.
 *  `tab.blocked` holds the URLs that its policy kept it from asking for. */
export async function inBrowser(folder, test, options = {}) {
  const context = await chromium.launchPersistentContext(
      fs.mkdtempSync('browser-'), {
        executablePath: process.env.VAM_CHROMIUM,
        headless: true,
        viewport: {width: 1280, height: 800},
        acceptDownloads: true,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
               '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync'],
        ...options,
      });
  try {
    const tab = context.pages()[0] ?? await context.newPage();
    const asked = [];
    tab.blocked = [];
    tab.problems = [];
    tab.on('requestfinished', request => asked.push(request.url()));
    tab.on('requestfailed', request => {
      const isBlocked = /csp/i.test(request.failure().errorText);
      (isBlocked ? tab.blocked : asked).push(request.url());
    });
    tab.on('pageerror', error => tab.problems.push(String(error)));
    tab.on('console', message => {
      if (message.type() === 'error') tab.problems.push(message.text());
    });
    await tab.goto(pathToFileURL(path.resolve(folder, 'index.html')).href);
    await test(tab);
    assert.deepEqual(tab.problems, []);
    for (const url of asked) assert.match(url, /^(file|blob):/);
  } finally {
    await context.close();
  }
}

/** The bytes that a click on this button saves. */
export async function saved(tab, button) {
  const [download] = await Promise.all([
    tab.waitForEvent('download'), tab.locator(button).click(),
  ]);
  return {name: download.suggestedFilename(),
          bytes: fs.readFileSync(await download.path())};
}
