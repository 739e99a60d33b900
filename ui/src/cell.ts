/** A value that tells when it is replaced. */
import { useLayoutEffect, useReducer } from 'preact/hooks';

export class Cell<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Renders again whenever the cell is replaced. */
export function useCell<T>(cell: Cell<T>): T {
  const [, again] = useReducer((count: number, _: void) => count + 1, 0);
  const seen = cell.value;
  useLayoutEffect(() => {
    // It may have been replaced between the rendering and this subscription.
    if (cell.value !== seen) again();
    return cell.subscribe(() => again());
  }, [cell]);
  return seen;
}
