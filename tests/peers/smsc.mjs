// A foreign SMSC: node `smpp` as the server that the product binds to as a client.
// Usage: node smsc.mjs [--port 0] [--system-id canhgiac] [--password secret] [--id-prefix ""] [--cert FILE --key FILE]
// Commands and events: README.md beside this file.
import { readFileSync } from 'node:fs';
import smpp from 'smpp';
import { complain, emit, obey, options } from './lines.mjs';
import { Answers, Link } from './link.mjs';

const wanted = options({
  host: '127.0.0.1',
  port: '0',
  'system-id': 'canhgiac',
  password: 'secret',
  'id-prefix': '',
  cert: '',
  key: '',
});
const tls = wanted.cert ? { cert: readFileSync(wanted.cert), key: readFileSync(wanted.key) } : {};
const answers = new Answers(wanted['id-prefix']);
const links = new Map();
let sessions = 0;
let automatic = null;

const server = smpp.createServer(tls, (session) => {
  sessions += 1;
  const link = new Link(session, sessions, answers);
  for (const bind of ['transceiver', 'receiver', 'transmitter']) {
    session.on(`bind_${bind}`, (pdu) => accept(link, bind, pdu));
  }
  session.on('close', () => links.delete(link.number));
});

function accept(link, bind, pdu) {
  const about = { session: link.number, bind, system_id: pdu.system_id, interface_version: pdu.interface_version };
  const status = refusal(pdu);
  if (status !== 0) {
    emit({ refused: { ...about, status } });
    link.session.send(pdu.response({ command_status: status }), () => link.session.close());
    return;
  }
  link.bind = bind;
  links.set(link.number, link);
  link.session.send(pdu.response({ system_id: 'NODE-SMSC', sc_interface_version: 0x34 }));
  if (bind !== 'receiver') {
    link.receive('submit_sm', 'submit', (submit, message_id) => acknowledge(link, submit, message_id));
    link.receive('data_sm', 'data');
  }
  emit({ bound: about });
}

function refusal(pdu) {
  if (pdu.system_id !== wanted['system-id']) return smpp.ESME_RINVSYSID;
  if (pdu.password !== wanted.password) return smpp.ESME_RINVPASWD;
  return 0;
}

function acknowledge(link, submit, message_id) {
  const asked = (submit.registered_delivery & 0x03) !== 0;
  if (!automatic || !asked) return;
  const { source_addr: from, destination_addr: to } = submit;
  deliverReceipt({ ...automatic, message_id, from: to, to: from, session: link.number });
}

/** The session named, or the newest that can receive. */
function receiver({ session } = {}) {
  if (session !== undefined) return links.get(session);
  return [...links.values()].filter((link) => link.bind !== 'transmitter').at(-1);
}

function deliver(message) {
  const link = receiver(message);
  if (!link) return complain('nobody is bound who could receive', { ref: message.ref ?? null });
  link.send('deliver_sm', 'deliver_resp', message);
}

function deliverReceipt(facts) {
  const link = receiver(facts);
  if (!link) return complain('nobody is bound who could receive', { ref: facts.message_id });
  link.sendReceipt(facts);
}

obey({
  deliver,
  receipt: deliverReceipt,
  /** {"auto_receipts":{"state":"DELIVRD"}} from now on, or null to stop. */
  auto_receipts: (facts) => {
    automatic = Object.keys(facts).length > 0 ? facts : null;
    emit({ auto_receipts: automatic });
  },
  answer_next: (plan) => answers.plan(plan),
  throttle_next: ({ count }) => answers.plan({ status: smpp.ESME_RTHROTTLED, count }),
  enquire_link: (which) => receiver(which)?.request('enquire_link', 'enquire_link_resp', {}),
  unbind: (which) => receiver(which)?.request('unbind', 'unbind_resp', {}),
  disconnect: () => {
    for (const link of links.values()) link.session.destroy();
  },
  quit: () => {
    for (const link of links.values()) link.session.destroy();
    server.close(() => process.exit(0));
  },
});

server.on('error', (problem) => {
  complain(problem.message);
  process.exit(2);
});
server.listen(Number(wanted.port), wanted.host, () => emit({ listening: server.address().port }));
