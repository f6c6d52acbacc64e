// What pages do beside maps: search in a list, copy a line, send only the fields that are filled in. Without this script the pages
// lack these comforts and nothing else.

/** Lower case without accents: "Évêché" is found by "eveche". */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function searchable(form) {
  const input = form.querySelector("input");
  const result = form.querySelector("[role=status]");
  const scope = document.querySelector("[data-searched]");
  const cards = [...scope.querySelectorAll("[data-words]")].map((card) => ({
    entry: card.closest("li"),
    words: plain(card.dataset.words),
  }));
  if (cards.length < 2) return;
  const shelves = [...scope.querySelectorAll("[data-shelf]")];
  const search = () => {
    const wanted = plain(input.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { entry, words } of cards) {
      entry.hidden = !wanted.every((word) => words.includes(word));
      if (!entry.hidden) found += 1;
    }
    for (const shelf of shelves) {
      shelf.hidden = !shelf.querySelector("li:not([hidden])");
    }
    const { none, one, many } = result.dataset;
    if (wanted.length === 0) result.textContent = "";
    else if (found === 0) result.textContent = none;
    else result.textContent = found === 1 ? one : many.replace("{n}", found);
  };
  input.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
    scope.scrollIntoView();
  });
  form.hidden = false;
  // The browser may have kept what was typed before.
  if (input.value) search();
}

function copier(button) {
  const line = button.parentElement.querySelector("code");
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line.textContent);
    } catch {
      // No permission: the line is selected, ready for the keyboard.
      getSelection().selectAllChildren(line);
      return;
    }
    button.textContent = button.dataset.copy;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

for (const form of document.querySelectorAll("form[data-search]")) searchable(form);
// The clipboard exists in secure contexts only.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) copier(button);
}
for (const form of document.querySelectorAll("form[data-skip-empty]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) {
      if (value.trim() === "") formData.delete(name);
    }
  });
}
