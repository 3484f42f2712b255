
"use strict";
// The page works without this. With it the components can be searched, sorted and opened, and long parts unfolded.
// Names of packages are strangers' words: they are only ever put in as text.
(() => {
  const PAGE = 50;
  const PRINTED = 2000;
  const [HIDDEN, DEV, OPTIONAL, DECLARED, OWN, ASKED] = [1, 2, 4, 8, 16, 32];
  const byId = (id) => document.getElementById(id);
  const write = (count) => count.toLocaleString("en-US");

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // --- theme ---------------------------------------------------------------

  const themeButton = byId("theme");
  const wantsDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (wantsDark.matches ? "dark" : "light")) === "dark";
  const showTheme = () => {
    themeButton.textContent = "Dark";
    themeButton.setAttribute("aria-pressed", String(isDark()));
  };
  themeButton.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    // A page opened from a file may have no store; then the choice lasts as long as the page.
    try { localStorage.setItem("packlist-theme", theme); } catch { }
    showTheme();
  });
  wantsDark.addEventListener("change", showTheme);
  showTheme();

  // --- what is unfolded on demand ------------------------------------------

  const unfold = (rest) => {
    const template = document.createElement("template");
    // Markup that packlist wrote itself, its strangers' words escaped.
    template.innerHTML = byId(rest.dataset.part).textContent;
    const first = template.content.firstElementChild;
    if (rest.classList.contains("rows")) rest.parentElement.querySelector("tbody").append(template.content);
    else rest.replaceWith(template.content);
    rest.remove();
    return first;
  };
  for (const rest of document.querySelectorAll(".rest")) {
    rest.querySelector("button").addEventListener("click", () => {
      const first = unfold(rest);
      const target = first?.querySelector("summary, a") ?? first;
      target?.focus();
    });
  }

  // --- components ----------------------------------------------------------

  const data = JSON.parse(byId("data").textContent);
  const count = data.name.length;
  const table = byId("components-table");
  const body = table.tBodies[0];
  const query = byId("query");
  const choices = ["ecosystem", "class", "layer", "finding"].map(byId).filter(Boolean);
  const severities = ["deny", "warn", "info", "waived", "known"];
  const license = (index) => data.licenses[data.license[index]];
  const worst = (index) => {
    const ranks = (data.findings[index] ?? []).map((finding) => severities.indexOf(data.severity[finding]));
    return ranks.length ? Math.min(...ranks) : severities.length;
  };
  const findingsOf = (index) => data.findings[index] ?? [];

  const columns = [
    { title: "Name", key: (index) => data.name[index].toLowerCase() },
    { title: "Version", key: (index) => data.version[index] },
    { title: "Ecosystem", key: (index) => data.ecosystems[data.ecosystem[index]] },
    { title: "Licence", key: (index) => license(index).toLowerCase() },
  ];
  if (data.layers.length) columns.push({ title: "Layer", number: true, key: (index) => data.layer[index] });
  if (data.severity.length) columns.push({ title: "Findings", key: worst });

  const words = Array.from({ length: count }, (_, index) =>
    `${data.name[index]} ${data.version[index]} ${data.reference[index]} ${license(index)}`.toLowerCase());
  let sorted = { column: 0, down: false };
  let order = Array.from({ length: count }, (_, index) => index);
  let found = order;
  let page = 0;
  const opened = new Set();

  const sort = () => {
    const keys = order.map(() => null);
    const { key } = columns[sorted.column];
    for (let index = 0; index < count; index += 1) keys[index] = key(index);
    const sign = sorted.down ? -1 : 1;
    const compare = (one, other) => (keys[one] < keys[other] ? -sign : keys[one] > keys[other] ? sign : one - other);
    order = order.sort(compare);
  };

  const filter = () => {
    const terms = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [ecosystem, kind, layer, finding] = ["ecosystem", "class", "layer", "finding"].map((id) => byId(id)?.value ?? "");
    const hasFinding = (index) => {
      const all = findingsOf(index);
      if (finding === "any") return all.length > 0;
      if (finding === "none") return all.length === 0;
      return all.some((number) => data.severity[number] === finding);
    };
    found = order.filter((index) =>
      (ecosystem === "" || data.ecosystem[index] === Number(ecosystem))
      && (kind === "" || data.class[index] === Number(kind))
      && (layer === "" || data.layer[index] === Number(layer))
      && (finding === "" || hasFinding(index))
      && terms.every((term) => words[index].includes(term)));
  };

  const flagWords = (index) => {
    const flags = data.flags[index];
    const said = [[HIDDEN, "in a lower layer only"], [DEV, "for development"], [OPTIONAL, "optional"], [DECLARED, "declared, not installed"], [OWN, "first party"], [ASKED, "asked for by name"]];
    return said.filter(([flag]) => flags & flag).map(([, word]) => word);
  };

  const shortName = (index) => `${data.name[index]} ${data.version[index]}`.trim();
  const componentLink = (index) => element("a", { href: `#component-${index}` }, shortName(index));

  const way = (index) => {
    if (data.via[index] === -2) return null;
    const steps = [];
    const seen = new Set();
    for (let at = index; at >= 0 && !seen.has(at); at = data.via[at]) {
      seen.add(at);
      steps.unshift(at === index ? shortName(at) : componentLink(at));
    }
    const list = element("ol", { class: "way" });
    for (const step of [data.subject, ...steps]) list.append(element("li", {}, step));
    return list;
  };

  let neededBy = null;
  const needers = (index) => {
    if (!neededBy) {
      neededBy = new Map();
      data.needs.forEach((needs, from) => needs?.forEach((to) => {
        if (!neededBy.has(to)) neededBy.set(to, []);
        neededBy.get(to).push(from);
      }));
    }
    return neededBy.get(index) ?? [];
  };

  const links = (indices) => {
    const MOST = 20;
    const shown = indices.slice(0, MOST).flatMap((index, place) => (place ? [", ", componentLink(index)] : [componentLink(index)]));
    if (indices.length > MOST) shown.push(` and ${write(indices.length - MOST)} more`);
    return shown;
  };

  const details = (index) => {
    const list = element("dl");
    const row = (label, ...values) => list.append(element("dt", {}, label), element("dd", {}, ...values));
    const path = way(index);
    if (path) row("Pulled in by", path);
    row("Reference", element("code", {}, data.reference[index]));
    if (data.about[index]) row("About", data.about[index]);
    const flags = flagWords(index);
    if (flags.length) row("Is", flags.join(", "));
    row("Licence class", data.classes[data.class[index]]);
    if (data.layer[index] >= 0) row("Layer", data.layers[data.layer[index]]);
    const places = data.places[index];
    for (let at = 0; at < places.length; at += 2) {
      row(at ? "" : "Found in", element("code", {}, data.paths[places[at]] + (places[at + 1] ? `:${places[at + 1]}` : "")));
    }
    if (data.support[index]) row("Support", data.support[index]);
    const from = needers(index);
    if (from.length) row("Needed by", ...links(from));
    const needs = data.needs[index];
    if (needs) row("Needs", ...(needs.length ? links(needs) : ["nothing"]));
    const page = data.page[index];
    if (page && /^https?:\/\//i.test(page)) row("Home", element("a", { href: page, rel: "noopener noreferrer" }, page));
    const about = findingsOf(index);
    about.slice(0, 20).forEach((number, place) => {
      row(place ? "" : "Findings", element("a", { href: `#finding-${number}` }, `${data.severity[number]}: finding ${number}`));
    });
    return element("tr", { class: "more", id: `more-${index}` }, element("td", { colspan: columns.length }, list));
  };

  const badge = (index) => {
    const all = findingsOf(index);
    if (!all.length) return "";
    const state = severities[worst(index)];
    const more = all.length > 1 ? ` +${all.length - 1}` : "";
    return element("a", { class: `mark ${state}`, href: `#finding-${all.find((number) => data.severity[number] === state)}` }, state + more);
  };

  const row = (index) => {
    const isOpen = opened.has(index);
    const button = element("button", { type: "button", "aria-expanded": isOpen }, data.name[index]);
    const gone = data.flags[index] & HIDDEN;
    const made = element("tr", { id: `component-${index}`, class: `${isOpen ? "open" : ""} ${gone ? "gone" : ""}` }, element("th", { scope: "row" }, button));
    const cell = (label, value, kind) => made.append(element("td", kind ? { "data-label": label, class: kind } : { "data-label": label }, value));
    cell("Version", data.version[index]);
    cell("Ecosystem", data.ecosystems[data.ecosystem[index]]);
    cell("Licence", license(index));
    if (data.layers.length) cell("Layer", data.layer[index] < 0 ? "" : String(data.layer[index]));
    if (data.severity.length) cell("Findings", badge(index));
    button.addEventListener("click", () => {
      if (opened.has(index)) {
        opened.delete(index);
        byId(`more-${index}`)?.remove();
      } else {
        opened.add(index);
        made.after(details(index));
      }
      made.classList.toggle("open", opened.has(index));
      button.setAttribute("aria-expanded", opened.has(index));
    });
    return isOpen ? [made, details(index)] : [made];
  };

  const show = (from = page * PAGE, to = from + PAGE) => {
    body.replaceChildren(...found.slice(from, to).flatMap(row));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    byId("page").textContent = `Page ${write(page + 1)} of ${write(pages)}`;
    byId("previous").disabled = page === 0;
    byId("next").disabled = page + 1 >= pages;
    const what = found.length === count ? `${write(count)} components` : `${write(found.length)} of ${write(count)} components`;
    const range = found.length > PAGE ? `, ${write(from + 1)} to ${write(Math.min(to, found.length))} shown` : "";
    byId("count").textContent = found.length ? what + range : `none of ${write(count)} components fits`;
  };

  const search = () => { page = 0; filter(); show(); };

  const head = table.tHead.rows[0];
  const showSort = () => [...head.cells].forEach((cell, index) =>
    cell.setAttribute("aria-sort", index !== sorted.column ? "none" : sorted.down ? "descending" : "ascending"));
  columns.forEach((column, index) => {
    const button = element("button", { type: "button" }, column.title);
    button.addEventListener("click", () => {
      sorted = { column: index, down: sorted.column === index && !sorted.down };
      sort();
      showSort();
      search();
    });
    head.append(element("th", { scope: "col" }, button));
  });

  const fill = (id, options) => {
    const select = byId(id);
    if (!select) return;
    if (options.length < 2) select.closest("p").hidden = true;
    for (const [value, label] of options) select.append(element("option", { value }, label));
  };
  const tally = (column) => {
    const sums = new Map();
    for (const value of column) sums.set(value, (sums.get(value) ?? 0) + 1);
    return sums;
  };
  const counted = (column, names) => {
    const sums = tally(column);
    return names.map((name, value) => [value, `${name} (${write(sums.get(value) ?? 0)})`]).filter(([value]) => sums.has(value));
  };
  fill("ecosystem", counted(data.ecosystem, data.ecosystems));
  fill("class", counted(data.class, data.classes));
  fill("layer", counted(data.layer, data.layers));
  const severitiesThere = severities.filter((severity) => data.severity.includes(severity));
  fill("finding", data.severity.length ? [["any", "any"], ...severitiesThere.map((severity) => [severity, severity]), ["none", "none"]] : []);

  query.addEventListener("input", search);
  for (const select of choices) select.addEventListener("change", search);
  const tools = byId("tools");
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(search));
  const turn = (step) => {
    page += step;
    show();
    table.scrollIntoView({ block: "start" });
  };
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  sort();
  showSort();
  search();

  // --- addresses inside the page -------------------------------------------

  const openAround = (target) => {
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };

  const goToComponent = (index) => {
    if (!(index < count)) return;
    if (!found.includes(index)) {
      for (const field of [query, ...choices]) field.value = "";
      filter();
    }
    opened.add(index);
    page = Math.floor(found.indexOf(index) / PAGE);
    show();
    const target = byId(`component-${index}`);
    target.scrollIntoView({ block: "center" });
    target.querySelector("button").focus({ preventScroll: true });
  };

  const goToFinding = (number) => {
    for (const rest of document.querySelectorAll(".rest[data-from]")) {
      if (number >= Number(rest.dataset.from) && number < Number(rest.dataset.to)) unfold(rest);
    }
    const target = byId(`finding-${number}`);
    if (!target) return;
    openAround(target);
    target.scrollIntoView({ block: "center" });
    target.querySelector("summary")?.focus({ preventScroll: true });
  };

  const follow = () => {
    const [, kind, number] = /^#(component|finding)-(\d+)$/.exec(location.hash) ?? [];
    if (kind === "component") goToComponent(Number(number));
    else if (kind === "finding") goToFinding(Number(number));
    else if (location.hash.length > 1) {
      const target = byId(decodeURIComponent(location.hash.slice(1)));
      if (target) {
        openAround(target);
        target.scrollIntoView();
      }
    }
  };
  addEventListener("hashchange", follow);
  // A second click on the same address changes nothing, and yet one wants to get there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow();
  });
  follow();

  // --- paper ---------------------------------------------------------------

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
    show(0, PRINTED);
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
    show();
  });
})();
