// Shows the decisions of one role, and opens a suite that a link leads to. The page needs no script.
"use strict";
(() => {
  const items = [...document.querySelectorAll(".needs > li")];
  const more = document.getElementById("more");
  const buttons = [];
  const show = (role) => {
    for (const item of items) item.hidden = role !== "" && item.dataset.role !== role;
    if (more && role !== "") more.open = true;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.role === role));
  };
  const make = (role, label) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.role = role;
    button.append(...label);
    button.addEventListener("click", () => show(role));
    buttons.push(button);
    return button;
  };
  const roles = document.getElementById("roles");
  if (roles) {
    for (const span of roles.querySelectorAll(".role"))
      span.replaceWith(make(span.dataset.role, [...span.childNodes]));
    roles.prepend(make("", ["everybody"]));
    show("");
  }
  const quiet = document.getElementById("quiet");
  if (quiet && matchMedia("(min-width: 44rem)").matches) quiet.open = true;
  const open = () => {
    const found = document.getElementById(location.hash.slice(1));
    if (found && found.matches("details")) found.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
