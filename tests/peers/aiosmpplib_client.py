"""A foreign ESME: PyPI `aiosmpplib` as a client of the product's server side. It binds again by itself.

Usage: aiosmpplib_client.py --port 2775 [--host 127.0.0.1] [--system-id op] [--password secret] [--bind transceiver]
Commands on stdin and events on stdout are JSON lines; README.md beside this file lists them.
"""

import argparse
import asyncio
import json
import signal
import sys

from aiosmpplib import ESME, PhoneNumber, SubmitSm
from aiosmpplib.hook import AbstractHook
from aiosmpplib.protocol import BindTransceiverResp, DeliverSm, EnquireLink, EnquireLinkResp, SubmitSmResp, Unbind, UnbindResp
from aiosmpplib.retrytimer import SimpleExponentialBackoff
from aiosmpplib.state import NPI, TON, BindMode

ENCODINGS = {"gsm7": "gsm0338", "latin1": "latin_1", "ucs2": "ucs2"}
UDHI = 0x40
RETRY_MS = 50


def emit(event):
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Teller(AbstractHook):
    """Tells what the library was told."""

    def __init__(self, bind):
        self.bind = bind
        self.segments = {}

    async def sending(self, smpp_message, pdu, client_id):
        """Nothing: only what comes back counts."""

    async def received(self, smpp_message, pdu, client_id):
        # The library joins the answers to the parts of a message; binding comes in three classes of one family.
        if isinstance(smpp_message, BindTransceiverResp):
            emit({"bound": {"bind": self.bind, "status": int(smpp_message.command_status)}})
        elif isinstance(smpp_message, DeliverSm):
            said = {"from": smpp_message.source.number, "to": smpp_message.destination.number}
            said |= {"text": smpp_message.short_message, "data_coding": pdu_coding(pdu), "answered": 0}
            emit({"deliver": said})
        elif isinstance(smpp_message, SubmitSmResp):
            status = int(smpp_message.command_status)
            answer = {"ref": smpp_message.log_id, "part": 1, "parts": 1, "status": status}
            emit({"submit_resp": {**answer, "message_id": smpp_message.message_id}})
        elif isinstance(smpp_message, EnquireLinkResp):
            emit({"enquire_link_resp": {"status": 0}})
        elif isinstance(smpp_message, UnbindResp):
            emit({"unbind_resp": {"status": 0}})
        elif isinstance(smpp_message, Unbind):
            emit({"unbind": {}})

    async def send_error(self, smpp_message, error, client_id):
        emit({"error": f"{type(error).__name__}: {error}", "ref": smpp_message.log_id})


def pdu_coding(pdu):
    """The octet itself: service type, two addresses, three octets, two times, two octets, then it."""
    at = pdu.index(0, 16) + 1
    for _ in range(2):
        at = pdu.index(0, at + 2) + 1
    at += 3
    for _ in range(2):
        at = pdu.index(0, at) + 1
    return pdu[at + 2]


class Peer:
    def __init__(self, options):
        self.options = options
        self.start()

    def start(self):
        options = self.options
        self.esme = ESME(
            smsc_host=options.host,
            smsc_port=options.port,
            system_id=options.system_id,
            password=options.password,
            bind_mode=BindMode[options.bind.upper()],
            hook=Teller(options.bind),
            retry_timer=SimpleExponentialBackoff(RETRY_MS, 2),
            log_level="CRITICAL",
        )
        self.running = asyncio.create_task(self.esme.start())

    async def submit(self, message):
        await self.esme.broker.enqueue(
            SubmitSm(
                short_message=message["text"],
                source=PhoneNumber(message["from"], TON.INTERNATIONAL, NPI.ISDN),
                destination=PhoneNumber(message["to"], TON.NETWORK_SPECIFIC, NPI.UNKNOWN),
                encoding=ENCODINGS[message.get("coding", "gsm7")],
                esm_class=UDHI if message.get("udh") else 0,
                auto_message_payload=not message.get("udh") and not message.get("sar"),
                registered_delivery=0,
                log_id=message.get("ref") or "",
            )
        )

    async def obey(self, line):
        """Runs one command; False ends the program."""
        command = json.loads(line)
        if "submit" in command:
            await self.submit(command["submit"])
        elif "enquire_link" in command:
            await self.esme.broker.enqueue(EnquireLink())
        elif "unbind" in command:
            await self.esme.stop()
            emit({"closed": {}})
        elif "reconnect" in command:
            pass  # it does by itself
        elif "quit" in command:
            return False
        else:
            emit({"error": "no such command; known: submit, enquire_link, unbind, reconnect, quit", "line": line})
        return True

    async def run(self):
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
        )
        while line := await lines.readline():
            if line.strip() and not await self.obey(line.decode("utf-8")):
                break
        self.running.cancel()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2775)
    parser.add_argument("--system-id", default="operator")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--bind", choices=["transceiver", "receiver", "transmitter"], default="transceiver")
    parser.add_argument("--deadline-s", type=int, default=300)
    options = parser.parse_args()
    signal.alarm(options.deadline_s)  # a peer whose test died must not live on
    await Peer(options).run()


if __name__ == "__main__":
    asyncio.run(main())
