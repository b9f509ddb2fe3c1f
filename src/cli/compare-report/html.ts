/** Markup as strings, in which whatever is put in is text unless it is markup already. */

export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | readonly Part[] | undefined;

/** html`<p>${text}</p>` */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((string, i) => string + (i < parts.length ? textOf(parts[i]) : '')).join(''));
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, one => `&#${one.charCodeAt(0)};`);
}
