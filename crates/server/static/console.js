// Enhancement only: keys, news of the queue, live count of SMS segments.
// Every page does its whole work without this file.
"use strict";
(() => {
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };

  // Keys. Off for good on this machine when the officer says so (WCAG 2.1.4).
  let keysOn = stored("phim-tat") !== "tat";
  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  let at = -1;
  const goTo = (index) => {
    const all = rows();
    if (all.length === 0) return;
    all.forEach((row) => row.classList.remove("is-at"));
    at = Math.max(0, Math.min(index, all.length - 1));
    all[at].classList.add("is-at");
    const link = all[at].querySelector("[data-row-link]");
    if (link) link.focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };
  const follow = (selector) => {
    const link = document.querySelector(selector);
    if (link) link.click();
  };
  const places = { h: "/can-bo", p: "/can-bo/phan-anh", v: "/can-bo/vu-viec", c: "/can-bo/canh-bao" };
  let waitsForPlace = false;
  document.addEventListener("keydown", (event) => {
    if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (waitsForPlace) {
      waitsForPlace = false;
      if (places[event.key]) { event.preventDefault(); location.href = places[event.key]; }
      return;
    }
    const does = {
      j: () => goTo(at + 1),
      k: () => goTo(at - 1),
      o: () => { const row = rows()[at]; if (row) row.querySelector("[data-row-link]").click(); },
      n: () => follow("[data-key-next]"),
      p: () => follow("[data-key-previous]"),
      u: () => follow("[data-key-up]"),
      g: () => { waitsForPlace = true; },
      "/": () => { const box = document.querySelector("[data-key-search]"); if (box) { box.focus(); box.select(); } },
      "?": () => { location.href = "/can-bo/phim-tat"; },
    }[event.key];
    if (does) { event.preventDefault(); does(); }
  });
  const toggle = document.querySelector("[data-keys-toggle]");
  if (toggle) {
    const button = toggle.querySelector("button");
    const show = () => {
      button.textContent = keysOn ? "Tắt phím tắt trên máy này" : "Bật phím tắt trên máy này";
      button.setAttribute("aria-pressed", String(keysOn));
    };
    button.addEventListener("click", () => { keysOn = !keysOn; store("phim-tat", keysOn ? "bat" : "tat"); show(); });
    toggle.hidden = false;
    show();
  }

  // On a phone the strip of sections scrolls: the current one is brought into view.
  const current = document.querySelector(".sections [aria-current]");
  if (current) current.scrollIntoView({ block: "nearest", inline: "center" });

  // An error or a form reopened after one gets the focus.
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();

  // News of the queue: says how many came, never moves what is being read.
  const fresh = document.querySelector("[data-fresh]");
  if (fresh) {
    const link = fresh.querySelector("a");
    const url = new URL(fresh.dataset.fresh, location.origin);
    url.searchParams.set("sau", fresh.dataset.newest);
    let wait = 10000;
    const ask = async () => {
      if (!document.hidden) {
        try {
          const answer = await fetch(url, { headers: { Accept: "application/json" } });
          if (answer.status === 401 || answer.status === 403) return;
          const { count } = await answer.json();
          if (count > 0) {
            link.textContent = `Có ${count} phản ánh mới, bấm để xem`;
            fresh.classList.add("has-new");
          }
          wait = 10000;
        } catch {
          link.textContent = "Mất kết nối, đang thử lại";
          wait = Math.min(wait * 2, 120000);
        }
      }
      setTimeout(ask, wait);
    };
    setTimeout(ask, wait);
  }

  // Segments of an SMS as it is typed; the server counts again when it is saved.
  const counter = document.querySelector("[data-sms-count]");
  if (counter) {
    const box = document.getElementById(counter.dataset.smsCount);
    const basic = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
    const count = () => {
      const text = box.value;
      if (basic.test(text)) {
        const length = [...text].reduce((sum, one) => sum + ("^{}\\[~]|€".includes(one) ? 2 : 1), 0);
        const parts = length <= 160 ? 1 : Math.ceil(length / 153);
        counter.textContent = `${length} ký tự, ${parts} bản tin (GSM 7)`;
      } else {
        const length = text.length;
        const parts = length <= 70 ? 1 : Math.ceil(length / 67);
        counter.textContent = `${length} ký tự, ${parts} bản tin (có dấu, UCS-2: đắt gấp đôi, nên bỏ dấu)`;
      }
    };
    if (box) { box.addEventListener("input", count); count(); }
  }

  // Printing has a button where scripts run; without them the browser's own menu does it.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
