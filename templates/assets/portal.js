// Enhances pages that already work without it: focus, countdown, copy buttons, preview. No page depends on this file.

// A page with errors begins at their list; each entry leads into its field.
function focusErrors() {
  const summary = document.querySelector('main [role="alert"]');
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const field = document.getElementById(event.target.closest("a")?.hash.slice(1) ?? "");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });
}

// "Send new code" rests until the server accepts it. The seconds come from the server, the clock here may be wrong.
function countDown(form) {
  const button = form.querySelector("button");
  const ready = button.textContent;
  const end = performance.now() + Number(form.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? form.dataset.waitWords.replace("#", left) : ready;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

// <button data-copy="value" data-copied="Copied"> says for two seconds that it worked.
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const ready = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = ready), 2000);
}

// <form data-preview="/address"> shows in #preview what its fields come to, while one types.
function showPreview(form) {
  const [shown, said] = ["preview", "preview-said"].map((id) => document.getElementById(id));
  let waiting, asked;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    asked?.abort();
    waiting = setTimeout(async () => {
      asked = new AbortController();
      const fields = new URLSearchParams(new FormData(form));
      const answer = await fetch(`${form.dataset.preview}?${fields}`, { signal: asked.signal }).catch(() => null);
      // Half an amount is none, and who is signed out is led elsewhere: what was shown last stays.
      const part = answer?.ok && !answer.redirected ? (await answer.text()).trim() : "";
      if (!part) return;
      shown.innerHTML = part;
      said.textContent = shown.querySelector(".alert")?.textContent.trim() ?? "";
    }, 300);
  });
}

focusErrors();
document.querySelectorAll("form[data-preview]").forEach(showPreview);
document.querySelectorAll("form[data-wait]").forEach(countDown);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copy(button);
});
