// Building elements. Text only ever becomes text: nothing here, or anywhere else in Brine, parses a string as HTML.

/** An element with properties, `on…` listeners and children; strings become text, nothing and false are left out. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className = value;
    else if (key === 'value' || key === 'disabled' || key === 'hidden') element[key] = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (Array.isArray(child)) add(element, child);
    else element.append(child);
  }
}

/** A button that cannot be pressed twice: it stays disabled until what it started has ended. */
export function button(label, action, properties = {}) {
  const element = el('button', { type: 'button', ...properties }, label);
  element.addEventListener('click', async () => {
    if (element.disabled) return;
    element.disabled = true;
    try {
      await action(element);
    } finally {
      element.disabled = false;
    }
  });
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Tells people who use a screen reader; the same words twice are told once. */
export function announce(text) {
  const live = byId('live');
  if (live && live.textContent !== text) live.textContent = text;
}

/** "1 scenario", "3 scenarios". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Shows a choice in a list, also one that can no longer be made: it stays until the person makes another. */
export function choose(select, value) {
  const wanted = value ?? '';
  if (![...select.options].some((option) => option.value === wanted)) {
    select.append(el('option', { value: wanted }, `${wanted} (no longer there)`));
  }
  select.value = wanted;
}
