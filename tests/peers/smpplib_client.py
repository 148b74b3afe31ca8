"""A foreign ESME: PyPI `smpplib` as a client of the product's server side.

Usage: smpplib_client.py --port 2775 [--host 127.0.0.1] [--system-id op] [--password secret] [--bind transceiver] [--ca FILE]
Commands on stdin and events on stdout are JSON lines; README.md beside this file lists them.
One thread: it waits for stdin and for the socket, never for a time.
"""

import argparse
import json
import os
import select
import signal
import ssl
import sys

from smpplib import client as smpp_client
from smpplib import consts, exceptions, gsm, smpp

CODINGS = {
    "gsm7": consts.SMPP_ENCODING_DEFAULT,
    "latin1": consts.SMPP_ENCODING_ISO88591,
    "ucs2": consts.SMPP_ENCODING_ISO10646,
}
READ_TIMEOUT_S = 20
CODECS = {"gsm7": gsm.gsm_encode, "latin1": lambda text: text.encode("latin-1"), "ucs2": lambda text: text.encode("utf-16-be")}
# Octets of a part that hold no odd number of UCS-2 octets and leave room for any header.
PART = 132


def emit(event):
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def as_text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def gsm_text(body):
    """GSM 7 unpacked; the library's table has the escaped characters 128 places up."""
    escaped, text = 0, ""
    for byte in body:
        if byte == 0x1B and not escaped:
            escaped = 0x80
        else:
            text += gsm.GSM_CHARACTER_TABLE[byte + escaped]
            escaped = 0
    return text


def said(pdu):
    """What a received message says; text is None when this library has no reading for the coding."""
    raw = pdu.short_message or getattr(pdu, "message_payload", None) or b""
    coding = pdu.data_coding or 0
    body = raw[raw[0] + 1 :] if raw and (pdu.esm_class or 0) & consts.SMPP_GSMFEAT_UDHI else raw
    text = None
    if coding == consts.SMPP_ENCODING_ISO10646:
        text = body.decode("utf-16-be")
    elif coding == consts.SMPP_ENCODING_ISO88591:
        text = body.decode("latin-1")
    elif coding == consts.SMPP_ENCODING_DEFAULT and max(body, default=0) < 0x80:
        text = gsm_text(body)
    return {
        "from": as_text(pdu.source_addr),
        "to": as_text(pdu.destination_addr),
        "text": text,
        "hex": raw.hex(),
        "data_coding": coding,
        "esm_class": pdu.esm_class or 0,
        "registered_delivery": pdu.registered_delivery or 0,
    }


def parts_of(message, reference):
    """The fields of each part: by the library's own splitting, or by hand where it has none."""
    coding = message.get("coding", "gsm7")
    if "hex" in message:
        return [{"short_message": bytes.fromhex(message["hex"]), "data_coding": 0, "esm_class": 0}]
    if not any(message.get(way) for way in ("sar", "payload")) and message.get("udh") != 16:
        parts, data_coding, esm_class = gsm.make_parts(message["text"], CODINGS[coding])
        return [{"short_message": part, "data_coding": data_coding, "esm_class": esm_class} for part in parts]
    octets, data_coding = CODECS[coding](message["text"]), int(CODINGS[coding])
    if message.get("payload"):
        return [{"message_payload": octets, "short_message": b"", "data_coding": data_coding, "esm_class": 0}]
    cut = [octets[at : at + PART] for at in range(0, len(octets), PART)]
    made = []
    for number, part in enumerate(cut, start=1):
        if message.get("sar"):
            made.append(
                {
                    "short_message": part,
                    "esm_class": 0,
                    "sar_msg_ref_num": reference,
                    "sar_total_segments": len(cut),
                    "sar_segment_seqnum": number,
                }
            )
        else:
            header = bytes([6, 8, 4, reference >> 8, reference & 0xFF, len(cut), number])
            made.append({"short_message": header + part, "esm_class": consts.SMPP_GSMFEAT_UDHI})
    return [{"data_coding": data_coding, **part} for part in made]


class Peer:
    def __init__(self, options):
        self.options = options
        self.statuses = []
        self.references = 0
        self.connect()

    def connect(self):
        self.waiting = {}
        context = None
        if self.options.ca:
            context = ssl.create_default_context(cafile=self.options.ca)
            # smpplib wraps the socket without a name, so only the chain can be checked.
            context.check_hostname = False
        self.client = smpp_client.Client(
            self.options.host,
            self.options.port,
            timeout=READ_TIMEOUT_S,
            allow_unknown_opt_params=True,
            ssl_context=context,
        )
        self.client.set_message_received_handler(self.on_deliver)
        self.client.set_message_sent_handler(self.on_answer)
        # An error answer is an event like any other; smpplib would raise.
        self.client.set_error_pdu_handler(self.on_error)

    def bind(self):
        bind = getattr(self.client, f"bind_{self.options.bind}")
        self.client.connect()
        try:
            bind(system_id=self.options.system_id, password=self.options.password)
        except exceptions.PDUError as refused:
            emit({"bound": {"bind": self.options.bind, "status": refused.args[1]}})
            return False
        emit({"bound": {"bind": self.options.bind, "status": 0}})
        return True

    def on_deliver(self, pdu, **_):
        status = self.statuses.pop(0) if self.statuses else consts.SMPP_ESME_ROK
        emit({"deliver": {**said(pdu), "answered": status}})
        return status

    def on_answer(self, pdu, **_):
        about = self.waiting.pop(pdu.sequence, {"ref": None})
        emit({"submit_resp": {**about, "status": pdu.status, "message_id": as_text(pdu.message_id)}})

    def on_error(self, pdu):
        if pdu.command != "submit_sm_resp":  # those reach on_answer by themselves
            emit({"error_pdu": {"command": pdu.command, "status": pdu.status, "sequence": pdu.sequence}})

    def submit(self, message):
        self.references += 1
        parts = parts_of(message, 0x0100 + self.references)
        for number, part in enumerate(parts, start=1):
            fields = {**part, **{name: message[name] for name in ("data_coding", "esm_class") if name in message}}
            pdu = smpp.make_pdu(
                "submit_sm",
                client=self.client,
                source_addr_ton=message.get("from_ton", consts.SMPP_TON_INTL),
                source_addr_npi=message.get("from_npi", consts.SMPP_NPI_ISDN),
                source_addr=message["from"],
                dest_addr_ton=message.get("to_ton", consts.SMPP_TON_NWSPEC),
                dest_addr_npi=message.get("to_npi", consts.SMPP_NPI_UNK),
                destination_addr=message["to"],
                **fields,
                registered_delivery=bool(message.get("registered_delivery", 0)),
            )
            self.waiting[pdu.sequence] = {"ref": message.get("ref"), "part": number, "parts": len(parts)}
            self.client.send_pdu(pdu)

    def obey(self, line):
        """Runs one command; False ends the program."""
        command = json.loads(line)
        if "submit" in command:
            self.submit(command["submit"])
        elif "answer_next" in command:
            plan = command["answer_next"]
            self.statuses += [plan.get("status", 0)] * plan.get("count", 1)
            emit({"planned": plan})
        elif "reconnect" in command:
            self.connect()
            return self.bind()
        elif "enquire_link" in command:
            # The library tells nobody of the answer; whoever asks sees to it that nothing else is on its way.
            self.client.send_pdu(smpp.make_pdu("enquire_link", client=self.client))
            answer = self.client.read_pdu()
            emit({answer.command: {"status": answer.status}})
        elif "unbind" in command:
            answer = self.client.unbind()
            emit({"unbind_resp": {"status": answer.status, "command": answer.command}})
            return False
        elif "quit" in command:
            return False
        else:
            known = "submit, answer_next, enquire_link, unbind, reconnect, quit"
            emit({"error": f"no such command; known: {known}", "line": line})
        return True

    def read_link(self):
        """Reads one PDU; False when the other side closed."""
        try:
            self.client.read_once(auto_send_enquire_link=False)
        except exceptions.ConnectionError:
            return self.closed()
        return self.client.state != consts.SMPP_CLIENT_STATE_CLOSED or self.closed()

    def closed(self):
        emit({"closed": {"unanswered": [about["ref"] for about in self.waiting.values()]}})
        self.client.disconnect()
        return False

    def has_input(self):
        """Whether a PDU can be read without waiting: TLS may hold one that the system no longer shows."""
        pending = getattr(self.client._socket, "pending", None)
        return bool(pending and pending())

    def run(self):
        commands = b""
        going = True
        while going:
            sources = [sys.stdin] + ([self.client._socket] if self.client._socket else [])
            readable, _, _ = select.select(sources, [], [], 0 if self.has_input() else None)
            if self.client._socket and (self.client._socket in readable or self.has_input()):
                self.read_link()  # whoever closed may be connected to again
            elif sys.stdin in readable:
                chunk = os.read(sys.stdin.fileno(), 65536)
                going = bool(chunk)
                *lines, commands = (commands + chunk).split(b"\n")
                for line in lines:
                    going = going and (not line.strip() or self.obey(line.decode("utf-8")))
        if self.client._socket:
            self.client.disconnect()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2775)
    parser.add_argument("--system-id", default="operator")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--bind", choices=["transceiver", "receiver", "transmitter"], default="transceiver")
    parser.add_argument("--ca")
    parser.add_argument("--deadline-s", type=int, default=300)
    options = parser.parse_args()
    signal.alarm(options.deadline_s)  # a peer whose test died must not live on
    peer = Peer(options)
    if peer.bind():
        peer.run()


if __name__ == "__main__":
    main()
