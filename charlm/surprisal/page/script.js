// Colours the blocks of the text that are in sight, tells values on hover, and leads to places.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const INFINITE = 0xffff;

function decode(text, Type) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return new Type(bytes.buffer);
}

const bits = data.bits.map(text => decode(text, Uint16Array));
const lengths = data.lengths && decode(data.lengths, Uint16Array);
const unknown = data.unknown && decode(data.unknown, Uint8Array);
const isUnknown = cell => unknown !== null && (unknown[cell >> 3] >> (cell & 7)) & 1;
const blocks = [...document.querySelectorAll("main pre")];
const starts = blocks.map(block => Number(block.dataset.cell));

const bitsOf = (model, cell) =>
  bits[model][cell] === INFINITE ? Infinity : bits[model][cell] / data.steps;

function value(cell) {
  if (bits.length === 1) return bitsOf(0, cell);
  const difference = bitsOf(0, cell) - bitsOf(1, cell);
  return Number.isNaN(difference) ? 0 : difference;
}

function colour(cell) {
  const place = Math.floor((value(cell) - data.low) / data.width);
  return "c" + Math.max(0, Math.min(data.classes - 1, place));
}

// A block keeps its text; coloured, it has an element for each cell, and a number for each line.
function paint(block) {
  if (block.text !== undefined) return;
  const text = block.text = block.textContent;
  const coloured = document.createDocumentFragment();
  let cell = Number(block.dataset.cell), line = Number(block.dataset.line);
  const before = block.previousElementSibling;
  if (!before || endsLine(before)) number(coloured, line);
  for (let at = 0; at < text.length; cell++) {
    const length = lengths ? lengths[cell] : 1;
    const element = document.createElement("i");
    element.textContent = text.substr(at, length);
    element.className = colour(cell);
    if (isUnknown(cell)) element.classList.add("unknown");
    coloured.append(element);
    at += length;
    if (element.textContent === "\n") element.classList.add("end");
    if (element.textContent.endsWith("\n") && at < text.length) number(coloured, ++line);
  }
  block.replaceChildren(coloured);
}

function number(coloured, line) {
  const element = document.createElement("u");
  element.dataset.line = line;
  coloured.append(element);
}

const endsLine = block => (block.text ?? block.textContent).endsWith("\n");

function strip(block) {
  if (block.text === undefined) return;
  block.textContent = block.text;
  delete block.text;
}

const sight = new IntersectionObserver(
  entries => entries.forEach(entry => (entry.isIntersecting ? paint : strip)(entry.target)),
  { rootMargin: "1200px 0px" },
);
blocks.forEach(block => sight.observe(block));

function blockOf(cell) {
  let low = 0, high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= cell) low = middle; else high = middle;
  }
  return blocks[low];
}

function go(cell) {
  const block = blockOf(cell);
  block.scrollIntoView();
  requestAnimationFrame(() => {
    paint(block);
    const element = block.getElementsByTagName("i")[cell - Number(block.dataset.cell)];
    element.scrollIntoView({ block: "center" });
    element.classList.add("here");
    setTimeout(() => element.classList.remove("here"), 4000);
  });
}

document.addEventListener("click", event => {
  const target = event.target.closest("[data-go]");
  if (target) go(Number(target.dataset.go));
});

const tip = document.getElementById("tip");
const NAMES = { " ": "space", "\n": "line end", "\t": "tab" };

function told(own) {
  if (Math.abs(own) === Infinity) return "infinitely many bits";
  return own.toFixed(Math.max(0, Math.round(Math.log10(data.steps)))) + " bits";
}

function chances(own) {
  const number = 2 ** own;
  if (number < 10) return number.toFixed(1);
  return number < 1e6 ? Math.round(number).toLocaleString("en") : number.toExponential(1);
}

function tell(element) {
  const block = element.parentElement;
  const place = Array.prototype.indexOf.call(block.getElementsByTagName("i"), element);
  const cell = Number(block.dataset.cell) + place;
  const name = document.createElement("b");
  name.textContent = NAMES[element.textContent] ?? element.textContent;
  const lines = bits.map((_, model) => {
    const own = bitsOf(model, cell);
    if (bits.length > 1) return data.models[model] + "  " + told(own);
    return told(own) + (own < 1 || own > 1000 ? "" : ", 1 in " + chances(own));
  });
  if (bits.length > 1) lines.push("difference  " + told(value(cell)));
  if (isUnknown(cell)) lines.push("unknown to the model");
  tip.replaceChildren(name, (bits.length > 1 ? "\n" : "  ") + lines.join("\n"));
}

document.addEventListener("mousemove", event => {
  const element = event.target.closest("main i");
  tip.hidden = !element;
  if (!element) return;
  tell(element);
  const right = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 20 + tip.offsetHeight < innerHeight;
  tip.style.left = right + "px";
  tip.style.top = (below ? event.clientY + 20 : event.clientY - 12 - tip.offsetHeight) + "px";
});
