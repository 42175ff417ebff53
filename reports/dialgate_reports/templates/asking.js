// What the review pages share: asking their own server, and saying what came of it.
"use strict";
const asking = (kept) => {
  const by = (id) => document.getElementById(id);
  const say = (text) => { by("said").textContent = text; by("problem").textContent = ""; };
  const complain = (text) => { by("problem").textContent = text; };
  const ask = async (path, document_) => {
    const options = document_ === undefined ? {} : {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(document_),
    };
    let answer;
    try {
      answer = await fetch(path, { ...options, credentials: "omit" });
    } catch {
      throw new Error(`The server doesn't answer: it ended, or was stopped. What was shown as ${kept} is on disk.`);
    }
    let found = {};
    try { found = await answer.json(); } catch { /* no words with it */ }
    if (answer.ok) return found;
    const problem = new Error(found.why || `The server refused it (${answer.status}).`);
    problem.status = answer.status;
    throw problem;
  };
  return { by, say, complain, ask };
};
