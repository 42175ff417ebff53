// The case explorer. The page is readable without it; text goes in as text, never as markup.
"use strict";
(() => {
  const rows = Array.from(document.querySelectorAll("#cases > li"));
  const controls = document.getElementById("controls");
  const count = document.getElementById("count");
  if (!controls || !rows.length) return;
  const field = (name) => controls.elements.namedItem(name);
  const cases = rows.map((row) => ({
    row,
    details: row.querySelector("details"),
    id: row.dataset.case,
    move: row.dataset.move,
    origin: row.dataset.origin,
    marks: row.dataset.marks.split(" "),
    classes: JSON.parse(row.dataset.classes),
    tags: JSON.parse(row.dataset.tags),
    words: null,
  }));

  const words = (item) => {
    item.words ??= `${item.row.textContent} ${item.tags.join(" ")} ${item.classes.join(" ")}`.toLowerCase();
    return item.words;
  };

  const filter = () => {
    const asked = Object.fromEntries(
      ["move", "class", "tag", "origin"].map((name) => [name, field(name).value]));
    const search = field("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of cases) {
      const fits = (!asked.move || item.move === asked.move)
        && (!asked.class || item.classes.includes(asked.class))
        && (!asked.tag || item.tags.includes(asked.tag))
        && (!asked.origin || item.origin === asked.origin)
        && ["silent", "critical"].every((mark) => !field(mark).checked || item.marks.includes(mark))
        && search.every((word) => words(item).includes(word));
      item.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${cases.length} cases`;
  };

  // Trajectories: one compressed block holds a few cases and is opened once.
  const blocks = new Map();
  const openBlock = (number) => {
    if (!blocks.has(number)) blocks.set(number, unpack(number));
    return blocks.get(number);
  };
  const unpack = async (number) => {
    const text = document.getElementById(`block-${number}`).textContent;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const step = (found) => {
    const item = element("li", `${found.role === "call" ? "call" : ""}${found.differs ? " differs" : ""}${found.error ? " error" : ""}`);
    const who = found.role === "call" ? `calls ${found.tool}` : found.role;
    const mark = `${found.error ? " (error)" : ""}${found.differs ? " – differs" : ""}`;
    item.append(element("div", "who", who + mark));
    if (found.role === "call" || found.role === "tool") item.append(scrolled(found.text, who));
    else item.append(element("div", "text", found.text));
    return item;
  };
  const scrolled = (text, label) => {
    const made = element("pre", "", text);
    made.tabIndex = 0;
    made.setAttribute("role", "region");
    made.setAttribute("aria-label", label);
    return made;
  };
  const steps = (list) => {
    const made = element("ol", "steps");
    made.append(...list.map(step));
    return made;
  };
  const column = (name, side, from) => {
    const made = element("section");
    made.append(element("h3", "", side ? `${name}, trial ${side.trial}` : name));
    if (!side) made.append(element("p", "soft", "No trajectory on record."));
    else if (side.steps.length > from) made.append(steps(side.steps.slice(from)));
    else made.append(element("p", "soft", "Nothing more."));
    return made;
  };
  const draw = (place, found) => {
    const whole = found.baseline && found.candidate
      && found.same === found.baseline.steps.length && found.same === found.candidate.steps.length;
    if (found.same) {
      const fold = element("details");
      fold.open = whole;
      fold.append(element("summary", "", whole
        ? "Both sides did the same"
        : `Both sides begin with the same ${found.same === 1 ? "step" : `${found.same} steps`}`));
      fold.append(steps((found.baseline || found.candidate).steps.slice(0, found.same)));
      place.append(fold);
    }
    if (!whole) {
      const sides = element("div", "sides");
      sides.append(column("Baseline", found.baseline, found.same));
      sides.append(column("Candidate", found.candidate, found.same));
      place.append(sides);
      const first = sides.querySelector(".differs");
      if (first) place.prepend(jump(first));
    }
  };
  const jump = (target) => {
    const made = element("button", "", "Go to the first call that differs");
    made.type = "button";
    target.tabIndex = -1;
    made.addEventListener("click", () => {
      target.focus();
      target.scrollIntoView({ block: "center" });
    });
    return made;
  };
  const load = async (item) => {
    const place = item.row.querySelector(".trajectories");
    if (!place || place.dataset.state) return;
    place.dataset.state = "loading";
    try {
      draw(place, (await openBlock(Number(place.dataset.block)))[item.id]);
      place.dataset.state = "shown";
    } catch (problem) {
      place.append(element("p", "fail", `The trajectories can't be shown: ${problem.message}`));
      place.dataset.state = "failed";
    }
  };

  const visible = () => cases.filter((item) => !item.row.hidden);
  const head = (item) => item.row.querySelector("summary");
  const current = () => cases.find((item) => item.row.contains(document.activeElement));
  const go = (way) => {
    const listed = visible();
    const at = listed.indexOf(current());
    const next = listed[at < 0 ? 0 : Math.min(Math.max(at + way, 0), listed.length - 1)];
    if (next) head(next).focus();
  };
  const follow = () => {
    let id;
    try { id = decodeURIComponent(location.hash.replace(/^#case=/, "")); } catch { return; }
    const item = location.hash.startsWith("#case=") && cases.find((one) => one.id === id);
    if (!item) return;
    if (item.row.hidden) { controls.reset(); filter(); }
    item.details.open = true;
    head(item).focus();
    item.row.scrollIntoView({ block: "start" });
  };

  for (const item of cases) {
    item.details.addEventListener("toggle", () => {
      if (!item.details.open) return;
      load(item);
      history.replaceState(null, "", `#case=${encodeURIComponent(item.id)}`);
    });
  }
  controls.addEventListener("input", filter);
  controls.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = field("search");
    const inField = event.target.matches("input, select");
    const item = current();
    if (event.key === "Escape" && event.target === search) {
      search.value = "";
      search.blur();
      filter();
    } else if (event.key === "Escape" && item) {
      item.details.open = false;
      head(item).focus();
    } else if (event.key === "ArrowDown" && event.target === search) {
      event.preventDefault();
      go(1);
    } else if (!inField && item && event.target === head(item) && /^Arrow(Down|Up)$/.test(event.key)) {
      event.preventDefault();
      go(event.key === "ArrowDown" ? 1 : -1);
    } else if (!inField && field("keys").checked && event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (!inField && field("keys").checked && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      go(event.key === "j" ? 1 : -1);
    }
  });

  document.getElementById("no-script").hidden = true;
  controls.hidden = false;
  filter();
  follow();
  // The browser goes to the link's place itself once the page is there, and takes the focus away.
  window.addEventListener("load", () => requestAnimationFrame(follow));
  document.documentElement.dataset.ready = "yes";
})();
