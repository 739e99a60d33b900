const NUMERIC = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const AGREED = 0.8;

/** What the revealed votes amount to: `{consensus, statistics?}`. */
export function evaluate(votes) {
  // The keys come in the order that breaks ties: small integers ascending, then the others as they were added.
  const distribution = Object.create(null);
  for (const { value } of votes) distribution[value] = (distribution[value] ?? 0) + 1;
  const [value, count] = Object.entries(distribution).reduce((best, next) => (next[1] > best[1] ? next : best));
  const agreement = count / votes.length;
  const numbers = votes.map((vote) => vote.value).filter((text) => NUMERIC.test(text)).map(Number).filter(Number.isFinite);
  const average = numbers.length > 0 ? mean(numbers) : undefined;
  const deviation = numbers.length > 0 ? Math.sqrt(mean(numbers.map((number) => (number - average) ** 2))) : undefined;
  const consensus = {
    hasConsensus: agreement >= AGREED,
    suggestedValue: value,
    averageValue: average,
    deviation,
    value,
    agreement,
    average,
    distribution,
    totalVotes: votes.length,
  };
  return { consensus, statistics: numbers.length > 0 ? statistics(numbers, deviation, votes) : undefined };
}

function statistics(numbers, standardDeviation, votes) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const confidences = votes.map(({ confidence }) => confidence).filter((confidence) => confidence !== undefined);
  return {
    min: sorted[0],
    max: sorted.at(-1),
    median: sorted[Math.floor(sorted.length / 2)],
    standardDeviation,
    confidenceAverage: confidences.length > 0 ? mean(confidences) : 0,
  };
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
