// Two browsers and a bare phone against a running product: opens pages, judges them, photographs them.
// What it does not do: know the story (story.mjs) or start servers other than `canhgiac demo`.
import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../peers/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const AXE = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

const TARGET = resolve(process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../target'));
const SCREENSHOTS = join(TARGET, 'screenshots');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const PAGE_WITHIN_MS = 15_000;
const START_WITHIN_MS = 60_000;
const STEP_WITHIN_MS = 180_000;

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** The contexts in which the site's scripts are off. */
const scriptless = new WeakSet();

/** WCAG 2.2 AA and the practices around it; the product answers for all of them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Starts Debian's Chromium for the site at `base`.
 * `open(role)` gives a page in that role's own browser context (own cookies, as on another machine);
 * `open(role, { script: false })` one where the site's scripts do not run.
 */
export async function browse(base) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  const contexts = new Map();
  const troubles = [];

  async function context(role, script) {
    const key = `${role}/${script}`;
    if (!contexts.has(key)) {
      const made = await browser.newContext({
        baseURL: base,
        viewport: DESK,
        locale: 'vi-VN',
        timezoneId: 'Asia/Ho_Chi_Minh',
        javaScriptEnabled: script,
        reducedMotion: 'reduce',
      });
      made.setDefaultTimeout(PAGE_WITHIN_MS);
      if (!script) scriptless.add(made);
      contexts.set(key, made);
    }
    return contexts.get(key);
  }

  return {
    base,
    async open(role, { script = true } = {}) {
      const page = await (await context(role, script)).newPage();
      watch(page, role, base, troubles);
      return page;
    },
    /** What went wrong beside the steps: script errors, refused content, foreign requests, server errors. */
    troubles,
    /** What every open page shows, for whoever looks into a failure. */
    async photograph(name) {
      await mkdir(SCREENSHOTS, { recursive: true });
      for (const [at, page] of browser.contexts().flatMap((one) => one.pages()).entries()) {
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${at}.png`), fullPage: true });
        console.error(`${name}-${at}.png: ${page.url()}`);
      }
    },
    async close() {
      await browser.close();
      if (troubles.length > 0) throw new Error(`the pages had troubles:\n${troubles.join('\n')}`);
    },
  };
}

/** Everything that a page does wrong silently is written down; close() fails on it. */
function watch(page, role, base, troubles) {
  const note = (what) => troubles.push(`${role} at ${page.url()}: ${what}`);
  page.on('pageerror', (problem) => note(`script error: ${problem.message}`));
  page.on('console', (message) => {
    // A refused form answers 4xx on purpose, which Chromium also prints; those are judged by the story.
    const answered = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !answered) note(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(base).origin) note(`asks a third party: ${url}`);
  });
  page.on('response', (response) => {
    const status = response.status();
    if (status >= 500) note(`${status} from ${response.url()}`);
    const asset = response.request().resourceType() !== 'document';
    if (status >= 400 && asset) note(`${status} from ${response.url()}`);
  });
}

/** Fails on any axe violation and says which element and how to mend it. */
export async function axe(page, name = page.url()) {
  const violations = scriptless.has(page.context()) ? await runOnTwin(page) : await run(page);
  if (violations.length === 0) return;
  const list = violations.map((one) => `- ${one.id} (${one.impact}): ${one.help}\n    ${one.nodes.join('\n    ')}`);
  throw new Error(`axe finds ${violations.length} violations on ${name}:\n${list.join('\n')}`);
}

/** Where the HTML of scriptless pages is judged: axe needs timers, which stand still where scripts are off. */
const twins = new WeakMap();

async function runOnTwin(page) {
  const browser = page.context().browser();
  if (!twins.has(browser)) {
    const context = await browser.newContext({ locale: 'vi-VN', reducedMotion: 'reduce' });
    twins.set(browser, await context.newPage());
  }
  const twin = twins.get(browser);
  const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const [url, body] = [page.url().split('#')[0], await page.content()];
  await twin.setViewportSize(page.viewportSize());
  await twin.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
  await twin.route(url, (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await twin.goto(url);
  const violations = await run(twin);
  await twin.unroute(url);
  return violations;
}

async function run(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${AXE};undefined`);
  return page.evaluate(async (rules) => {
    const result = await globalThis.axe.run(document, {
      runOnly: { type: 'tag', values: rules },
      resultTypes: ['violations'],
    });
    return result.violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact,
      help,
      nodes: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
    }));
  }, RULES);
}

/**
 * Photographs the page as phone and as desk into target/screenshots, and judges it at both widths:
 * axe, and nothing may stick out sideways. With `dark` also in dark colours.
 */
export async function shot(page, name, { dark = false } = {}) {
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const colorScheme of dark ? ['light', 'dark'] : ['light']) {
    await page.emulateMedia({ colorScheme });
    for (const size of [PHONE, DESK]) {
      await page.setViewportSize(size);
      const file = `${name}-${size.width}${colorScheme === 'dark' ? '-dark' : ''}`;
      await page.screenshot({ path: join(SCREENSHOTS, `${file}.png`), fullPage: true });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > size.width) throw new Error(`${name} is ${width} px wide on a screen of ${size.width} px`);
      const cut = await page.evaluate(cutOff);
      if (cut.length > 0) throw new Error(`${file}: cut off at the side: ${cut.join('; ')}`);
      await axe(page, file);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** In the page: what is wider than its box and can neither be scrolled to nor is cut on purpose. */
function cutOff() {
  const hidden = (one) => ['hidden', 'clip'].includes(getComputedStyle(one).overflowX);
  return [...document.querySelectorAll('body *:not(input, textarea, select)')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && hidden(one))
    .filter((one) => getComputedStyle(one).textOverflow !== 'ellipsis' && getComputedStyle(one).clipPath === 'none')
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.innerText?.slice(0, 60)}`);
}

/** Bytes over the wire of the first load of a path, everything included that the page loads. */
export async function weight(site, path) {
  const page = await site.open(`weigh ${path}`);
  const finished = [];
  page.on('requestfinished', (request) => finished.push(request));
  await page.goto(path);
  const all = await Promise.all(finished.map((request) => request.sizes()));
  await page.close();
  return all.reduce((sum, one) => sum + one.responseBodySize + one.responseHeadersSize, 0);
}

/** Reloads until `look(page)` is true: for what other parts of the product do in their own time. */
export async function until(page, what, look, withinMs = 20_000) {
  const end = Date.now() + withinMs;
  while (!(await look(page))) {
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms at ${page.url()}`);
    // Not a sleep that hides a race: each round asks the server again and the end is bounded above.
    await page.waitForTimeout(200);
    await page.reload();
  }
}

/** The product: CANHGIAC_BIN, else target/debug/canhgiac. */
export function binary() {
  return process.env.CANHGIAC_BIN ?? join(TARGET, 'debug/canhgiac');
}

/**
 * Starts `canhgiac <args>` and waits for the address it prints.
 * Gives `{ base, printed, stop }`; `stop()` interrupts it as Ctrl-C does and fails if it does not end cleanly.
 */
export async function product(...args) {
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  const ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  const base = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error('the product printed no address in time')), START_WITHIN_MS);
    const read = (line) => {
      printed.push(line);
      const address = line.match(/http:\/\/(127\.0\.0\.1|localhost):[1-9]\d*/);
      if (!address) return;
      clearTimeout(late);
      found(address[0]);
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', (line) => printed.push(line));
    child.on('error', failed);
    ended.then(({ code }) => failed(new Error(`the product ended with ${code}:\n${printed.join('\n')}`)));
  }).catch((problem) => {
    child.kill('SIGKILL');
    throw problem;
  });
  return {
    base,
    printed,
    async stop() {
      child.kill('SIGINT');
      const { code, signal } = await ended;
      if (code !== 0) throw new Error(`the product ended with ${signal ?? code}:\n${printed.slice(-20).join('\n')}`);
    },
  };
}

/**
 * Runs named steps in order, prints each with its time, and stops at the first that fails.
 * Ends with how many passed and failed, as cargo does; throws when one failed.
 */
export async function tell(steps) {
  let passed = 0;
  for (const [name, step] of Object.entries(steps)) {
    const start = performance.now();
    const took = () => `${Math.round(performance.now() - start)} ms`;
    try {
      await inTime(name, step);
    } catch (problem) {
      console.log(`not ok - ${name} (${took()})`);
      console.log(`${passed} passed, 1 failed`);
      throw problem;
    }
    passed += 1;
    console.log(`ok - ${name} (${took()})`);
  }
  console.log(`${passed} passed, 0 failed`);
}

/** A step that hangs fails. */
async function inTime(name, step) {
  let late;
  const limit = new Promise((_, failed) => {
    late = setTimeout(() => failed(new Error(`${name}: not done within ${STEP_WITHIN_MS} ms`)), STEP_WITHIN_MS);
  });
  await Promise.race([step(), limit]).finally(() => clearTimeout(late));
}
