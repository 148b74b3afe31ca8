// The foreign peers against each other, without the product: a peer that is itself broken must not accuse it.
// Usage: node selfcheck.mjs [python with smpplib and feedparser]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const here = import.meta.dirname;
const python = process.argv[2] ?? 'python3';
const DEADLINE_MS = 60_000;
setTimeout(() => {
  console.error('the peers did not answer each other in time');
  process.exit(1);
}, DEADLINE_MS).unref();

/** A peer as a child process: `say` a command, `hear` the next event of a name. */
class Peer {
  #heard = [];
  #waiting = [];
  constructor(program, ...args) {
    this.child = spawn(program, args, { cwd: here, stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.#heard.push(JSON.parse(line));
      this.#match();
    });
  }
  say(command) {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
  }
  async hear(name) {
    return (await this.event(name))[name];
  }
  event(name) {
    return new Promise((resolve) => {
      this.#waiting.push({ name, resolve });
      this.#match();
    });
  }
  #match() {
    for (const wait of [...this.#waiting]) {
      const at = this.#heard.findIndex((event) => wait.name in event);
      if (at < 0) continue;
      this.#waiting.splice(this.#waiting.indexOf(wait), 1);
      wait.resolve(this.#heard.splice(at, 1)[0]);
    }
  }
  async quit() {
    this.child.stdin.end();
    return this.ended;
  }
}

const credentials = ['--system-id', 'op', '--password', 'pw'];
const node = (script, ...args) => new Peer(process.execPath, script, ...credentials, ...args);

async function smsc() {
  const peer = node('smsc.mjs');
  return { peer, port: String(await peer.hear('listening')) };
}

const checks = {
  async 'a wrong password is refused'() {
    const { peer, port } = await smsc();
    const stranger = new Peer(process.execPath, 'esme.mjs', '--port', port, '--system-id', 'op', '--password', 'no');
    assert.equal((await stranger.hear('bound')).status, 0x0e);
    assert.equal((await peer.hear('refused')).status, 0x0e);
    await Promise.all([stranger.quit(), peer.quit()]);
  },

  async 'node smpp delivers to node smpp in every alphabet'() {
    const { peer, port } = await smsc();
    const esme = node('esme.mjs', '--port', port);
    assert.equal((await esme.hear('bound')).status, 0);
    const texts = [
      { coding: 'gsm7', text: 'LD (0912345678) [mao danh] {cong an} €5' },
      { coding: 'ucs2', text: 'LD 0912345678 mạo danh Công an 😀' },
      { coding: 'latin1', text: 'S 0900000001 café à la carte' },
    ];
    for (const message of texts) {
      peer.say({ deliver: { from: '84900000001', to: '156', ref: message.coding, ...message } });
      const got = await esme.hear('deliver');
      assert.equal(got.text, message.text);
      const answer = await peer.hear('deliver_resp');
      assert.deepEqual([answer.ref, answer.status], [message.coding, 0]);
    }
    await Promise.all([esme.quit(), peer.quit()]);
  },

  async 'long texts go in parts by UDH 8, UDH 16, SAR and payload, in the order asked'() {
    const { peer, port } = await smsc();
    const esme = node('esme.mjs', '--port', port);
    await esme.hear('bound');
    const text = 'LD 0912345678 '.padEnd(200, 'x');
    const seen = async (how, count) => {
      peer.say({ deliver: { from: '84900000001', to: '156', text, ...how } });
      const got = [];
      for (let left = count; left > 0; left -= 1) got.push(await esme.hear('deliver'));
      for (let left = count; left > 0; left -= 1) assert.equal((await peer.hear('deliver_resp')).status, 0);
      return got;
    };
    const udh = await seen({ udh: 8, order: [2, 1, 2] }, 3);
    assert.deepEqual(udh.map((part) => part.udh[0].slice(-2)), ['02', '01', '02']);
    assert.equal(udh[1].text + udh[0].text, text);
    assert.equal((await seen({ udh: 16 }, 2))[0].udh[0].slice(0, 4), '0804');
    assert.equal((await seen({ sar: true }, 2)).map((part) => part.text).join(''), text);
    assert.equal((await seen({ payload: true }, 1))[0].text, text);
    await Promise.all([esme.quit(), peer.quit()]);
  },

  async 'replies are printed, receipts follow, throttling and silence happen when told'() {
    const { peer, port } = await smsc();
    const esme = node('esme.mjs', '--port', port);
    await esme.hear('bound');
    peer.say({ auto_receipts: { state: 'DELIVRD', id_form: 'decimal' } });
    await peer.hear('auto_receipts');
    esme.say({ submit: { from: '156', to: '84900000001', text: 'Da nhan', registered_delivery: 1 } });
    const submit = await peer.hear('submit');
    assert.deepEqual([submit.from, submit.text, submit.registered_delivery], ['156', 'Da nhan', 1]);
    assert.equal((await esme.hear('submit_resp')).message_id, submit.message_id);
    const receipt = await esme.hear('deliver');
    assert.equal(receipt.receipted_message_id, BigInt(`0x${submit.message_id}`).toString());
    assert.match(receipt.text, /stat:DELIVRD/);
    assert.equal((await peer.hear('receipt_resp')).status, 0);
    peer.say({ throttle_next: { count: 1 } });
    await peer.hear('planned');
    esme.say({ submit: { from: '156', to: '84900000001', text: 'a' } });
    assert.equal((await esme.hear('submit_resp')).status, 0x58);
    peer.say({ answer_next: { silent: true } });
    await peer.hear('planned');
    esme.say({ submit: { from: '156', to: '84900000001', text: 'b', ref: 'lost' } });
    await peer.hear('submit');
    await peer.hear('submit');
    peer.say({ disconnect: {} });
    const lost = await esme.hear('submit_resp');
    assert.deepEqual([lost.ref, lost.unanswered], ['lost', 'closed']);
    esme.say({ reconnect: {} });
    assert.equal((await esme.hear('bound')).status, 0);
    esme.say({ unbind: {} });
    assert.equal((await esme.hear('unbind_resp')).status, 0);
    await Promise.all([esme.quit(), peer.quit()]);
  },

  async 'smpplib speaks with node smpp, both ways'() {
    const { peer, port } = await smsc();
    const client = new Peer(python, 'smpplib_client.py', '--port', port, ...credentials);
    assert.equal((await client.hear('bound')).status, 0);
    const text = 'LD 0912345678 mạo danh Công an, '.repeat(4);
    client.say({ submit: { from: '84900000002', to: '156', text, coding: 'ucs2', ref: 'long' } });
    const parts = [await peer.hear('submit'), await peer.hear('submit')];
    assert.equal(parts.map((part) => part.text).join(''), text);
    assert.equal((await client.hear('submit_resp')).ref, 'long');
    assert.equal((await client.hear('submit_resp')).part, 2);
    peer.say({ deliver: { from: '156', to: '84900000002', text: 'Da nhan {ma} 4827 1935' } });
    assert.equal((await client.hear('deliver')).text, 'Da nhan {ma} 4827 1935');
    assert.equal((await peer.hear('deliver_resp')).status, 0);
    peer.say({ answer_next: { status: 0x14 } });
    await peer.hear('planned');
    client.say({ submit: { from: '84900000002', to: '156', text: 'V 0900000003 goi rac', ref: 'full' } });
    assert.equal((await client.hear('submit_resp')).status, 0x14);
    client.say({ unbind: {} });
    assert.equal((await client.hear('unbind_resp')).status, 0);
    await Promise.all([client.ended, peer.quit()]);
  },

  async 'feedparser reads a good feed and calls a broken one broken'() {
    const directory = await mkdtemp(join(tmpdir(), 'canhgiac-feed-'));
    const read = async (xml) => {
      const file = join(directory, 'feed.atom');
      await writeFile(file, xml);
      const reader = new Peer(python, 'feed_check.py', file);
      const verdict = reader.event('entries');
      await reader.ended;
      return verdict;
    };
    const feed = (title) =>
      `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>t</title>` +
      `<updated>2026-11-23T00:00:00Z</updated><entry><id>urn:y</id><title>${title}</title></entry></feed>`;
    const good = await read(feed('Cảnh báo'));
    assert.deepEqual([good.bozo, good.version, good.entries[0].title], [false, 'atom10', 'Cảnh báo']);
    assert.equal((await read(feed('&undefined; <b>'))).bozo, true);
    await rm(directory, { recursive: true });
  },
};

for (const [name, check] of Object.entries(checks)) {
  await check();
  console.log(`ok - ${name}`);
}
console.log(`${Object.keys(checks).length} passed, 0 failed`);
