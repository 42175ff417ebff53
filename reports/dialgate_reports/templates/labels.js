// One text at a time. Texts go in as text, never as markup; votes come only with a disagreement.
"use strict";
(() => {
  const { by, say, complain, ask } = asking("kept");
  let state = null;
  let item = null;
  let settles = false;
  let waits = false;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const marks = () => (settles ? state.disputes : state.drawn);

  const during = async (work) => {
    if (waits) return;
    waits = true;
    try { await work(); } catch (problem) { complain(problem.message); } finally { waits = false; }
  };

  const showState = () => {
    const all = marks();
    const open = (all.match(/\./g) || []).length;
    by("title").textContent = `${state.suite}: ${settles ? "texts to settle" : "texts to label"}`;
    by("about").textContent = settles
      ? `${state.person}. Judges or people differ on these; your word counts instead of theirs.`
      : `${state.person}. Drawn without a look at votes, those first that tell most.`;
    by("progress").max = Math.max(all.length, 1);
    by("progress").value = all.length - open;
    by("count").textContent = `${all.length - open} of ${all.length}`;
    by("settle").hidden = !state.disputes.length && !settles;
    by("settle").textContent = settles ? "Back to labelling (d)" : `Settle ${state.disputes.length} disagreement${state.disputes.length === 1 ? "" : "s"} (d)`;
    const buttons = by("bar").querySelectorAll("button");
    for (const button of buttons) {
      if (button.dataset.key === "u") button.disabled = !state.said;
      else if (button.dataset.key === "p") button.disabled = settles || !item;
      else button.disabled = !item;
    }
  };
  const showItem = () => {
    by("item").hidden = !item;
    if (!item) { showState(); return; }
    by("case").textContent = `${item.n + 1} of ${marks().length}: ${item.case}`;
    by("marks").textContent = `${item.criterion}, of the ${item.of}; ${item.classes.join(", ")}`;
    by("asks").textContent = item.asks;
    by("expected").hidden = item.same_as === null;
    by("same-as").textContent = item.same_as || "";
    by("text").textContent = item.text || "(an empty text)";
    by("context").replaceChildren(...item.context.flatMap((found) => {
      const text = element("pre", found.text);
      text.tabIndex = 0;
      text.dir = "auto";
      text.setAttribute("role", "region");
      text.setAttribute("aria-label", found.what);
      const title = element("h3", found.what[0].toUpperCase() + found.what.slice(1));
      return [title, text];
    }));
    by("others").hidden = !settles;
    const words = settles ? [
      ...item.people.map((one) => element("li", `${one.name}: ${one.word}`)),
      ...item.votes.map((one) => element("li", `judge ${one.name}: ${one.word}`)),
    ] : [];
    by("words").replaceChildren(...words);
    by("mine").hidden = item.mine === null;
    by("mine-word").textContent = item.mine === null ? "" : `You said ${item.mine}.`;
    for (const button of by("bar").querySelectorAll("button")) {
      const word = { y: "yes", n: "no" }[button.dataset.key];
      if (word) button.setAttribute("aria-pressed", String(item.mine === word));
    }
    closePlanting();
    showState();
  };
  const load = async (n) => {
    item = n === null ? null : await ask(`text/${n}${settles ? "/dispute" : ""}`);
    showItem();
    if (item) by("item").focus({ preventScroll: true });
  };
  const nextOpen = (after) => {
    const all = marks();
    const later = all.indexOf(".", after + 1);
    const found = later >= 0 ? later : all.indexOf(".");
    return found >= 0 ? found : null;
  };
  const move = (by_) => during(async () => {
    const all = marks();
    if (!all.length) return;
    await load(Math.min(Math.max((item ? item.n : 0) + by_, 0), all.length - 1));
  });
  const toOpen = () => during(async () => {
    const found = nextOpen(item ? item.n : -1);
    if (found === null) say(settles ? "All is settled." : "Every text has your label.");
    else await load(found);
  });
  const label = (answer) => during(async () => {
    if (!item) return;
    const done = await ask("label", { n: item.n, answer, settles });
    state = done.state;
    say(`${item.case}: ${done.word}`);
    const found = nextOpen(item.n);
    await load(found === null ? item.n : found);
    if (found === null) say(settles ? "All is settled." : "Every text has your label.");
  });
  const undo = () => during(async () => {
    const done = await ask("unlabel", {});
    state = done.state;
    say("Taken back.");
    await load(done.n !== null && !settles ? done.n : (item ? item.n : null));
  });
  const toggle = () => during(async () => {
    if (!settles && !state.disputes.length) { say("Nobody differs."); return; }
    settles = !settles;
    item = null;
    const all = marks();
    await load(all.length ? (nextOpen(-1) ?? 0) : null);
  });
  const openPlanting = () => {
    if (!item || settles) return;
    by("planting").hidden = false;
    by("bar").hidden = true;
    by("plant-text").value = item.text;
    by("plant-text").focus();
  };
  const closePlanting = () => { by("planting").hidden = true; by("bar").hidden = false; };
  const plant = (answer) => during(async () => {
    const done = await ask("plant", { n: item.n, answer, text: by("plant-text").value });
    state = done.state;
    closePlanting();
    say(`Kept: a text of your own, ${done.word}.`);
    showState();
    by("item").focus({ preventScroll: true });
  });

  const keys = {
    y: () => label("yes"), n: () => label("no"), u: undo, p: openPlanting, d: toggle,
    j: () => move(1), k: () => move(-1), o: toOpen,
  };
  document.addEventListener("keydown", (event) => {
    if (!by("planting").hidden) {
      if (event.key === "Escape") { closePlanting(); event.preventDefault(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { plant("no"); event.preventDefault(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  by("bar").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) keys[button.dataset.key]();
  });
  by("back").addEventListener("click", () => move(-1));
  by("next").addEventListener("click", () => move(1));
  by("open").addEventListener("click", toOpen);
  by("settle").addEventListener("click", toggle);
  by("plant-no").addEventListener("click", () => plant("no"));
  by("plant-yes").addEventListener("click", () => plant("yes"));
  by("plant-cancel").addEventListener("click", closePlanting);
  by("planting").addEventListener("submit", (event) => event.preventDefault());

  during(async () => {
    state = await ask("text-state");
    const all = marks();
    await load(all.length ? (nextOpen(-1) ?? 0) : null);
    if (!all.length) say("No text of this run has a criterion and no label.");
  });
})();
