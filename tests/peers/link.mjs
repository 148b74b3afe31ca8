// One bound session, whichever side we are: sends messages, answers messages, says what happened.
import smpp from 'smpp';
import { complain, emit } from './lines.mjs';
import { address, parts, said } from './text.mjs';

const ANSWER_WITHIN_MS = 20_000;

/** How the next messages are answered, and the ids given out; shared by all sessions of a peer. */
export class Answers {
  #next = [];
  #ids = 0;
  #prefix;
  constructor(prefix) {
    this.#prefix = prefix;
  }
  /** The next `count` messages get this status, or no answer at all when `silent`. */
  plan({ status = 0, count = 1, silent = false }) {
    for (let left = count; left > 0; left -= 1) this.#next.push({ status, silent });
    emit({ planned: { status, count, silent } });
  }
  take() {
    return this.#next.shift() ?? { status: 0, silent: false };
  }
  newId() {
    this.#ids += 1;
    return `${this.#prefix}${this.#ids.toString(16).padStart(8, '0')}`;
  }
}

/** Wraps a session of the library: every event of it becomes a line. */
export class Link {
  #pending = new Map();
  #closed = false;
  constructor(session, number, answers, { gives_ids = false } = {}) {
    this.gives_ids = gives_ids;
    this.session = session;
    this.number = number;
    this.answers = answers;
    session.socket.setNoDelay(true);
    session.on('error', (problem) => complain(problem.message, { session: number }));
    session.on('close', () => this.#lose());
    session.on('unbind', (pdu) => {
      emit({ unbind: { session: number } });
      session.send(pdu.response(), () => session.close());
    });
    session.on('enquire_link', (pdu) => {
      emit({ enquire_link: { session: number } });
      session.send(pdu.response());
    });
    session.on('generic_nack', (pdu) => emit({ generic_nack: { session: number, status: pdu.command_status } }));
    session.on('unknown', (pdu) => session.send(pdu.response()));
  }

  /** Prints every message of this command that comes in and answers it as planned. */
  receive(command, name, then = () => {}) {
    this.session.on(command, (pdu) => {
      const { status, silent } = this.answers.take();
      const message_id = status === 0 && !silent ? this.answers.newId() : null;
      emit({ [name]: { session: this.number, ...said(pdu), message_id, answered: silent ? null : status } });
      if (silent) return;
      const fields = { command_status: status };
      // The specification leaves message_id of deliver_sm_resp empty.
      if (message_id !== null && (command !== 'deliver_sm' || this.gives_ids)) fields.message_id = message_id;
      this.session.send(pdu.response(fields));
      if (message_id !== null) then(pdu, message_id);
    });
  }

  /** Sends a message as `command`; each answer is printed as `event` with the caller's `ref`. */
  send(command, event, message) {
    const from = address(message.from, message.from_ton, message.from_npi);
    const to = address(message.to, message.to_ton, message.to_npi);
    for (const { part = 1, parts: total = 1, ...fields } of parts(message)) {
      this.request(command, event, { ref: message.ref ?? null, part, parts: total }, {
        source_addr_ton: from.ton,
        source_addr_npi: from.npi,
        source_addr: message.from,
        dest_addr_ton: to.ton,
        dest_addr_npi: to.npi,
        destination_addr: message.to,
        registered_delivery: message.registered_delivery ?? 0,
        ...fields,
        ...message.tlvs,
      });
    }
  }

  /** Sends a delivery receipt, whose answer is printed as `receipt_resp`. */
  sendReceipt(facts) {
    this.send('deliver_sm', 'receipt_resp', receipt(facts));
  }

  /** Sends one PDU and prints its answer, or that none came: never neither. */
  request(command, event, about, fields = {}) {
    const key = Symbol(event);
    const settle = (outcome) => {
      const waiting = this.#pending.get(key);
      if (!waiting) return;
      this.#pending.delete(key);
      clearTimeout(waiting.timer);
      emit({ [event]: { session: this.number, ...about, ...outcome } });
    };
    const timer = setTimeout(() => settle({ status: null, unanswered: 'timeout' }), ANSWER_WITHIN_MS);
    this.#pending.set(key, { timer, settle });
    const sent =
      !this.#closed &&
      this.session[command](fields, (answer) =>
        settle({ status: answer.command_status, ...(answer.message_id ? { message_id: answer.message_id } : {}) }),
      );
    if (!sent) settle({ status: null, unanswered: 'closed' });
  }

  #lose() {
    this.#closed = true;
    for (const { settle } of [...this.#pending.values()]) settle({ status: null, unanswered: 'closed' });
    emit({ closed: { session: this.number } });
  }
}

const STATES = {
  DELIVRD: smpp.consts.MESSAGE_STATE.DELIVERED,
  EXPIRED: smpp.consts.MESSAGE_STATE.EXPIRED,
  UNDELIV: smpp.consts.MESSAGE_STATE.UNDELIVERABLE,
  REJECTD: smpp.consts.MESSAGE_STATE.REJECTED,
};

/**
 * A delivery receipt as a message to send, its `ref` the message's id.
 * `id_form` "decimal" gives the id in decimal though the response gave it in hexadecimal (seen live);
 * `tlv` and `words` say which of the two carriers of the facts to use (both unless told).
 */
function receipt({ message_id, from, to, state = 'DELIVRD', id_form, tlv = true, words = true }) {
  if (!(state in STATES)) throw new Error(`state is one of ${Object.keys(STATES).join(', ')}`);
  const id = id_form === 'decimal' ? BigInt(`0x${message_id}`).toString() : message_id;
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(2, 12);
  const done = state === 'DELIVRD' ? '001' : '000';
  const text = words
    ? `id:${id} sub:001 dlvrd:${done} submit date:${stamp} done date:${stamp} stat:${state} err:000 text:`
    : ' ';
  const tlvs = tlv ? { receipted_message_id: id, message_state: STATES[state] } : {};
  return { from, to, text, esm_class: 0x04, ref: message_id, tlvs };
}
