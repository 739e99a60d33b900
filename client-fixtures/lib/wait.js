/** How long a healthy server on a busy two-core machine may take for anything it does at once. */
export const PATIENCE_MS = 8_000;

export function within(promise, what, deadlineMs = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * For results that nobody announces (an HTTP answer that changes, a process that ends): asks again until
 * `probe` answers something truthy.
 */
export async function until(probe, what, deadlineMs = PATIENCE_MS) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
