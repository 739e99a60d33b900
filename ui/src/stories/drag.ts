/**
 * Moving a row of a list by its grip, with mouse, pen or finger. The row follows the pointer, the others make room, and
 * only the drop is told. Escape puts everything back.
 */
import { useCallback, useRef } from 'preact/hooks';

type Dropped = (from: number, to: number) => void;

export function useDrag(list: { current: HTMLElement | null }, onDrop: Dropped): (event: PointerEvent, index: number) => void {
  const dropped = useRef(onDrop);
  dropped.current = onDrop;
  return useCallback((event: PointerEvent, index: number) => {
    if (event.button !== 0 || !list.current) return;
    event.preventDefault();
    new Drag(list.current, event, index, (from, to) => dropped.current(from, to)).begin();
  }, []);
}

class Drag {
  readonly #rows: HTMLElement[];
  readonly #boxes: DOMRect[];
  readonly #startY: number;
  #to: number;

  constructor(
    private readonly list: HTMLElement,
    private readonly start: PointerEvent,
    private readonly from: number,
    private readonly onDrop: Dropped,
  ) {
    this.#rows = [...list.children] as HTMLElement[];
    this.#boxes = this.#rows.map((row) => row.getBoundingClientRect());
    this.#startY = start.clientY;
    this.#to = from;
  }

  begin(): void {
    this.list.classList.add('sorting');
    this.#rows[this.from]?.classList.add('dragged');
    (this.start.target as HTMLElement).setPointerCapture(this.start.pointerId);
    addEventListener('pointermove', this.#move);
    addEventListener('pointerup', this.#up);
    addEventListener('pointercancel', this.#cancel);
    addEventListener('keydown', this.#key);
  }

  readonly #move = (event: PointerEvent): void => {
    const by = event.clientY - this.#startY;
    const box = this.#boxes[this.from]!;
    const middle = box.top + box.height / 2 + by;
    this.#to = this.#boxes.filter(({ top, height }, index) => index !== this.from && top + height / 2 < middle).length;
    this.#rows.forEach((row, index) => row.style.setProperty('--shift', `${this.#shift(index, by)}px`));
  };

  #shift(index: number, by: number): number {
    const height = this.#boxes[this.from]!.height;
    if (index === this.from) return by;
    if (index > this.from && index <= this.#to) return -height;
    return index < this.from && index >= this.#to ? height : 0;
  }

  readonly #up = (): void => {
    const to = this.#to;
    this.#end();
    if (to !== this.from) this.onDrop(this.from, to);
  };

  readonly #cancel = (): void => this.#end();

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.#end();
  };

  #end(): void {
    this.list.classList.remove('sorting');
    this.#rows.forEach((row) => {
      row.classList.remove('dragged');
      row.style.removeProperty('--shift');
    });
    removeEventListener('pointermove', this.#move);
    removeEventListener('pointerup', this.#up);
    removeEventListener('pointercancel', this.#cancel);
    removeEventListener('keydown', this.#key);
  }
}
