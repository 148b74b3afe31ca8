// Texts as the foreign library encodes them, cut into the parts a phone would send.
import smpp from 'smpp';

const CODINGS = {
  gsm7: { codec: smpp.encodings.ASCII, data_coding: 0, whole: 160, part: 153 },
  ascii: { codec: smpp.encodings.ASCII, data_coding: 1, whole: 160, part: 153 },
  latin1: { codec: smpp.encodings.LATIN1, data_coding: 3, whole: 140, part: 134 },
  ucs2: { codec: smpp.encodings.UCS2, data_coding: 8, whole: 140, part: 134 },
  // Real links carry UTF-8 under "default alphabet"; the library has no name for it.
  utf8: {
    codec: { match: () => true, encode: (text) => Buffer.from(text, 'utf8') },
    data_coding: 0,
    whole: 140,
    part: 134,
  },
};

let reference = 0;

/**
 * The PDU fields of every part of a message, in sending order.
 *
 * `message` holds `text` and `coding`, or `hex` for bytes as they are; and optionally
 * `udh` (8 or 16: bits of the reference; true is 8), `sar`, `payload` (message_payload TLV),
 * `parts` (cut into that many even if one would do), `order` (for example [2,1], [1,2,1] or [1]),
 * `reference`, `data_coding` (to override), `esm_class`.
 */
export function parts(message) {
  const coding = CODINGS[message.coding ?? 'gsm7'];
  if (!coding) throw new Error(`coding is one of ${Object.keys(CODINGS).join(', ')}`);
  const data_coding = message.data_coding ?? coding.data_coding;
  const fields = { data_coding, esm_class: message.esm_class ?? 0 };
  if (message.hex !== undefined) {
    return [{ ...fields, short_message: Buffer.from(message.hex, 'hex') }];
  }
  if (!coding.codec.match(message.text)) {
    throw new Error(`${message.coding ?? 'gsm7'} cannot say this text`);
  }
  if (message.payload) {
    return [{ ...fields, short_message: Buffer.alloc(0), message_payload: coding.codec.encode(message.text) }];
  }
  const chunks = cut(message.text, coding, message);
  if (chunks.length === 1) return [{ ...fields, short_message: chunks[0] }];
  const id = message.reference ?? (reference = (reference + 1) & 0xff);
  const order = message.order ?? chunks.map((_, index) => index + 1);
  return order.map((nth) => labelled(fields, chunks, nth, id, message));
}

function labelled(fields, chunks, nth, id, message) {
  const bytes = chunks[nth - 1];
  if (!bytes) throw new Error(`there is no part ${nth}`);
  const place = { part: nth, parts: chunks.length };
  if (message.sar) {
    return {
      ...fields,
      ...place,
      short_message: bytes,
      sar_msg_ref_num: id,
      sar_total_segments: chunks.length,
      sar_segment_seqnum: nth,
    };
  }
  const udh =
    message.udh === 16
      ? Buffer.from([6, 8, 4, id >> 8, id & 0xff, chunks.length, nth])
      : Buffer.from([5, 0, 3, id & 0xff, chunks.length, nth]);
  return { ...fields, ...place, esm_class: fields.esm_class | 0x40, short_message: Buffer.concat([udh, bytes]) };
}

/** Cuts by characters, so that neither an escape pair nor a surrogate pair is torn. */
function cut(text, coding, message) {
  const whole = coding.codec.encode(text);
  if (!message.parts && whole.length <= coding.whole) return [whole];
  const room = message.udh === 16 ? coding.part - 2 : coding.part;
  const limit = message.parts ? Math.ceil(whole.length / message.parts) : room;
  const chunks = [];
  let chunk = Buffer.alloc(0);
  for (const character of text) {
    const bytes = coding.codec.encode(character);
    const full = chunk.length + bytes.length > limit && chunks.length + 1 !== message.parts;
    if (full) {
      chunks.push(chunk);
      chunk = Buffer.alloc(0);
    }
    chunk = Buffer.concat([chunk, bytes]);
  }
  chunks.push(chunk);
  if (message.parts && chunks.length !== message.parts) {
    throw new Error(`the text is too short for ${message.parts} parts`);
  }
  if (chunks.some((one) => one.length > room)) throw new Error('a part is too long for one short message');
  return chunks;
}

/** What a received PDU says, as JSON: `text` when the library could read it, else `hex`. */
export function said(pdu) {
  const carrier = pdu.short_message?.message?.length ? pdu.short_message : (pdu.message_payload ?? pdu.short_message);
  const message = carrier?.message ?? carrier ?? '';
  const what = Buffer.isBuffer(message) ? { text: null, hex: message.toString('hex') } : { text: message };
  const udh = carrier?.udh?.map((element) => element.toString('hex'));
  return {
    from: pdu.source_addr,
    from_ton: pdu.source_addr_ton,
    to: pdu.destination_addr,
    to_ton: pdu.dest_addr_ton,
    ...what,
    data_coding: pdu.data_coding,
    esm_class: pdu.esm_class,
    registered_delivery: pdu.registered_delivery,
    ...(udh?.length ? { udh } : {}),
    ...(pdu.receipted_message_id ? { receipted_message_id: pdu.receipted_message_id } : {}),
  };
}

/** TON and NPI as an operator would set them for an address of this shape. */
export function address(value, ton, npi) {
  if (ton !== undefined) return { ton, npi: npi ?? 1 };
  if (/^\d{3,6}$/.test(value)) return { ton: 3, npi: 0 };
  if (/^\+?84\d{8,}$/.test(value)) return { ton: 1, npi: 1 };
  if (/^\d+$/.test(value)) return { ton: 2, npi: 1 };
  return { ton: 5, npi: 0 };
}
