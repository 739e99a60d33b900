/** What this browser keeps. Where it may keep nothing - blocked, full, private - the page still remembers until it is closed. */
const PREFIX = 'roundtable:';
const memory = new Map<string, string>();

export function keep(name: string, text: string | undefined): void {
  const key = PREFIX + name;
  if (text === undefined) memory.delete(key);
  else memory.set(key, text);
  try {
    if (text === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // The memory has it.
  }
}

export function kept(name: string): string | undefined {
  const key = PREFIX + name;
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return memory.get(key);
  }
}

/** The names of what is kept that begin with `start`. */
export function keptNames(start: string): string[] {
  return allKeys()
    .filter((key) => key.startsWith(PREFIX + start))
    .map((key) => key.slice(PREFIX.length));
}

/** Calls back with the name of what another tab changed, or with nothing if it threw everything away. */
export function onKept(changed: (name: string | undefined) => void): () => void {
  const listener = ({ key }: StorageEvent) => {
    if (key === null) changed(undefined);
    else if (key.startsWith(PREFIX)) changed(key.slice(PREFIX.length));
  };
  addEventListener('storage', listener);
  return () => removeEventListener('storage', listener);
}

function allKeys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [...memory.keys()];
  }
}
