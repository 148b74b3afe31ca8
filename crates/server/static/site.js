// Small comforts for the public site. Every page works without it.
(() => {
  "use strict";

  // Copy buttons: shown only where the browser can copy.
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) {
      const target = document.querySelector(button.dataset.copy);
      if (!target) continue;
      button.hidden = false;
      const label = button.querySelector("span");
      const before = label.textContent;
      label.setAttribute("aria-live", "polite");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(target.textContent.trim());
        label.textContent = button.dataset.done;
        setTimeout(() => { label.textContent = before; }, 3000);
      });
    }
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // After an error the summary is read first.
  document.querySelector(".error-summary")?.focus();
})();
