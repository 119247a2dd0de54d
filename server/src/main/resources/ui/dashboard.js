// Makes pages live and spares clicks. Every page works without it.
"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `millrace_zone=${encodeURIComponent(zone)}; Path=/ui; Max-Age=31536000; SameSite=Lax${secure}`;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form) {
    form.requestSubmit();
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) {
    return;
  }
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select the text and copy it";
  }
  setTimeout(() => { button.textContent = label; }, 2000);
});

// The element that waits for events shows whether they still come.
const live = (event, stopped) => {
  const place = event.target.closest?.("[data-live]");
  place?.toggleAttribute("data-stopped", stopped);
};
document.addEventListener("htmx:sseError", (event) => live(event, true));
document.addEventListener("htmx:sseOpen", (event) => live(event, false));

// Hold: what comes is not shown until the button is pressed again.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hold]");
  if (button) {
    const held = button.closest("[data-live]").toggleAttribute("data-held");
    button.textContent = held ? "Follow" : "Hold";
    button.setAttribute("aria-pressed", String(held));
  }
});
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.target.closest?.("[data-held]")) {
    event.preventDefault();
  }
});
