// Elements in one line.

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string | number | boolean | undefined>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children);
  return element;
}

/**
 * Writes an attribute only where it changes.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | undefined} value
 */
export function set(element, name, value) {
  const text = value === undefined || value === false ? null : value === true ? "" : String(value);
  if (element.getAttribute(name) === text) return;
  if (text === null) element.removeAttribute(name);
  else element.setAttribute(name, text);
}

/**
 * @param {Element} element
 * @param {string} words
 */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/**
 * Children, replaced only where the list of keys changes.
 * @param {Element} parent
 * @param {string} key
 * @param {() => Node[]} make
 */
export function fill(parent, key, make) {
  if (parent.getAttribute("data-made") === key) return false;
  parent.setAttribute("data-made", key);
  parent.replaceChildren(...make());
  return true;
}

/**
 * HTML of selfloop's own table of cells, as nodes.
 * @param {string} html
 * @returns {Node[]}
 */
export function fragment(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.childNodes];
}
