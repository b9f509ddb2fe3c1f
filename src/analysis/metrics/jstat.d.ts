/** What is used of jstat, which has no types. */
declare module 'jstat' {
  const jstat: {
    normal: { inv(probability: number, mean: number, deviation: number): number };
    studentt: { inv(probability: number, degrees: number): number };
    chisquare: { cdf(value: number, degrees: number): number };
  };
  export default jstat;
}
