// The line of selfloop/cells that makes a number.

/** @import { Code } from "./types.js" */

/**
 * @param {Code} code
 * @param {string} symbol
 */
export function codeLine(code, symbol) {
  const at = code.lines.findIndex((line) => line.symbol === symbol);
  return at < 0 ? null : { text: code.lines[at].text.trim(), place: `selfloop/${code.file}:${code.line + at}` };
}
