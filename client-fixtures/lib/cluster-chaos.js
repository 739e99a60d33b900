/** Ends connections to Redis again and again, in every way there is; resolves to how many Redis itself has ended. */
export async function breakLines({ redis, nodes }, chance, durationMs) {
  const end = performance.now() + durationMs;
  const lines = nodes.map(({ proxy }) => proxy).filter(Boolean);
  const ways = {
    normal: () => redis.cli('CLIENT', 'KILL', 'TYPE', 'normal'),
    pubsub: () => redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    line: async () => void chance.pick(lines).cut(),
  };
  let killed = 0;
  while (performance.now() < end) {
    await pause(chance.between(20, 200));
    killed += (await ways[chance.weighed({ normal: 1, pubsub: 2, line: lines.length > 0 ? 2 : 0 })]()) ?? 0;
  }
  return killed;
}

export function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
