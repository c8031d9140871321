/**
 * How often a property is tried. `PROPERTY_RUNS=20 npm run test:purge` tries everything twenty times as often, for a night or
 * after a change of the rules; a counterexample says its seed, which goes into `fc.assert(…, { seed, path })`.
 */
export function runs(usual: number): { readonly numRuns: number } {
  const factor = Number(process.env['PROPERTY_RUNS'] ?? 1)
  return { numRuns: Math.max(1, Math.round(usual * factor)) }
}
