"""Reads a feed with PyPI `feedparser` and prints what a foreign reader makes of it, as one JSON object.

Usage: feed_check.py URL [If-None-Match value]
Exit status 0 when something was read at all, whatever it said; the test judges `bozo` and the entries.
"""

import json
import socket
import sys

import feedparser

TIMEOUT_S = 20
ENTRY_FIELDS = ("id", "title", "link", "published", "updated", "summary", "author")


def entry_facts(entry):
    facts = {name: entry.get(name) for name in ENTRY_FIELDS}
    facts["content"] = [part.get("value") for part in entry.get("content", [])]
    facts["links"] = [{"rel": link.get("rel"), "href": link.get("href")} for link in entry.get("links", [])]
    facts["categories"] = [tag.get("term") for tag in entry.get("tags", [])]
    return facts


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: feed_check.py URL [ETAG]")
    socket.setdefaulttimeout(TIMEOUT_S)
    feed = feedparser.parse(sys.argv[1], etag=sys.argv[2] if len(sys.argv) > 2 else None)
    reason = feed.get("bozo_exception")
    print(
        json.dumps(
            {
                "bozo": bool(feed.bozo),
                "bozo_exception": repr(reason) if reason else None,
                "status": feed.get("status"),
                "etag": feed.get("etag"),
                "content_type": feed.get("headers", {}).get("content-type"),
                "version": feed.get("version"),
                "feed": {name: feed.feed.get(name) for name in ("id", "title", "updated", "language", "link")},
                "entries": [entry_facts(entry) for entry in feed.entries],
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
