// The stage of the story: the real product with one link to a foreign SMSC, accounts, an operator's key.
// What it does not do: know pages (desk.mjs, citizen.mjs) or the order of things (story.mjs).
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { binary, product } from './lib.mjs';

const run = promisify(execFile);
const PEERS = resolve(import.meta.dirname, '../peers');
const TARGET = resolve(process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../target'));
const PYTHON = process.env.CANHGIAC_PYTHON ?? join(TARGET, 'peers/venv/bin/python');
const WITHIN_MS = 30_000;

/** Who works here: account, name, role, police unit. The names are made up and say so. */
export const STAFF = {
  officer: { login: 'canbo', name: 'Cán bộ thử', role: 'officer' },
  colleague: { login: 'canbo2', name: 'Cán bộ thử 2', role: 'officer' },
  approver: { login: 'lanhdao', name: 'Lãnh đạo thử', role: 'approver' },
  police: { login: 'congan', name: 'Công an thử', role: 'police', unit: 'pa05' },
  administrator: { login: 'quantri', name: 'Quản trị thử', role: 'administrator' },
};
export const PASSWORD = 'mat-khau-thu-2026';

/** Starts everything; `close()` ends everything and removes what it made. */
export async function open() {
  const directory = await mkdtemp(join(tmpdir(), 'canhgiac-story-'));
  const undo = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    const problems = [];
    for (const step of undo.reverse()) await step().catch((problem) => problems.push(problem));
    if (problems.length > 0) throw problems[0];
  };
  try {
    const sms = await Sms.start();
    undo.push(() => sms.stop());
    const config = join(directory, 'canhgiac.toml');
    await writeFile(config, configuration(directory, await freePort(), sms.port), { mode: 0o600 });
    const admin = (...args) => administer(config, ...args);
    for (const { login, name, role, unit } of Object.values(STAFF)) {
      await admin('add-user', '--login', login, '--name', name, '--role', role, ...(unit ? ['--unit', unit] : []));
    }
    const key = (await admin('operator-key', '--operator', 'viettel')).match(/^viettel: (\S+)$/m)?.[1];
    assert.ok(key, 'an operator key is printed');
    const running = await product('serve', '--config', config);
    undo.push(() => running.stop());
    return { base: running.base, running, sms, operator: new Operator(running.base, key), close };
  } catch (problem) {
    await close().catch(() => {});
    throw problem;
  }
}

function configuration(directory, http, smsc) {
  return `http = "127.0.0.1:${http}"
data_dir = "${join(directory, 'data')}"
replies_per_day = 50

[temporary_block]
days = 7
issuing_body = "Cơ quan thử nghiệm"

[[link]]
name = "viettel"
role = "client"
address = "127.0.0.1:${smsc}"
system_id = "canhgiac"
password = "secret"
bind = "transceiver"
default_alphabet = "gsm7"
window = 10
operator = "viettel"
`;
}

async function administer(config, ...args) {
  const env = { ...process.env, CANHGIAC_PASSWORD: PASSWORD };
  const { stdout } = await run(binary(), ['admin', ...args, '--config', config], { env });
  return stdout;
}

/** A port nobody listens on. The product needs to know its own address for links in the feed. */
async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Numbers are the same however they are written. */
const national = (number) => number.replace(/^\+?84/, '0');

/** The foreign SMSC with its subscribers: who texts, and what came for whom. */
class Sms {
  #child;
  #events = [];
  #waiting = new Set();
  #references = 0;

  static async start() {
    const sms = new Sms();
    sms.#child = spawn(process.execPath, [join(PEERS, 'smsc.mjs'), '--deadline-s', '600'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: sms.#child.stdout }).on('line', (line) => sms.#heard(JSON.parse(line)));
    sms.port = (await sms.#next('the SMSC listens', (event) => event.listening)).listening;
    sms.#say({ auto_receipts: { state: 'DELIVRD' } });
    await sms.#next('receipts are planned', (event) => 'auto_receipts' in event);
    return sms;
  }

  #say(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #heard(event) {
    this.#events.push(event);
    for (const look of [...this.#waiting]) look();
  }

  /** Takes the first event that fits, now or when it comes. */
  #next(what, fits) {
    return new Promise((found, failed) => {
      const look = () => {
        const at = this.#events.findIndex(fits);
        if (at < 0) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        found(this.#events.splice(at, 1)[0]);
      };
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        failed(new Error(`${what}: not within ${WITHIN_MS} ms; heard ${JSON.stringify(this.#events.slice(-5))}`));
      }, WITHIN_MS);
      this.#waiting.add(look);
      look();
    });
  }

  /** The product has bound to us. */
  bound() {
    return this.#next('the product binds', (event) => event.bound);
  }

  /** A citizen sends a text and our SMSC gets OK for it. */
  async text(from, text, to = '156') {
    this.#references += 1;
    const ref = `m${this.#references}`;
    this.#say({ deliver: { ref, from: from.replace(/^0/, '84'), from_ton: 1, from_npi: 1, to, text } });
    const { deliver_resp: answer } = await this.#next(`${from} is heard`, (event) => event.deliver_resp?.ref === ref);
    assert.equal(answer.status, 0, `${from}: ${text}`);
  }

  /** The next text for a citizen. */
  async reply(to) {
    const came = (event) => event.submit && national(event.submit.to) === to;
    return (await this.#next(`a text for ${to}`, came)).submit.text;
  }

  /** Sends a text and gives what is answered. */
  async ask(from, text) {
    await this.text(from, text);
    return this.reply(from);
  }

  async stop() {
    const ended = new Promise((done) => this.#child.on('close', done));
    this.#say({ quit: {} });
    await ended;
  }
}

/** The operator's engineer: polls the interface with its key, and answers. */
class Operator {
  constructor(base, key) {
    this.base = base;
    this.headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  }

  /** The open request about a number, waited for. */
  async request(number, measure) {
    const end = Date.now() + WITHIN_MS;
    while (Date.now() < end) {
      const answer = await fetch(`${this.base}/api/v1/operator/requests`, { headers: this.headers });
      assert.equal(answer.status, 200);
      const { requests } = await answer.json();
      const found = requests.find((one) => one.source.number === number && one.measure === measure);
      if (found) return found;
      // Polling is what an operator does; the end is bounded above.
      await new Promise((again) => setTimeout(again, 100));
    }
    throw new Error(`no request ${measure} for ${number}`);
  }

  async answer(request, body) {
    const url = `${this.base}/api/v1/operator/requests/${request.id}/answer`;
    const answer = await fetch(url, { method: 'POST', headers: this.headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, await answer.text());
  }
}

/** What a foreign reader makes of the feed. */
export async function feed(base) {
  const { stdout } = await run(PYTHON, [join(PEERS, 'feed_check.py'), `${base}/feed.atom`]);
  return JSON.parse(stdout);
}
