/** Reads comma-separated values as RFC 4180 writes them; also with semicolons or tabs, as spreadsheets do. */

const SEPARATORS = [',', ';', '\t'];

export function rowsOf(text: string): string[][] {
  const clean = text.replace(/^\uFEFF/, '');
  return new Reader(clean, separatorOf(clean)).rows().filter((row) => row.some((cell) => cell.trim() !== ''));
}

/** The separator that the first line has most of, outside quotes. */
function separatorOf(text: string): string {
  const line = text.slice(0, lineEnd(text)).replace(/"[^"]*"/g, '');
  const counted = SEPARATORS.map((separator) => ({ separator, count: line.split(separator).length }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).separator;
}

function lineEnd(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && (text[at] === '\n' || text[at] === '\r')) return at;
  }
  return text.length;
}

class Reader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly separator: string,
  ) {}

  rows(): string[][] {
    const rows: string[][] = [];
    while (this.#at < this.text.length) rows.push(this.#row());
    return rows;
  }

  #row(): string[] {
    const cells = [this.#cell()];
    while (this.text[this.#at] === this.separator) {
      this.#at += 1;
      cells.push(this.#cell());
    }
    if (this.text[this.#at] === '\r') this.#at += 1;
    if (this.text[this.#at] === '\n') this.#at += 1;
    return cells;
  }

  #cell(): string {
    return this.text[this.#at] === '"' ? this.#quoted() : this.#plain();
  }

  #plain(): string {
    const from = this.#at;
    while (this.#at < this.text.length && !this.#ends(this.text[this.#at]!)) this.#at += 1;
    return this.text.slice(from, this.#at);
  }

  #quoted(): string {
    let value = '';
    this.#at += 1;
    for (;;) {
      const end = this.text.indexOf('"', this.#at);
      // A quote that nobody closes takes the rest.
      if (end < 0) return value + this.#rest();
      value += this.text.slice(this.#at, end);
      this.#at = end + 1;
      if (this.text[this.#at] !== '"') return value + this.#plain();
      value += '"';
      this.#at += 1;
    }
  }

  #rest(): string {
    const rest = this.text.slice(this.#at);
    this.#at = this.text.length;
    return rest;
  }

  #ends(character: string): boolean {
    return character === this.separator || character === '\n' || character === '\r';
  }
}
