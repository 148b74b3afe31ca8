// A foreign ESME: node `smpp` as a client that binds to the product's server side, as an operator does.
// Usage: node esme.mjs --port 2775 [--host 127.0.0.1] [--system-id op] [--password secret] [--bind transceiver] [--ca FILE]
//        [--ids yes]: an id in deliver_sm_resp, which some operators give and the specification leaves empty
// Commands and events: README.md beside this file.
import { readFileSync } from 'node:fs';
import smpp from 'smpp';
import { emit, obey, options } from './lines.mjs';
import { Answers, Link } from './link.mjs';

const wanted = options({
  host: '127.0.0.1',
  port: '2775',
  'system-id': 'operator',
  password: 'secret',
  bind: 'transceiver',
  'id-prefix': '',
  ids: '',
  ca: '',
});
const tls = wanted.ca ? { tls: true, ca: readFileSync(wanted.ca) } : {};
const answers = new Answers(wanted['id-prefix']);
let sessions = 0;
let link = connect();

function connect() {
  sessions += 1;
  const session = smpp.connect({ host: wanted.host, port: Number(wanted.port), ...tls });
  const made = new Link(session, sessions, answers, { gives_ids: wanted.ids !== '' });
  made.receive('deliver_sm', 'deliver');
  made.receive('submit_sm', 'submit');
  made.receive('data_sm', 'data');
  session.on(wanted.ca ? 'secureConnect' : 'connect', () =>
    made.request(`bind_${wanted.bind}`, 'bound', { bind: wanted.bind }, {
      system_id: wanted['system-id'],
      password: wanted.password,
      interface_version: 0x34,
    }),
  );
  return made;
}

obey({
  /** What an operator's side sends to a content server bound the other way round. */
  deliver: (message) => link.send('deliver_sm', 'deliver_resp', message),
  /** What an ordinary client sends. */
  submit: (message) => link.send('submit_sm', 'submit_resp', message),
  receipt: (facts) => link.sendReceipt(facts),
  answer_next: (plan) => answers.plan(plan),
  throttle_next: ({ count }) => answers.plan({ status: smpp.ESME_RTHROTTLED, count }),
  enquire_link: () => link.request('enquire_link', 'enquire_link_resp', {}),
  unbind: () => link.request('unbind', 'unbind_resp', {}),
  disconnect: () => link.session.destroy(),
  reconnect: () => {
    link = connect();
  },
  quit: () => {
    emit({ quit: {} });
    link.session.destroy();
    process.exit(0);
  },
});
