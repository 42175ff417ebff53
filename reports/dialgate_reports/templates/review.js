// One trajectory at a time, asked for when it is shown. Texts go in as text, never as markup.
"use strict";
(() => {
  const { by, say, complain, ask } = asking("decided");
  let state = null;
  let item = null;
  let shownAt = 0;
  let adjudicates = false;
  let waits = false;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // What there is to look at.
  const pre = (text, label) => {
    const made = element("pre", "", text);
    made.tabIndex = 0;
    made.setAttribute("role", "region");
    made.setAttribute("aria-label", label);
    return made;
  };
  const step = (found) => {
    const isCall = found.role === "call";
    const isAction = isCall && found.action !== null && found.action !== undefined;
    const made = element("li", `${isCall ? "call" : ""}${isAction ? " action" : ""}${found.error ? " error" : ""}`);
    let who = isCall ? `calls ${found.tool}` : found.role;
    if (isAction) who = `action ${found.action + 1}: ${who}, class ${item.actions[found.action].class}`;
    if (found.note) who += ` (${found.note})`;
    made.append(element("div", "who", who));
    if (isCall || found.role === "tool") made.append(pre(found.text, who));
    else made.append(element("div", "text", found.text));
    if (found.answer !== undefined) {
      const answer = element("div", "answer");
      answer.append(element("div", "who", found.error ? "answered with an error" : "answer"));
      answer.append(pre(found.answer, `answer of ${found.tool}`));
      made.append(answer);
    }
    return made;
  };
  const fill = (id, nodes) => by(id).replaceChildren(...nodes);
  const lines = (texts) => texts.map((text) => element("li", "", text));

  const showItem = () => {
    by("item").hidden = false;
    by("case").textContent = `${item.n + 1} of ${state.total}: ${item.case}`;
    const trials = item.trials.length > 1 ? `, trials ${item.trials.join(", ")} alike` : `, trial ${item.trials[0]}`;
    by("marks").textContent = `${item.marks.join(", ")}${trials}${item.passes ? ", passes as the case stands" : ", fails as the case stands"}`;
    const context = by("given");
    context.open = item.context.length <= 4;
    fill("context", item.context.map(step));
    by("left-out").textContent = item.steps_left_out ? `${item.steps_left_out} earlier steps are left out.` : "";
    const steps = item.steps.map(step);
    fill("steps", steps.length ? steps : [element("li", "soft", "Nothing: it neither said nor did anything.")]);
    fill("expected", lines(item.expected));
    fill("unmet", lines(item.unmet.map((text) => `Can't be right as it is: ${text}`)));
    showDecision();
    closeForms();
    shownAt = Date.now();
  };
  const standing = () => (adjudicates ? item.settled : item.mine);
  const showDecision = () => {
    const found = standing();
    by("mine").hidden = !found;
    if (found) {
      by("mine-words").textContent = `${adjudicates ? "Settled" : "Decided"}: ${found.words}`;
      by("mine-reason").textContent = found.reason;
      fill("mine-lines", lines(found.lines));
    }
    for (const button of by("bar").querySelectorAll("button")) {
      const keys = { right: "a", wrong: "w", should_be: "e", nothing: "n", forbid: "f" };
      if (button.dataset.key === "u") button.disabled = !state.last;
      else button.setAttribute("aria-pressed", String(Boolean(found) && keys[found.word] === button.dataset.key));
    }
    const others = item.decisions || [];
    by("others").hidden = !adjudicates;
    fill("decisions", others.map((found) => {
      const made = element("li");
      const where = found.here ? "" : `, on trajectory ${found.n + 1}`;
      made.append(element("strong", "", `${found.reviewer}: ${found.words}${where}`));
      if (found.reason) made.append(element("span", "soft", ` ${found.reason}`));
      const list = element("ul");
      list.append(...lines(found.lines));
      made.append(list);
      if (found.here) {
        const take = element("button", "", `Take ${found.reviewer}’s`);
        take.type = "button";
        take.addEventListener("click", () => decide({ take: found.take }));
        made.append(take);
      }
      return made;
    }));
    const conflict = state.conflicts.find((one) => one.n === item.n);
    by("contradiction").textContent = adjudicates && conflict ? conflict.why : "";
  };
  const showState = () => {
    const decided = state.total - (state.marks.match(/\./g) || []).length;
    document.title = `${decided} of ${state.total}: review of ${state.suite}`;
    by("title").textContent = `Review of ${state.suite}`;
    by("about").textContent = `Release ${state.release}, run ${state.run}. You are ${state.reviewer}.`
      + (state.left ? ` ${state.left} trajectories can’t be looked at; the end says why.` : "");
    by("progress").max = state.total;
    by("progress").value = decided;
    by("count").textContent = state.total ? `${decided} of ${state.total} decided` : "";
    by("end-count").textContent = decided === state.total
      ? (state.total ? "Every trajectory is decided." : "")
      : `${state.total - decided} of ${state.total} trajectories are undecided; their cases stay as they are.`;
    fill("reviewers", state.reviewers.length > 1
      ? lines(state.reviewers.map((one) => `${one.name}: ${one.decided} decided`)) : []);
    fill("agreement", lines(state.agreement.map(agreementLine)));
    by("texts").hidden = !state.texts;
    by("texts").textContent = `${state.texts} texts to label`;
    const count = state.conflicts.length;
    const button = by("adjudicate");
    button.hidden = !count && !adjudicates;
    button.textContent = adjudicates ? "Back to your own decisions" : `${count} contradicting: adjudicate`;
    button.setAttribute("aria-pressed", String(adjudicates));
  };
  const agreementLine = (found) => {
    const [one, other] = found.names;
    if (!found.items) return `${one} and ${other} decided nothing in common.`;
    const alike = found.both_right + found.both_not;
    const kappa = found.kappa === null
      ? "kappa has no value, as both used one word only"
      : `Cohen’s kappa ${found.kappa.toFixed(2)}`;
    const what = found.differ_in_what ? `, ${found.differ_in_what} of these with different wishes` : "";
    return `${one} and ${other} both decided ${found.items}, ${alike} alike: ${found.both_right} right, `
      + `${found.both_not} not${what}; right by ${one} alone ${found.only_first}, by ${other} alone `
      + `${found.only_second}; ${kappa}.`;
  };

  // Going from one to another.
  const show = async (n) => {
    if (n === null || n === undefined) return;
    item = await ask(`item/${n}${adjudicates ? "/conflict" : ""}`);
    history.replaceState(null, "", `#${n + 1}`);
    showItem();
    by("item").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };
  const listed = () => (adjudicates
    ? [...new Set([...state.conflicts.map((one) => one.n), ...state.settled])].sort((a, b) => a - b)
    : null);
  const go = (way) => {
    const places = listed();
    if (!places) return show(Math.min(Math.max(item.n + way, 0), state.total - 1));
    const ahead = places.filter((n) => (way > 0 ? n > item.n : n < item.n));
    return show(way > 0 ? ahead[0] : ahead[ahead.length - 1]);
  };
  const nextOpen = () => {
    if (adjudicates) {
      const open = state.conflicts.map((one) => one.n);
      return open.find((n) => n > item.n) ?? open[0] ?? null;
    }
    const after = state.marks.indexOf(".", item ? item.n + 1 : 0);
    const found = after >= 0 ? after : state.marks.indexOf(".");
    return found >= 0 ? found : null;
  };
  const goOpen = async () => {
    const n = nextOpen();
    if (n !== null) return show(n);
    say(adjudicates ? "Nothing contradicts any more." : "Every trajectory is decided.");
    by("finish").focus();
  };
  const toggle = async () => {
    if (!adjudicates && !state.conflicts.length) return say("Nothing contradicts.");
    adjudicates = !adjudicates;
    showState();
    await show(adjudicates ? state.conflicts[0].n : item.n);
  };

  // Deciding.
  let next = null;  // what was clicked meanwhile and must not be lost
  const busy = async (work, waitsForTurn = false) => {
    if (waits) {
      if (waitsForTurn) next = work;
      return;
    }
    waits = true;
    try {
      await work();
    } catch (problem) {
      next = null;
      if (problem.status === 409) {
        state = await ask("state");
        showState();
        await show(item.n);
      }
      complain(problem.message);
    } finally {
      waits = false;
    }
    const after = next;
    next = null;
    if (after) await busy(after);
  };
  const decide = (choice) => busy(async () => {
    const found = standing();
    const told = `${item.case}: `;
    const answer = await ask("decide", {
      ...choice, item: item.id, seen: found ? found.seq : 0, settles: adjudicates,
      review_s: Math.min((Date.now() - shownAt) / 1000, 3600),
    });
    state = answer.state;
    showState();
    const n = nextOpen();
    if (n === null) await show(item.n);
    else await show(n);
    say(`${told}${answer.words}`);
    if (n === null) await goOpen();
  });
  const undo = () => busy(async () => {
    if (!state.last) return say("There is nothing to undo.");
    const answer = await ask("undo", { seen: state.last.seq });
    state = answer.state;
    showState();
    if (answer.n !== null) await show(answer.n);
    say(`Undone: ${answer.words}`);
  });

  // What should happen: a form made from the tools' schemas.
  let numbers = 0;
  const control = (field) => {
    let made;
    if (field.kind === "choice") {
      made = element("select");
      for (const text of field.choices) {
        const option = element("option", "", text);
        option.value = text;
        made.append(option);
      }
    } else if (field.kind === "number" || (field.kind === "text" && !field.value.includes("\n") && field.value.length < 80)) {
      made = element("input");
      if (field.kind === "number") made.inputMode = "decimal";
    } else {
      made = element("textarea", field.kind === "text" ? "plain" : "");
      made.rows = Math.min(12, Math.max(2, field.value.split("\n").length, Math.ceil(field.value.length / 70)));
    }
    made.value = field.value;
    made.autocomplete = "off";
    made.spellcheck = false;
    return made;
  };
  const fieldRow = (field) => {
    const row = element("div", "field");
    const made = control(field);
    made.id = `field-${numbers += 1}`;
    const head = element("div");
    const label = element("label", "", field.name);
    label.htmlFor = made.id;
    head.append(label, element("span", "note", `${field.note}${field.required ? ", required" : ""}`));
    const side = element("div");
    let given = null;
    if (!field.required) {
      given = element("input");
      given.type = "checkbox";
      given.checked = field.given;
      const box = element("label", "given");
      box.append(given, document.createTextNode("given"));
      head.append(box);
      made.disabled = !field.given;
      given.addEventListener("change", () => { made.disabled = !given.checked; });
    }
    side.append(made);
    row.append(head, side);
    row.read = () => ({ name: field.name, kind: field.kind, value: made.value, given: given ? given.checked : true });
    return row;
  };
  const callForm = (name, fields) => {
    const set = element("fieldset");
    set.append(element("legend", "", name));
    const rows = fields.map(fieldRow);
    const remove = element("button", "", `Leave ${name} out`);
    remove.type = "button";
    remove.addEventListener("click", () => { set.remove(); by("add-tool").focus(); });
    set.append(...rows, remove);
    set.read = () => ({ name, fields: rows.map((row) => row.read()) });
    return set;
  };
  const closeForms = () => {
    by("editor").hidden = true;
    by("forbidding").hidden = true;
    fill("calls", []);
    fill("forbid-calls", []);
  };
  const openEditor = () => {
    closeForms();
    by("editor").hidden = false;
    fill("calls", item.actions.map((action) => callForm(action.name, action.fields)));
    fill("add-tool", state.tools.map((name) => {
      const option = element("option", "", name);
      option.value = name;
      return option;
    }));
    by("editor-reason").value = "";
    const first = by("calls").querySelector("input:not([type=checkbox]):enabled, textarea:enabled, select:enabled") || by("add-tool");
    first.focus();
    by("editor").scrollIntoView({ block: "nearest" });
  };
  const saveEditor = () => decide({
    word: "should_be",
    calls: Array.from(by("calls").children, (set) => set.read()),
    reason: by("editor-reason").value || null,
  });
  const openForbid = () => {
    if (!item.actions.length) return complain("It took no action that could be forbidden.");
    closeForms();
    by("forbidding").hidden = false;
    const choices = item.actions.flatMap((action, index) => [
      [`${index}`, `${action.tool} with these arguments: ${action.text.replace(/\s+/g, " ").slice(0, 200)}`],
      [`${index} any`, `${action.tool} whatever its arguments`],
    ]);
    fill("forbid-calls", choices.map(([value, text], index) => {
      const label = element("label");
      const radio = element("input");
      radio.type = "radio";
      radio.name = "forbid";
      radio.value = value;
      radio.checked = index === 0;
      label.append(radio, element("span", "", text));
      return label;
    }));
    by("forbid-calls").querySelector("input").focus();
    by("forbidding").scrollIntoView({ block: "nearest" });
  };
  const forbid = () => {
    const [index, any] = by("forbidding").elements.namedItem("forbid").value.split(" ");
    return decide({ word: "forbid", forbid: Number(index), any_arguments: any === "any" });
  };

  const found = reviewFound({ by, ask, say, complain, element, fill, lines, step, busy });
  const finish = () => busy(async () => {
    const { done } = await ask("finish", {});
    const report = by("report");
    report.hidden = false;
    const parts = [
      `${done.cases.written.length} cases written, ${done.cases.unchanged.length} stay as they were.`,
      ...done.conflicts.map((one) => `Waits for adjudication: ${one.case}: ${one.why}`),
      ...done.cases.edited.map((one) => `Edited meanwhile, not touched: ${one}`),
      ...done.cases.in_yaml.map((one) => `In YAML, to be edited by hand: ${one.case} (${one.place})`),
      ...found.ended(done.found),
      ...done.left.map((one) => `Not looked at: ${one.place}: ${one.why}`),
      ...done.files.map((name) => `wrote ${name}`),
    ];
    report.textContent = parts.join("\n");
    for (const button of document.querySelectorAll("button")) button.disabled = true;
    say("Written. The review has ended; this page can be closed.");
    report.focus();
  }, true);

  const keys = {
    j: () => busy(() => go(1)), k: () => busy(() => go(-1)), o: () => busy(goOpen), c: () => busy(toggle),
    a: () => decide({ word: "right" }), w: () => decide({ word: "wrong" }), n: () => decide({ word: "nothing" }),
    e: openEditor, f: openForbid, u: undo,
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    const form = !by("editor").hidden ? by("editor") : !by("forbidding").hidden ? by("forbidding") : null;
    if (event.key === "Escape" && form) { closeForms(); by("item").focus(); return event.preventDefault(); }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form === by("editor")) {
      event.preventDefault();
      return saveEditor();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing || form || !item || !by("found").hidden) return undefined;
    const act = keys[event.key];
    if (!act) return undefined;
    event.preventDefault();
    return act();
  });
  by("back").addEventListener("click", keys.k);
  by("next").addEventListener("click", keys.j);
  by("open").addEventListener("click", keys.o);
  by("adjudicate").addEventListener("click", keys.c);
  by("bar").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && item) keys[button.dataset.key]();
  });
  by("editor").addEventListener("submit", (event) => { event.preventDefault(); saveEditor(); });
  by("cancel").addEventListener("click", () => { closeForms(); by("item").focus(); });
  by("forbidding").addEventListener("submit", (event) => { event.preventDefault(); forbid(); });
  by("forbid-cancel").addEventListener("click", () => { closeForms(); by("item").focus(); });
  by("add").addEventListener("click", () => busy(async () => {
    const found = await ask("form", { tool: by("add-tool").value });
    const made = callForm(found.tool, found.fields);
    by("calls").append(made);
    (made.querySelector("input:not([type=checkbox]), textarea, select") || made.querySelector("button")).focus();
  }));
  by("find").addEventListener("submit", (event) => {
    event.preventDefault();
    busy(async () => {
      const { n } = await ask(`find/${encodeURIComponent(by("find-text").value)}`);
      if (n === null) complain("No trajectory has that number or case.");
      else { say(""); await show(n); }
    });
  });
  by("finish").addEventListener("click", finish);
  window.addEventListener("hashchange", () => {
    const n = Number(location.hash.slice(1)) - 1;
    if (item && n !== item.n && n >= 0 && n < state.total) busy(() => show(n));
  });

  busy(async () => {
    state = await ask("state");
    showState();
    if (found.open(state.found, !state.total)) return;
    const wanted = Number(location.hash.slice(1)) - 1;
    const isPlace = location.hash.length > 1 && Number.isInteger(wanted) && wanted >= 0 && wanted < state.total;
    await show(isPlace ? wanted : nextOpen() ?? 0);
  });
})();
