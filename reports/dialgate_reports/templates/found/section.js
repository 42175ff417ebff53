// Found cases, one at a time beside the trajectories: taken or left out. Texts go in as text.
"use strict";
const reviewFound = ({ by, ask, say, complain, element, fill, lines, step, busy }) => {
  let queue = null;
  let shown = null;
  let isAlone = false;

  const NAMES = { relation: "relation", proposed: "proposed against", altered: "altered", keeps: "must hold", parent: "of the case", seed: "seed" };
  const showCount = () => {
    const open = (queue.marks.match(/\./g) || []).length;
    by("to-found").hidden = isAlone;
    by("to-found").textContent = by("found").hidden ? `${open} of ${queue.total} found cases open (v)` : "Back to the trajectories (v)";
    if (!isAlone) return;
    document.title = `${queue.total - open} of ${queue.total}: found cases`;
    by("count").textContent = `${queue.total - open} of ${queue.total} found cases decided`;
    by("progress").max = queue.total;
    by("progress").value = queue.total - open;
  };
  const show = async (n) => {
    shown = await ask(`found/${n}`);
    by("found-case").textContent = `Found ${n + 1} of ${queue.total}: ${shown.case}`;
    fill("found-from", Object.entries(shown.from).flatMap(([key, text]) => [element("dt", "", NAMES[key]), element("dd", "", text)]));
    fill("found-context", shown.context.map(step));
    const beside = [...shown.recordings, ...shown.user.map((text) => `the user: ${text}`)];
    by("found-tools").hidden = !beside.length;
    by("found-tools").open = beside.length <= 3;
    fill("found-recordings", lines(beside));
    const did = shown.steps === null
      ? [element("li", "soft", "What the agent did is not on record here.")]
      : shown.steps.map(step);
    fill("found-steps", did.length ? did : [element("li", "soft", "Nothing: it neither said nor did anything.")]);
    fill("found-expected", lines(shown.expected));
    by("found-word").textContent = shown.words ? `Decided: ${shown.words}` : "";
    by("found-take").setAttribute("aria-pressed", String(shown.word === "take"));
    by("found-leave").setAttribute("aria-pressed", String(shown.word === "leave"));
    by("found-undo").disabled = shown.word === null;
    by("found").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };
  const nextOpen = (after) => {
    const at = queue.marks.indexOf(".", after);
    return at >= 0 ? at : queue.marks.indexOf(".");
  };
  const decide = (word) => busy(async () => {
    if (word === null && shown.word === null) return;
    let answer;
    try {
      answer = await ask("take", { digest: shown.digest, word, seen: shown.word });
    } catch (problem) {
      await show(shown.n);
      complain(problem.message);
      return;
    }
    queue = answer.state;
    showCount();
    const told = `${shown.case}: ${answer.words}`;
    const next = word === null ? shown.n : nextOpen(shown.n + 1);
    await show(next < 0 ? shown.n : next);
    say(next < 0 ? `${told}. Every found case is decided.` : told);
    if (next < 0) by("finish").focus();
  });
  const go = (way) => busy(() => show(Math.min(Math.max(shown.n + way, 0), queue.total - 1)));
  const toggle = () => busy(async () => {
    if (!queue || isAlone) return;
    const opens = by("found").hidden;
    by("found").hidden = !opens;
    by("item").hidden = opens;
    by("bar").hidden = opens;
    showCount();
    if (opens) await show(shown ? shown.n : Math.max(nextOpen(0), 0));
    else by("item").focus({ preventScroll: true });
  });
  const keys = {
    t: () => decide("take"), x: () => decide("leave"), u: () => decide(null),
    j: () => go(1), k: () => go(-1), v: toggle,
  };
  document.addEventListener("keydown", (event) => {
    if (!queue || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.target.closest("input, textarea, select")) return undefined;
    if (!by("editor").hidden || !by("forbidding").hidden) return undefined;
    if (by("found").hidden && event.key !== "v") return undefined;
    const act = keys[event.key];
    if (!act) return undefined;
    event.preventDefault();
    return act();
  });
  for (const [id, key] of Object.entries({
    "found-take": "t", "found-leave": "x", "found-undo": "u", "found-back": "k", "found-next": "j", "to-found": "v",
  })) by(id).addEventListener("click", keys[key]);

  return {
    // Whether found cases are all that there is to look at; then they are shown.
    open: (state, alone) => {
      queue = state;
      if (!queue) return false;
      isAlone = alone;
      showCount();
      if (!alone) return false;
      document.body.classList.add("found-alone");
      by("found").hidden = false;
      by("bar").hidden = true;
      show(Math.max(nextOpen(0), 0));
      return true;
    },
    ended: (done) => (done ? [
      `${done.taken.length} found cases taken into the suite, ${done.left.length} left out, ${done.open.length} undecided.`,
      ...done.contested.map((one) => `Taken by one reviewer and left out by another: ${one}`),
    ] : []),
  };
};
