// What the pages do beyond what HTML does by itself. Without this script every question, hint and
// result still folds and unfolds: they are <details> elements.
"use strict";

/** Choices of a prediction: the first one counts, and it unfolds the result below. */
function answerPredictions() {
  const score = document.querySelector(".score");
  let answered = 0;
  let right = 0;
  for (const prediction of document.querySelectorAll(".prediction")) {
    const spoken = prediction.querySelector("[role=status]");
    let first = true;
    for (const choice of prediction.querySelectorAll("details.choice")) {
      choice.addEventListener("toggle", () => {
        if (!choice.open) return;
        spoken.textContent = choice.querySelector(".reason").textContent;
        if (!first) return;
        first = false;
        answered += 1;
        right += choice.classList.contains("right");
        resultsOf(prediction).forEach(result => { result.open = true; });
        if (score) tell(score, { answered, right, count: score.dataset.count });
      });
    }
  }
}

/** The folded results between a prediction and the next one. */
function resultsOf(prediction) {
  const all = [...document.querySelectorAll(".prediction, .cell.tag_reveal")];
  const following = all.slice(all.indexOf(prediction) + 1);
  const next = following.findIndex(element => element.matches(".prediction"));
  const cells = next < 0 ? following : following.slice(0, next);
  return cells.flatMap(cell => [...cell.querySelectorAll("details")]);
}

/** Write a sentence of the page's language, with its numbers, where it belongs. */
function tell(element, numbers) {
  const fill = (all, name) => numbers[name] ?? all;
  element.textContent = element.dataset.words.replace(/\{(\w+)\}/g, fill);
}

/** A page that was opened as a file may not read others: search shows no excerpts then. */
function searchWithoutExcerpts() {
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS === "object") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }
}

searchWithoutExcerpts();
answerPredictions();
