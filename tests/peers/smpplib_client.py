"""A foreign ESME: PyPI `smpplib` as a client of the product's server side.

Usage: smpplib_client.py --port 2775 [--host 127.0.0.1] [--system-id op] [--password secret] [--bind transceiver]
Commands on stdin and events on stdout are JSON lines; README.md beside this file lists them.
One thread: it waits for stdin and for the socket, never for a time.
"""

import argparse
import json
import os
import select
import signal
import sys

from smpplib import client as smpp_client
from smpplib import consts, exceptions, gsm, smpp

CODINGS = {
    "gsm7": consts.SMPP_ENCODING_DEFAULT,
    "latin1": consts.SMPP_ENCODING_ISO88591,
    "ucs2": consts.SMPP_ENCODING_ISO10646,
}
READ_TIMEOUT_S = 20


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


class Peer:
    def __init__(self, options):
        self.options = options
        self.waiting = {}
        self.client = smpp_client.Client(
            options.host, options.port, timeout=READ_TIMEOUT_S, allow_unknown_opt_params=True
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
        emit({"deliver": said(pdu)})
        return consts.SMPP_ESME_ROK

    def on_answer(self, pdu, **_):
        about = self.waiting.pop(pdu.sequence, {"ref": None})
        emit({"submit_resp": {**about, "status": pdu.status, "message_id": as_text(pdu.message_id)}})

    def on_error(self, pdu):
        if pdu.command != "submit_sm_resp":  # those reach on_answer by themselves
            emit({"error_pdu": {"command": pdu.command, "status": pdu.status, "sequence": pdu.sequence}})

    def submit(self, message):
        if "hex" in message:
            parts, coding, esm_class = [bytes.fromhex(message["hex"])], 0, 0
        else:
            parts, coding, esm_class = gsm.make_parts(message["text"], CODINGS[message.get("coding", "gsm7")])
        for number, part in enumerate(parts, start=1):
            pdu = smpp.make_pdu(
                "submit_sm",
                client=self.client,
                source_addr_ton=message.get("from_ton", consts.SMPP_TON_INTL),
                source_addr_npi=message.get("from_npi", consts.SMPP_NPI_ISDN),
                source_addr=message["from"],
                dest_addr_ton=message.get("to_ton", consts.SMPP_TON_NWSPEC),
                dest_addr_npi=message.get("to_npi", consts.SMPP_NPI_UNK),
                destination_addr=message["to"],
                data_coding=message.get("data_coding", coding),
                esm_class=message.get("esm_class", esm_class),
                short_message=part,
                registered_delivery=bool(message.get("registered_delivery", 0)),
            )
            self.waiting[pdu.sequence] = {"ref": message.get("ref"), "part": number, "parts": len(parts)}
            self.client.send_pdu(pdu)

    def obey(self, line):
        """Runs one command; False ends the program."""
        command = json.loads(line)
        if "submit" in command:
            self.submit(command["submit"])
        elif "enquire_link" in command:
            self.client.send_pdu(smpp.make_pdu("enquire_link", client=self.client))
        elif "unbind" in command:
            answer = self.client.unbind()
            emit({"unbind_resp": {"status": answer.status, "command": answer.command}})
            return False
        elif "quit" in command:
            return False
        else:
            emit({"error": "no such command; known: submit, enquire_link, unbind, quit", "line": line})
        return True

    def read_link(self):
        """Reads one PDU; False when the other side closed."""
        try:
            self.client.read_once(auto_send_enquire_link=False)
        except exceptions.ConnectionError:
            emit({"closed": {"unanswered": [about["ref"] for about in self.waiting.values()]}})
            return False
        return self.client.state != consts.SMPP_CLIENT_STATE_CLOSED

    def run(self):
        commands = b""
        going = True
        while going:
            readable, _, _ = select.select([sys.stdin, self.client._socket], [], [])
            if self.client._socket in readable:
                going = self.read_link()
            elif sys.stdin in readable:
                chunk = os.read(sys.stdin.fileno(), 65536)
                going = bool(chunk)
                *lines, commands = (commands + chunk).split(b"\n")
                for line in lines:
                    going = going and (not line.strip() or self.obey(line.decode("utf-8")))
        self.client.disconnect()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2775)
    parser.add_argument("--system-id", default="operator")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--bind", choices=["transceiver", "receiver", "transmitter"], default="transceiver")
    parser.add_argument("--deadline-s", type=int, default=300)
    options = parser.parse_args()
    signal.alarm(options.deadline_s)  # a peer whose test died must not live on
    peer = Peer(options)
    if peer.bind():
        peer.run()


if __name__ == "__main__":
    main()
